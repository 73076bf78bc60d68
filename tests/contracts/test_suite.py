"""The suite reports which test hangs, and on which line; and that none was skipped if CI=true."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_HANGING = """\
import asyncio, ctypes, signal, threading, time
from textual.app import App

def test_waits_for_a_thread() -> None:
    thread = threading.Thread(target=time.sleep, args=(3600,), name="sleeper", daemon=True)
    thread.start()
    thread.join()  # HERE

async def test_awaits_in_an_app() -> None:
    async with App().run_test():
        await asyncio.Event().wait()  # HERE

class Busy(App[None]):
    def on_key(self) -> None:
        while True:
            time.sleep(0.001)  # HERE

async def test_never_leaves_a_widget() -> None:
    async with Busy().run_test() as pilot:
        await pilot.press("x")  # HERE

def test_holds_the_interpreter() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    ctypes.PyDLL(None).sleep(3600)  # HERE

def test_does_not_hang() -> None:
    pass
"""


def _pytest(file: Path, *options: str, ci: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the tests of a file as the suite does."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "pyproject.toml"]
    env = os.environ | {"CI": "true" if ci else ""}
    return subprocess.run([*command, *options, file], cwd=_ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_every_hanging_test_is_named_with_its_stack(tmp_path: Path) -> None:
    file = tmp_path / "test_hanging_ones.py"
    file.write_text(_HANGING)
    hanging = sorted(re.findall(r"def (test_(?!does)\w+)", _HANGING))
    here = [number for number, line in enumerate(_HANGING.splitlines(), 1) if "# HERE" in line]
    # On a busy machine two seconds may not be enough for a test to reach the line where it hangs.
    for seconds in (2, 20):
        told = _pytest(file, "-n", "2", "-o", f"timeout={seconds}", "-o", f"faulthandler_timeout={3 * seconds}")
        said = told.stdout + told.stderr
        failed = sorted(re.findall(r"^FAILED \S*::(\w+) ", told.stdout, re.MULTILINE))
        untold = [number for number in here if not re.search(rf'{file.name}(", line |:){number}\b', said)]
        if failed == hanging and not untold:
            break
    assert failed == hanging, said
    assert untold == [], said
    assert f"{len(hanging)} failed, 1 passed" in told.stdout


def test_a_skipped_test_fails_the_run_in_ci(tmp_path: Path) -> None:
    file = tmp_path / "test_skipped_ones.py"
    file.write_text("import pytest\n\n\ndef test_it() -> None:\n    pytest.skip('no gcc')\n")
    told = _pytest(file, "-n", "1", ci=True)
    assert told.returncode == pytest.ExitCode.TESTS_FAILED
    assert "a skipped test fails the run" in told.stdout
