"""What is recorded of an exception."""

import io

import pytest

from mmexplorer.ui.failures import Failures, report


def wrong(secret: str) -> Exception:
    try:
        int(f"\x1b[31m{len(secret)}")
    except ValueError as error:
        return error
    raise AssertionError


def test_a_report_has_the_way_there_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "letmein")
    text = report(wrong("swordfish"))
    assert "in wrong" in text
    assert "ValueError: invalid literal" in text
    assert "swordfish" not in text
    assert "letmein" not in text
    assert "\x1b" not in text


def test_two_within_a_second_are_too_many_and_each_is_kept_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    failures = Failures(log)
    now = 0.0
    monkeypatch.setattr("mmexplorer.ui.failures.time.monotonic", lambda: now)
    assert failures.take(wrong("x"))
    now = 1.5
    assert failures.take(wrong("x"))
    now = 2.0
    assert not failures.take(wrong("x"))
    assert failures.fatal
    assert log.getvalue().count("ValueError: ") == 3


def test_reports_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = Failures()
    for second in range(100):
        monkeypatch.setattr("mmexplorer.ui.failures.time.monotonic", lambda second=second: second * 2.0)
        failures.take(wrong("x"))
    assert len(failures.reports) <= 20
