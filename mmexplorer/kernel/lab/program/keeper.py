"""Compiles a C program in its own directory, runs it from stop to stop, and leaves nothing behind.

A separate process, with the arguments PARENT STAND_IN (`kernel/interpreter.py`). It reads one line of JSON per request
and writes one per reply, with the same fields as in `kernel/lab/child.py` and in addition `pid` while the program runs,
`output` (what it printed) and `ended` (how it ended). A line `{"signal": ...}` may come first. It ends with its input,
by SIGTERM, or with the thread that started it, and takes directory, program and everything made by them with it.

`build` compiles; without a compiler, or if that fails, the stand-in plays the program. `launch` starts it, `go_to`
continues to a line, `finish` to the end. `copy` puts a file into the directory for someone to edit, and `run_copy`
compiles that and runs it to the end, confined, because nobody knows what it does.
"""

import ctypes
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mmexplorer.kernel.lab.program.confine import CannotConfineError, Limits, belong, end_descendants
from mmexplorer.kernel.lab.program.running import OUTPUT_AT_MOST, Program, as_shell, as_status, how_it_ended, send
from mmexplorer.labs.c_program import OWN_SECONDS

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
COMPILERS = ("cc", "gcc", "clang")
COMPILE_SECONDS, STEP_SECONDS = 30, 10

libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):  # noqa: N818 - a sentence for a person
    """What can't be done, in words."""


class Keeper:
    """Serves the requests."""

    def __init__(self, stand_in: str) -> None:
        self.stand_in = stand_in
        self.folder: str | None = None
        self.program: Program | None = None
        self.command: list[str] = []
        self.text = ""
        self.compiled = 0

    def made_folder(self) -> str:
        """Return a directory nobody else may enter, created when first needed."""
        if self.folder is None:
            self.folder = tempfile.mkdtemp(prefix="mmexplorer-")
        return self.folder

    def build(self, name: str, text: str, paused: str, header: str, stops: list[int]) -> dict[str, Any]:
        """Compile; if that fails, say why: a Python process will play the program."""
        stem = name.removesuffix(".c")
        self.text = text
        self.command = [sys.executable, "-I", "-S", self.stand_in, stem, *map(str, stops)]
        self.compiled = 0
        try:
            call, program = self.compile(stem, paused, header)
        except Failure as why:
            return answer([f"/* {why}: a Python process makes the same calls */"])
        self.command, self.compiled = [program], 1
        return answer([call])

    def compile(self, stem: str, text: str, header: str) -> tuple[str, str]:
        """Return the command and the program's path. Raises Failure with the compiler's message."""
        compiler = next(filter(shutil.which, COMPILERS), None)
        if compiler is None:
            raise Failure("no C compiler (cc, gcc or clang) in PATH")
        folder = Path(self.made_folder())
        (folder / "told.h").write_text(header)
        (folder / "source").mkdir(exist_ok=True)
        (folder / "source" / f"{stem}.c").write_text(text)
        command = [compiler, "-O0", "-include", "told.h", "-o", stem, f"source/{stem}.c"]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "TMPDIR": str(folder), "LC_ALL": "C"}
        done = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=belong,  # noqa: PLW1509 - it has one thread
        )  # fmt: skip
        try:
            said = done.communicate(timeout=COMPILE_SECONDS)[0]
        except subprocess.TimeoutExpired:
            os.killpg(done.pid, signal.SIGKILL)
            done.communicate()
            raise Failure(f"{compiler} didn't finish within {COMPILE_SECONDS} s") from None
        if done.returncode:
            words = said[:OUTPUT_AT_MOST].decode(errors="replace").replace("source/", "").strip()
            raise Failure(f"{compiler} {how_it_ended(done.returncode)}\n{words}".strip())
        if not (folder / stem).exists():
            raise Failure(f"{compiler} made no program")
        (folder / stem).chmod(0o755)
        if not os.access(folder / stem, os.X_OK):
            raise Failure(f"programs can't be executed in {folder.parent}")
        return " ".join(command).replace("source/", ""), str(folder / stem)

    def launch(self) -> dict[str, Any]:
        """Start the program; it waits before its first statement."""
        self.drop()
        name = Path(self.command[0]).name if self.compiled else "python"
        try:
            self.program = Program(self.command, self.text, belong)
        except OSError as error:
            return answer([], error.errno or errno.EIO, refused=f"{name} can't be run: {error.strerror}")
        self.program.wait(STEP_SECONDS)
        return self.reply([f'execve("./{name}", ["./{name}"], ...) = 0'])

    def go_to(self, line: int) -> dict[str, Any]:
        """Continue until it stops before that line."""
        return self.gone_on(line)

    def finish(self) -> dict[str, Any]:
        """Continue to the end."""
        return self.gone_on(0)

    def gone_on(self, line: int) -> dict[str, Any]:
        """Run statement by statement until that line is next, or the program has ended."""
        program = self.program
        if program is None or program.ended:
            return answer([], errno.ESRCH, refused="the program isn't running")
        while True:
            program.go_on()
            if not program.wait(STEP_SECONDS) or program.line == line:
                return self.reply([])

    def reply(self, calls: list[str]) -> dict[str, Any]:
        """Reply with what the program did since the last reply."""
        program = self.program
        assert program is not None  # noqa: S101 - the callers have one
        done = [*calls, *program.calls]
        printed = program.output.decode(errors="backslashreplace")
        if program.dropped:
            printed += f"\n... and {program.dropped} more bytes\n"
        if program.ended.startswith("was ended by "):
            printed += as_shell(program.popen.returncode)
        program.calls, program.output, program.dropped = [], b"", 0
        figures: dict[str, int] = {"line": program.line, "compiled": self.compiled}
        if program.ended:
            figures["shell_status"] = as_status(program.popen.returncode)
        running = {} if program.ended else {"pid": program.popen.pid}
        return {**answer(done), "figures": figures, "output": printed, "ended": program.ended, **running}

    def copy(self, name: str, text: str) -> dict[str, Any]:
        """Put a copy of a program where it can be edited; an existing copy isn't changed."""
        path = Path(self.made_folder()) / name
        if not path.exists():
            path.write_text(text)
        return {**answer([]), "path": str(path)}

    def run_copy(self, path: str, header: str) -> dict[str, Any]:
        """Compile the file as it is now, and run it to the end under the limits."""
        self.drop()
        try:
            text = Path(path).read_text(errors="replace")
            limits = Limits()
            call, program = self.compile("copy", text, header)
        except OSError as error:
            return answer([], error.errno or errno.EIO, refused=f"{path}: {error.strerror}")
        except (Failure, CannotConfineError) as why:
            return answer([], errno.ENOEXEC, refused=str(why))
        self.compiled, self.text = 1, text
        descriptor = os.open(program, os.O_RDONLY)
        try:
            self.program = Program([program], text, limits.apply, descriptor)
        except (OSError, subprocess.SubprocessError) as error:
            return answer([], errno.ENOEXEC, refused=f"it can't be run: {error}")
        finally:
            os.close(descriptor)
            if limits.ruleset >= 0:
                os.close(limits.ruleset)
        self.program.wait(OWN_SECONDS)
        done = self.reply([call, 'execve("./copy", ["./copy"], ...) = 0'])
        self.drop()
        return done

    def drop(self) -> None:
        """End the program if it is running."""
        program, self.program = self.program, None
        if program is not None:
            program.close()

    def close(self) -> None:
        """Remove everything."""
        self.drop()
        end_descendants()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def answer(calls: list[str], failed: int = 0, *, refused: str = "", **figures: int) -> dict[str, Any]:
    """Build a reply; `failed` is an errno."""
    told = {"calls": calls, "errno": failed, "start": 0, "end": 0, "figures": figures}
    return {**told, "refused": refused} if refused else told


def leave(_number: int, _frame: object) -> None:
    """Exit cleanly."""
    raise SystemExit


def main() -> None:
    """Serve requests until the input ends."""
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        return
    keeper = Keeper(sys.argv[2])
    operations = {name: getattr(keeper, name) for name in ("build", "launch", "go_to", "finish", "copy", "run_copy")}
    try:
        with os.fdopen(0, "rb", buffering=0) as lines:
            for line in iter(lines.readline, b""):
                request = json.loads(line)
                name = request.pop("op")
                send(answer([]) if name == "ready" else operations[name](**request))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        keeper.close()
