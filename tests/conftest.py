"""What holds for the whole suite."""

import os

import pytest

# Before Textual is imported anywhere: animations would make a test wait for nothing.
os.environ["TEXTUAL_ANIMATIONS"] = "none"

pytest_plugins = ["tests.support.hanging", "tests.support.specimens.lab_process"]
"""What is done to a test that hangs, and the fixtures that several files share."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep bytes out of the names of tests: those of a file that is made when it is imported differ in each worker."""
    return argname if isinstance(val, bytes) else None


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
    return len(reporter.stats.get("skipped", [])) if os.environ.get("CI") == "true" else 0
