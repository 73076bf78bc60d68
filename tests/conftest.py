"""Setup for the whole suite."""

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.thorough import THOROUGH, times

# Before anything imports Textual: animations would make tests wait for nothing.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

# A user or a CI may set these: argparse, Textual and the programs that are run would write otherwise.
for _name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS"):
    os.environ.pop(_name, None)

# A non-interactive shell starts background jobs with these ignored, and our programs would inherit that.
if signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup(1)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

pytest_plugins = [
    "tests.support.hanging",
    "tests.support.pilots.rest",
    "tests.support.specimens.lab_process",
    "tests.support.specimens.remote_helpers",
    "tests.support.unhurried",
]
"""The handling of tests that hang, and fixtures shared by several files or by all."""

# In CI the same examples each time; elsewhere new ones, starting with those that failed before.
# A busy machine is no reason to fail.
settings.register_profile(
    "suite",
    max_examples=times(150),
    deadline=None,
    derandomize=THOROUGH,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

_SLOW = {Path(__file__).with_name(folder) for folder in ("kernel", "ui")}
"""Folders of tests that start processes or the app; quick and informative ones are marked `smoke`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests in the slow folders as slow, except for smoke tests."""
    for item in items:
        if not _SLOW.isdisjoint(item.path.parents) and item.get_closest_marker("smoke") is None:
            item.add_marker(pytest.mark.slow)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep bytes out of test names: those of a file built at import time differ between workers."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_finish() -> None:
    """Exempt what was imported from garbage collection, which took a quarter of the time of a screen test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report skipped tests if none are allowed: `.ci/run` installs all that they need."""
    if _skips_count(terminalreporter):
        terminalreporter.write_line("a skipped test fails the run where CI=true", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a skip into a failure if CI=true."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _skips_count(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skips_count(reporter: pytest.TerminalReporter) -> int:
    return len(reporter.stats.get("skipped", [])) if THOROUGH else 0
