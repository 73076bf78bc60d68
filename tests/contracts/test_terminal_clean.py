"""Nothing that a process or a file controls reaches the terminal raw, neither on a screen nor from plain commands."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from tests.support.pilots.terminal import Terminal
from tests.support.pilots.walk import choose_process
from tests.support.specimens.children import child, ready_line, say
from tests.support.specimens.elf_bytes import make_elf

TITLE = "\x1b]0;pwned-title\x07"
PASTE = "\x1b]52;c;cHduZWQ=\x07"
CLEAR = "\x1b[31;5mpwned"
C1 = "\x9b31mpwned\x9d0;pwned\x9c"
BIDI = "\u202epwned\u2066"
ZERO_WIDTH = "\u200bpwned"
BREAK = "pwned\nline\rpwned"
CLOSING = "[/red]"
CLICK = "[@click=app.quit]x[/]"

HOSTILE = f"{TITLE}{PASTE}{CLEAR}{C1}{BIDI}{ZERO_WIDTH}{BREAK}{CLOSING}{CLICK}"
COMM = "\x1b]0;pw\x07\x9b[/red]"
"""At most 15 bytes."""

FILE_NAME = f"lib{TITLE}{CLEAR}{BIDI}{BREAK}[@click=app.quit]x[.]"
"""A file name can't contain a slash."""

RAW = [
    each.encode()
    for each in (
        "\x1b]0;pw",
        "\x1b]52;c;cHdu",
        "\x1b[31;5m",
        "\x9b",
        "\x9d",
        "\x9c",
        "\u202e",
        "\u2066",
        "\u200b",
        "pwned\nline",
        "line\rpwned",
    )
] + [b"\x9b31m", b"\x9d0;"]


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Popen[str]]:
    """Run a process with hostile arguments, comm and mapped files, one of them an ELF file with a hostile name."""
    (tmp_path / FILE_NAME).write_bytes(make_elf(64, "<", 62).data.ljust(8192, b"\0"))
    program = str(Path(__file__).parents[1] / "support" / "specimens" / "hostile_child.py")
    with child(program, str(tmp_path), COMM, HOSTILE.replace("\0", "")) as process:
        assert ready_line(process) == "ready\n"
        yield process


def _assert_clean(raw: bytes) -> None:
    # Escaped, because the raw bytes would affect the terminal that runs the tests.
    found = {each: ascii(raw[max(0, at - 60) : at + 60]) for each in RAW if (at := raw.find(each)) >= 0}
    assert not found


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "lines"), [(160, 48), (80, 24)])
def test_the_screen(hostile: Popen[str], columns: int, lines: int) -> None:
    with Terminal([sys.executable, "-m", "mmexplorer", "--interval", "0.5"], columns, lines) as terminal:
        terminal.wait_for("START")
        choose_process(terminal, hostile.pid)
        terminal.wait_for("r-xp")
        terminal.send("/")
        terminal.wait_for("kind:heap")
        terminal.send("path:pwned")
        terminal.wait_for(lambda text: "rw-s" in text and "r-xp" not in text)
        terminal.send("\r")
        # The file's name is in the list, and the ELF pane and the details show the file.
        if columns > 100:
            terminal.wait_for(lambda text: "ELF lib" in text)
            terminal.wait_for("pwned")
        terminal.send("\t")
        terminal.wait_for("LOAD")
        terminal.send("\t")
        terminal.wait_for("file bytes")
        terminal.send("d")
        terminal.wait_for("The map was the same")
        say(hostile, "more")
        terminal.wait_for("added")
        terminal.send(":")
        terminal.wait_for("exe+0x1139")
        terminal.send("nowhere+1\r")
        terminal.wait_for("no image nowhere is loaded")
        assert terminal.process.poll() is None
        terminal.send("\x1b")
        terminal.wait_for(lambda text: "no image nowhere" not in text)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        _assert_clean(bytes(terminal.raw))


def test_the_plain_commands(hostile: Popen[str], tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    # The images of a process are those whose LOADs are mapped, not every ELF file that it maps.
    say(hostile, "load")
    assert ready_line(hostile) == "loaded\n"
    pid = str(hostile.pid)
    start = next(
        line.split("-")[0]
        for line in Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").split("\n")
        if "pwned" in line
    )
    for arguments in (
        ["ps"],
        ["maps", pid],
        ["elf", str(file)],
        ["elf", "-p", pid],
        ["where", pid, f"0x{start}"],
        ["pages", pid],
        ["security", pid],
        ["symbols", str(file)],
        ["translate", pid, f"0x{start}"],
    ):
        told = subprocess.run([sys.executable, "-m", "mmexplorer", *arguments], capture_output=True, check=True)
        assert b"pwned" in told.stdout, arguments
        _assert_clean(told.stdout)


def test_what_stderr_says_of_hostile_arguments() -> None:
    for arguments in (["maps", HOSTILE], ["elf", f"/{HOSTILE}"], ["-p", HOSTILE], ["lab", HOSTILE], [HOSTILE]):
        told = subprocess.run([sys.executable, "-m", "mmexplorer", *arguments], capture_output=True, check=False)
        assert told.returncode in (1, 2), arguments
        _assert_clean(told.stderr + told.stdout)
