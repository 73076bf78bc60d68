"""What holds for the whole suite."""

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.thorough import THOROUGH, times

# Before Textual is imported anywhere: animations would make a test wait for nothing.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

# A shell that isn't interactive starts what runs in the background with these ignored, and so would our programs be.
if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup(1)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

pytest_plugins = ["tests.support.hanging", "tests.support.specimens.lab_process"]
"""What is done to a test that hangs, and the fixtures that several files share."""

# In CI the same examples each time; elsewhere others each time, those first that failed once.
settings.register_profile("suite", max_examples=times(150), deadline=None, derandomize=THOROUGH)
settings.load_profile("suite")

_SLOW = {Path(__file__).with_name(folder) for folder in ("kernel", "ui")}
"""Where a test starts processes or the app; one of those that is quick and tells much is marked `smoke`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what is in the slow folders to the whole suite, but for some smoke tests."""
    for item in items:
        if not _SLOW.isdisjoint(item.path.parents) and item.get_closest_marker("smoke") is None:
            item.add_marker(pytest.mark.slow)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep bytes out of the names of tests: those of a file that is made when it is imported differ in each worker."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: going through it was a quarter of the time of a screen's test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which tests were skipped where none may be: `.ci/run` installs all that they need."""
    if _skips_count(terminalreporter):
        terminalreporter.write_line("a skipped test fails the run where CI=true", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a skip into a failure where CI=true."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _skips_count(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skips_count(reporter: pytest.TerminalReporter) -> int:
    return len(reporter.stats.get("skipped", [])) if THOROUGH else 0
