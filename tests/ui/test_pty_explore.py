"""The real program on the real /proc, in a real pty, seen through a terminal emulator."""

import os
import re
import signal
import sys
from collections.abc import Iterator

import pytest

from mmexplorer.kernel.procfs import LiveProcfs
from tests.support.patience import PATIENCE
from tests.support.pilots.terminal import PATIENT, Terminal
from tests.support.pilots.walk import choose_process
from tests.support.readable import readable
from tests.support.specimens.children import code, until
from tests.support.specimens.lab_pids import descendant_pidfds, descendants

_MARKED_FOR_GOOD = f"""
from mmexplorer.present.explore import live_rows
live_rows.LIT_SECONDS = {PATIENCE}
"""
"""Otherwise the marks of what changed may be over before a busy machine has shown them."""
_START = """
from mmexplorer.cli import main
raise SystemExit(main(["--interval", "0.2"]))
"""
_PROGRAM = [sys.executable, "-c", _MARKED_FOR_GOOD + PATIENT + _START]
_SIZES = [(160, 48), (80, 24)]
_UP, _DOWN = "k", "j"


@pytest.fixture
def python_child() -> Iterator[int]:
    """Run a process with a unique word on its command line."""
    word = f"mmexplorer_specimen_{os.getpid()}"
    with code(f"print({word!r}, flush=True); input()") as process:
        yield process.pid


def _gone(descriptors: list[int]) -> bool:
    """Return whether the processes behind these pidfds have ended."""
    return all(map(readable, descriptors))


def _assert_restored(terminal: Terminal) -> None:
    """Check that the terminal is restored: line settings, main screen, cursor, no reports of mouse and paste."""
    assert terminal.settings == terminal.settings_before
    for mode in (1049, 1000, 1003, 1006, 1015, 2004):
        on, off = terminal.raw.rfind(b"\x1b[?%dh" % mode), terminal.raw.rfind(b"\x1b[?%dl" % mode)
        assert off > on, mode
    assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")


@pytest.mark.parametrize(("columns", "lines"), _SIZES)
def test_start_filter_walk_map_touch_unmap_quit(columns: int, lines: int, python_child: int) -> None:
    with Terminal(_PROGRAM, columns, lines) as terminal:
        if columns > 100:
            terminal.wait_for(lambda text: all(pane in text for pane in ("Processes ─", "Regions of", "ELF ")))
        else:
            terminal.wait_for("Processes │ Regions │ ELF │ Details")
        terminal.wait_for("START")
        choose_process(terminal, python_child)
        terminal.wait_for("r-xp")
        terminal.send(_DOWN * 3 + _UP)
        terminal.wait_for(lambda text: re.search("▌  +[0-9a-f]{12} .*r-xp|▌  +[0-9a-f]{12} .*r--p", text) is not None)
        terminal.send("m")
        terminal.wait_for("Regions of mmlab")
        terminal.wait_for(lambda text: re.search(r"▌\+ .* 100M rw-p +0 ", text) is not None)
        [lab] = (pid for pid in descendants(terminal.process.pid) if LiveProcfs().read(f"{pid}/comm") == b"mmlab\n")
        terminal.send("t")
        terminal.wait_for(lambda text: re.search(r"▌.* 100M rw-p +10M ", text) is not None)
        terminal.send("u")
        terminal.wait_for(lambda text: re.search(r"- .* 100M rw-p ", text) is not None)
        row = next(y for y, text in enumerate(terminal.screen.display) if re.search(r"- .* 100M rw-p ", text))
        at = terminal.screen.display[row].index("100M")
        assert terminal.screen.buffer[row][at].strikethrough
        pidfd = os.pidfd_open(lab)
        terminal.send("q")
        assert terminal.wait_exit() == 0
        until(lambda: _gone([pidfd]))
        os.close(pidfd)
        _assert_restored(terminal)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_decently(number: signal.Signals, status: int) -> None:
    with Terminal(_PROGRAM, 80, 24) as terminal:
        terminal.wait_for("START")
        terminal.send("m")
        terminal.wait_for("Regions of mmlab")
        terminal.wait_for("100M")
        pidfds = descendant_pidfds(terminal.process.pid)
        assert pidfds
        terminal.process.send_signal(number)
        assert terminal.wait_exit() == status
        until(lambda: _gone(pidfds))
        for pidfd in pidfds:
            os.close(pidfd)
        _assert_restored(terminal)


def test_a_kill_leaves_no_lab_process_behind() -> None:
    with Terminal(_PROGRAM, 80, 24) as terminal:
        terminal.wait_for("START")
        terminal.send("m")
        terminal.wait_for("Regions of mmlab")  # 100M alone may be what another process has
        terminal.wait_for("100M")
        pidfds = descendant_pidfds(terminal.process.pid)
        assert pidfds
        terminal.process.kill()
        assert terminal.wait_exit() == -signal.SIGKILL
        until(lambda: _gone(pidfds))
        for pidfd in pidfds:
            os.close(pidfd)


def test_a_change_of_size_is_followed() -> None:
    with Terminal(_PROGRAM, 160, 48) as terminal:
        terminal.wait_for("Processes ─")
        terminal.resize(80, 24)
        terminal.wait_for("Processes │ Regions │ ELF │ Details")
        terminal.resize(160, 48)
        terminal.wait_for("Processes ─")
        terminal.send("q")
        assert terminal.wait_exit() == 0
