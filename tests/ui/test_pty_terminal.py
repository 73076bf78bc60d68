"""Whatever happens to the terminal, the program exits or continues, and restores the terminal."""

import os
import shlex
import signal
import sys
import termios
import time

import pytest

from tests.support.patience import PATIENCE
from tests.support.pilots.terminal import ESCAPE, PATIENT, Terminal
from tests.support.readable import readable
from tests.support.specimens.children import stopped
from tests.support.specimens.lab_pids import descendant_pidfds

_PROGRAM = [sys.executable, "-m", "mmexplorer", "--interval", "0.2"]
_PATIENT = [
    *(sys.executable, "-c", f"{PATIENT}from mmexplorer.cli import main; raise SystemExit(main())"),
    *("--interval", "0.2"),
]
_SCREENS = {"explore": "", "lab child": "m", "system": "2", "labs": "3"}
_SHOWS = {"explore": "START", "lab child": "Regions of mmlab", "system": "sar", "labs": "Labs ─"}

pytestmark = pytest.mark.slow


def show(terminal: Terminal, screen: str) -> None:
    terminal.wait_for("START")
    terminal.send(_SCREENS[screen])
    terminal.wait_for(_SHOWS[screen])


def quits(terminal: Terminal) -> bool:
    terminal.send("q")
    return terminal.wait_exit(PATIENCE) == 0 and terminal.settings == terminal.settings_before


@pytest.mark.parametrize("controlling", [True, False])
@pytest.mark.parametrize("screen", list(_SCREENS))
def test_it_ends_with_its_terminal(screen: str, *, controlling: bool) -> None:
    with Terminal(_PROGRAM, 120, 40, controlling=controlling) as terminal:
        show(terminal, screen)
        pidfds = descendant_pidfds(terminal.process.pid)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 128 + signal.SIGHUP
        assert all(readable(pidfd, PATIENCE) for pidfd in pidfds)
        for pidfd in pidfds:
            os.close(pidfd)


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGUSR1, signal.SIGALRM, signal.SIGRTMIN + 3])
def test_a_signal_that_ends_programs_leaves_the_terminal_as_it_was(number: int) -> None:
    with Terminal(_PATIENT, 80, 24) as terminal:
        terminal.wait_for("START")
        terminal.process.send_signal(number)
        assert terminal.wait_exit(PATIENCE) == 128 + number
        assert terminal.settings == terminal.settings_before
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h")


_HANG = """
import os, time
from mmexplorer.ui.app import MmexplorerApp
MmexplorerApp.action_help = lambda _: os.write(2, b"HANGS") and time.sleep(99)
"""


def test_a_loop_that_does_not_answer_is_ended_and_the_terminal_restored() -> None:
    program = [sys.executable, "-c", f"{_HANG}from mmexplorer.cli import main; raise SystemExit(main([]))"]
    with Terminal(program, 80, 24) as terminal:
        terminal.wait_for("START")
        terminal.send("?")
        terminal.wait_for(lambda _: b"HANGS" in terminal.raw)
        start = time.monotonic()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait_exit(PATIENCE) == 143
        assert time.monotonic() - start > 0.9, "it was not given its second"
        assert terminal.settings == terminal.settings_before
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h")


def test_a_terminal_that_stops_reading_does_not_hold_it_up() -> None:
    with Terminal(_PROGRAM, 160, 48) as terminal:
        terminal.wait_for("START")
        for key in "2131" * 5:
            terminal.send(key)
            time.sleep(0.1)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE) == 143
        assert terminal.settings == terminal.settings_before


@pytest.mark.parametrize("signals", [(signal.SIGSTOP, signal.SIGCONT), (signal.SIGCONT,)])
def test_it_goes_on_after_it_was_stopped(signals: tuple[signal.Signals, ...]) -> None:
    with Terminal(_PROGRAM, 120, 40, controlling=True) as terminal:
        terminal.wait_for("START")
        for number in signals:
            terminal.process.send_signal(number)
            if number == signal.SIGSTOP:
                stopped(terminal.process.pid)
        before = len(terminal.raw)
        terminal.screen.reset()
        terminal.wait_for("START")
        assert len(terminal.raw) > before
        assert quits(terminal)


def test_ctrl_z_goes_back_to_the_shell_and_fg_comes_back() -> None:
    with Terminal(["bash", "--norc", "--noprofile", "-i"], 120, 40, env={"PS1": "READY$ "}, controlling=True) as shell:
        shell.wait_for("READY$")
        shell.send(shlex.join(_PATIENT) + "\n")
        shell.wait_for("START")
        for _ in range(2):
            shell.send("\x1a")
            shell.wait_for("Stopped")
            assert shell.raw.rfind(b"\x1b[?1049l") > shell.raw.rfind(b"\x1b[?1049h")
            lines = shell.settings
            assert isinstance(lines[3], int)
            assert lines[3] & termios.ISIG
            shell.send("fg\n")
            shell.wait_for(lambda text: "START" in text and "Stopped" not in text)
        written = len(shell.raw)
        shell.send("q")
        shell.wait_for(lambda _: b"READY$" in shell.raw[written:])  # an earlier one may still be on the screen
        shell.send("exit $?\n")
        assert shell.wait_exit(PATIENCE) == 0


def _reports(code: int) -> bytes:
    return b"".join(b"\x1b[<%d;%d;%dM" % (code, 3 + i % 140, 5 + i % 30) for i in range(20_000))


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(b"\xff\xfe\xc3(\x80\xf0\x9f" * 10, id="not UTF-8"),
        pytest.param(_reports(35), id="the mouse moves"),
        pytest.param(_reports(65), id="the wheel turns"),
        pytest.param(b"/\x1b[200~" + b"abcd efg " * 116_508 + b"\x1b[201~", id="a paste into the filter"),
        pytest.param(b"/" + b"abcd efg" * 131_072, id="a paste without marks"),
    ],
)
def test_a_flood_of_input_is_survived(flood: bytes) -> None:
    with Terminal(_PROGRAM, 150, 40) as terminal:
        terminal.wait_for("START")
        terminal.flood(flood)
        if flood.startswith(b"/"):
            terminal.wait_for("No region matches")  # otherwise a key may still be among those dropped as too many
        terminal.send(ESCAPE)
        terminal.wait_for(lambda text: "No region matches" not in text)
        assert quits(terminal)


def test_a_flood_of_resizes_is_survived() -> None:
    with Terminal(_PROGRAM, 150, 40) as terminal:
        terminal.wait_for("START")
        for number in range(1000):
            terminal.resize(60 + number % 120, 20 + number % 40)
            if number % 20 == 0:
                terminal.read(0)
        terminal.resize(150, 40)
        terminal.send("?")
        terminal.wait_for("Ctrl+P", PATIENCE)
        terminal.send(ESCAPE)
        terminal.wait_for(lambda text: "Ctrl+P" not in text)
        assert quits(terminal)
