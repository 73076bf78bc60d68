"""sar's rows and the charts: reports, following, looking back, gaps, counters that go backwards, no pressure."""

import threading
from datetime import datetime

import pytest
from textual.geometry import Offset

from mmexplorer.model.system.past import RecentSystem
from mmexplorer.model.system.pressure import Pressure
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.fakes.system import EPOCH, FakeSystem, stall
from tests.support.patience import PATIENCE
from tests.support.pilots.app import SMALL
from tests.support.pilots.system import Watcher, watch

_GIB = 1 << 30


def at(clock: float) -> str:
    """Return the time of day at a clock value."""
    return datetime.fromtimestamp(EPOCH + clock).astimezone().strftime("%H:%M:%S")


def values(it: Watcher) -> dict[str, str]:
    """Return the values at the left of the charts."""
    rows = [line[2:15].strip() for line in it.pane("charts").splitlines()]
    names = ("kbmemused", "available", "cached", "faults", "pressure")
    return {name: rows[rows.index(name) + 1] for name in names}


def drawn(it: Watcher, name: str) -> list[bool]:
    """Return for each cell of a chart whether anything is drawn in it, in any row."""
    rows = [line[15:-10] for line in it.pane("charts").splitlines()]
    names = [line[2:15].strip() for line in it.pane("charts").splitlines()]
    first = names.index(name)
    return [any(row[cell] not in "⠀│" for row in rows[first : first + 3]) for cell in range(len(rows[first]))]


def last_rows(it: Watcher, count: int) -> list[str]:
    """Return sar's last rows, newest last."""
    return [line for line in it.pane("sar").splitlines()[2:-1] if line.strip("│ ")][-count:]


@pytest.mark.smoke
async def test_the_three_reports_under_sars_own_titles() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        system.count(pgfault=500, pgmajfault=3)
        await it.look()
        assert "time kbmemfree kbavail kbmemused %memused" in it.words("sar")
        assert "5242880 6291456 2097152 25.00" in it.words("sar")
        await it.press("s")
        assert "sar -S ─ no swap: nothing can be paged out" in it.pane("sar")
        assert "kbswpfree kbswpused %swpused kbswpcad" in it.words("sar")
        await it.press("s")
        assert "fault/s majflt/s" in it.words("sar")
        assert "500.00 3.00" in it.words("sar")
        await it.press("s")
        assert "sar -r ─ kbmemused = total - available" in it.pane("sar")


async def test_the_newest_row_is_followed_unless_one_looks_at_an_older_one() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(40)
        assert at(system.clock) in it.pane("sar")
        await it.focus("sar-table")
        await it.press("k", "k")
        older = it.table.cursor_row
        await it.look(30)
        assert it.table.cursor_row is older
        await it.press("G")
        await it.look()
        assert at(system.clock) in it.pane("sar").splitlines()[-2]
        assert it.table.cursor_row is not older


async def test_the_charts_show_now_and_look_back_at_a_moment_that_stays_marked() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(4)
        moment = system.clock
        system.change(MemFree=4 * _GIB, MemAvailable=5 * _GIB)
        system.count(pgfault=1200)
        system.pressure = Pressure(stall(1.25), stall(0))
        await it.look()
        assert values(it) == {
            "kbmemused": "3.00G",
            "available": "5.00G",
            "cached": "1.00G",
            "faults": "1,200",
            "pressure": "25 %",
        }
        assert f"now {at(system.clock)}" in it.pane("charts")
        await it.focus("charts-block")
        await it.press("left")
        assert values(it)["kbmemused"] == "2.00G"
        assert values(it)["faults"] == "0"
        assert f"│ {at(moment)}  1 s ago" in it.pane("charts")
        await it.look(2)
        assert f"│ {at(moment)}  3 s ago" in it.pane("charts")
        await it.press("right")
        assert values(it)["kbmemused"] == "3.00G"
        await it.press("escape")
        assert f"now {at(system.clock)}" in it.pane("charts")


async def test_while_a_moment_is_read_the_header_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    may, sample_at = threading.Event(), RecentSystem.sample_at

    def slow(past: RecentSystem, at: float, request: SystemRequest) -> SystemSnapshot:
        assert may.wait(PATIENCE)
        return sample_at(past, at, request)

    monkeypatch.setattr(RecentSystem, "sample_at", slow)
    async with watch() as it:
        await it.look(3)
        await it.pilot.press("[")
        assert await it.comes(lambda: "reading " in it.lines[0]), it.text
        may.set()
        await it.settle()
        assert "reading " not in it.lines[0]
        assert "s ago" in it.lines[0], it.lines[0]


async def test_a_click_looks_back() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(20)
        await it.pilot.click("#charts-block", offset=Offset(it.charts.size.width - 8 - 3, 4))
        await it.settle()
        assert it.charts.back == 4
        assert "4 s ago" in it.pane("charts")


async def test_a_suspension_is_drawn_as_a_gap_and_has_its_sentence() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(9)
        before = system.clock
        system.step = 20
        await it.look()
        system.step = 1
        await it.look(5)
        cells = drawn(it, "available")
        # The newest six readings, nothing for 20 seconds, and then the earlier ones.
        assert cells[-3:] == [True] * 3
        assert cells[-12:-3] == [False] * 9
        assert cells[-15:-13] == [True] * 2
        assert any(line.startswith("│ ┄ ") for line in it.pane("sar").splitlines())
        await it.focus("sar-table")
        await it.press("k", "k", "k", "k", "k")
        assert f"no readings from {at(before)} to {at(before + 20)}: the machine was suspended" in it.words("sar")
        await it.focus("charts-block")
        await it.press("pageup")
        assert "no reading then" in it.pane("charts")
        assert set(values(it).values()) == {"—"}


async def test_a_row_that_was_highlighted_in_a_report_no_longer_shown_says_nothing() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(2)
        system.step = 20
        await it.look()
        await it.focus("sar-table")
        await it.press("k")
        # The report changes while the message about the row after the gap is still under way.
        it.table.action_move(1)
        it.screen.action_report()
        await it.settle()
        assert "sar -S" in it.pane("sar")
        assert f"no readings from {at(system.clock - 20)} to {at(system.clock)}" in it.words("sar")


async def test_a_counter_that_goes_backwards_is_a_dash_and_a_gap_never_a_number() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        system.count(pgfault=100)
        await it.look()
        system.count(pgfault=-5000)
        await it.look()
        assert values(it)["faults"] == "—"
        await it.press("s", "s")
        counted, backwards = last_rows(it, 2)
        assert "100.00" in counted
        assert "—" in backwards
        system.count(pgfault=70)
        await it.look()
        assert values(it)["faults"] == "70"


async def test_pressure_that_is_off_has_its_sentence_in_the_chart_and_among_the_limits() -> None:
    system = FakeSystem()
    system.pressure = Unavailable(Cause.UNSUPPORTED, "pressure-stall information is off", "boot with psi=1")
    async with watch(system=system) as it:
        await it.look(3)
        assert "pressure-stall information is off;" in it.pane("charts")
        assert "psi=1" in it.pane("charts")
        assert values(it)["pressure"].startswith("—")
        await it.press("d", "d", "d")
        assert "pressure — pressure-stall information is off" in it.words("oom-details")


async def test_a_look_between_two_readings_is_no_reading() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(3)
        rows = len(it.table._rows)
        system.step = 0.2
        await it.press("r")
        await it.look()
        assert len(it.table._rows) == rows
        system.step = 1
        await it.look()
        assert len(it.table._rows) == rows + 1


async def test_the_screen_stands_still_while_the_history_goes_on() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(3)
        await it.press("space")
        assert "paused" in it.lines[0]
        still = it.text
        system.change(MemAvailable=1 * _GIB)
        await it.look(5)
        assert it.text == still
        await it.press("space")
        assert "paused" not in it.lines[0]
        assert values(it)["available"] == "1.00G"
        assert drawn(it, "available")[-4:] == [True] * 4


async def test_charts_on_a_small_screen_keep_name_value_and_scale() -> None:
    async with watch(SMALL) as it:
        await it.look(3)
        await it.focus("charts-block")
        assert values(it)["available"] == "6.00G"
        assert "now" in it.pane("charts")


async def test_a_moment_of_the_last_minutes_is_shown_everywhere_and_the_header_says_so() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        system.change(MemFree=2 * _GIB, MemAvailable=3 * _GIB)
        await it.look(3)
        assert "8.00G       5.00G       2.00G" in it.pane("free")
        now = at(system.clock)
        await it.press("H")
        await it.look()
        assert "8.00G       2.00G       5.00G" in it.pane("free")
        assert "s ago" in it.lines[0]
        assert now not in it.pane("sar")
        assert "then" in it.pane("charts")
        await it.press("p")
        assert "It is read of the process as it is now; N returns to now." in it.toasts
        await it.press("N")
        await it.look()
        assert "s ago" not in it.lines[0]
        assert "8.00G       5.00G       2.00G" in it.pane("free")
