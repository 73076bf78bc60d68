"""The learner's copy of a C program: edited in the user's editor, compiled and run, and its output shown."""

import asyncio
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from textual.app import SuspendNotSupported
from textual.screen import Screen

from mmexplorer.labs.interfaces import LabStage, OwnProgram
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.protocol import LabReply
from mmexplorer.present.labs.own_program import own_program_lines
from mmexplorer.ui.widgets.text_box import TextBox

_WIDTH = 100
_EDITORS = ("sensible-editor", "nano", "vim", "vi")


class OwnPrograms:
    """Keeps one copy per program, removed with the screen. Owned by the screen."""

    def __init__(self, stage: LabStage, screen: Screen[None]) -> None:
        self._stage = stage
        self._screen = screen
        self._programs: dict[str, OwnProgram] = {}

    async def edit(self, lab: Lab) -> str:
        """Let the user edit the copy, then run it and show the result; return "" or the reason why not."""
        editor = self.editor()
        if not editor:
            return "no editor: set EDITOR to one"
        program = self._programs.setdefault(lab.source, self._stage.own_program(lab))
        path = await asyncio.to_thread(lambda: program.path)
        if not path:
            return "the program couldn't be copied"
        try:
            with self._screen.app.suspend():
                # Blocks on purpose: the loop would draw into the editor.
                status = subprocess.run([*editor, path], check=False).returncode  # noqa: ASYNC221
        except SuspendNotSupported:
            return "an editor can't be opened in this terminal; mmexplorer lab --program FILE runs a program"
        except OSError as error:
            return f"{editor[0]} can't be run: {error.strerror}"
        if status:
            return f"{editor[0]} ended with status {status}: the program wasn't run"
        self._show(lab, await asyncio.to_thread(program.run))
        return ""

    def _show(self, lab: Lab, reply: LabReply) -> None:
        self._screen.app.push_screen(
            TextBox(f"Your {lab.source}", _WIDTH, lambda width: own_program_lines(reply, width))
        )

    def close(self) -> None:
        """Stop and remove all of them; blocks."""
        for program in self._programs.values():
            program.close()
        self._programs.clear()

    @staticmethod
    def editor() -> Sequence[str]:
        """Return VISUAL, else EDITOR (environ(7)), else an installed editor; empty if there is none."""
        for name in ("VISUAL", "EDITOR"):
            try:
                words = shlex.split(os.environ.get(name, ""))
            except ValueError:  # unterminated quotation
                continue
            if words and shutil.which(words[0]):
                return words
        return tuple(name for name in _EDITORS if shutil.which(name))[:1]
