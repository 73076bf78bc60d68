"""Deliberate exceptions in the program: shown in a line, and only two within a second end it."""

import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.pilots.terminal import PATIENT, Terminal
from tests.support.pilots.walk import choose_process
from tests.support.specimens.children import code

_WRONG = """
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.explore.poller import ExplorePoller
import os

poll = ExplorePoller.poll
calls = []

def in_an_action(self):
    secret = "sw" + "ordfish"
    raise RuntimeError("on purpose")

def in_the_thread(self):
    calls.append(1)
    if len(calls) == 4:
        raise RuntimeError("while looking")
    return poll(self)

{what}
from mmexplorer.cli import main
raise SystemExit(main({arguments!r}))
"""
_ACTION = "MmexplorerApp.action_help = in_an_action"
_AT_ONCE = f"""
from mmexplorer.ui import failures
failures._AT_ONCE_SECONDS = {PATIENCE}
"""
"""However slow the machine is, two keys come at once."""
_THREAD = "ExplorePoller.poll = in_the_thread"

pytestmark = pytest.mark.slow


def program(what: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", PATIENT + _WRONG.format(what=what, arguments=["--interval", "0.2", *arguments])]


def test_one_mistake_is_a_line_and_a_report(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Terminal(program(_ACTION, "--log", str(log)), 150, 40, env={"PASSWORD": "letmein"}) as terminal:
        terminal.wait_for("START")
        terminal.send("?")
        terminal.wait_for(lambda text: "RuntimeError: on purpose" in text and "! shows the report" in text)
        terminal.send("!")
        text = terminal.wait_for(lambda text: "What went wrong" in text and "in_an_action" in text)
        assert "swordfish" not in text
        terminal.send("\x1b")
        terminal.wait_for(lambda text: "What went wrong" not in text)
        terminal.send("2")
        terminal.wait_for("sar")
        terminal.send("q")
        assert terminal.wait_exit(PATIENCE) == 0
        assert terminal.settings == terminal.settings_before
    kept = log.read_text()
    assert "RuntimeError: on purpose" in kept
    assert "in_an_action" in kept
    assert "swordfish" not in kept
    assert "letmein" not in kept


def test_a_mistake_while_looking_does_not_make_the_screen_stand_still() -> None:
    with Terminal([*program(_THREAD)], 150, 40) as terminal:
        terminal.wait_for("RuntimeError: while looking")
        with code("print(flush=True); input()") as process:
            choose_process(terminal, process.pid)
            terminal.wait_for(f"({process.pid})")
        terminal.send("q")
        assert terminal.wait_exit(PATIENCE) == 0


def test_two_mistakes_at_once_end_it_decently() -> None:
    with Terminal(program(_ACTION + _AT_ONCE), 150, 40) as terminal:
        terminal.wait_for("START")
        terminal.send("??")
        assert terminal.wait_exit(PATIENCE) == 70
        assert terminal.settings == terminal.settings_before
        after = bytes(terminal.raw[terminal.raw.rfind(b"\x1b[?1049l") :])
        assert b"mmexplorer: ended by a mistake of its own: RuntimeError: on purpose" in after
        assert b"swordfish" not in after
