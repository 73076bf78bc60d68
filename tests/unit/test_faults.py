"""What is recorded of an exception."""

import io

import pytest

from mmexplorer.ui.faults import Faults, report


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
    faults = Faults(log)
    now = 0.0
    monkeypatch.setattr("mmexplorer.ui.faults.time.monotonic", lambda: now)
    assert faults.take(wrong("x"))
    now = 1.5
    assert faults.take(wrong("x"))
    now = 2.0
    assert not faults.take(wrong("x"))
    assert faults.fatal
    assert log.getvalue().count("ValueError: ") == 3


def test_reports_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults()
    for second in range(100):
        monkeypatch.setattr("mmexplorer.ui.faults.time.monotonic", lambda second=second: second * 2.0)
        faults.take(wrong("x"))
    assert len(faults.reports) <= 20
