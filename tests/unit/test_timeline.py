"""The history of a process: read from captures, drawn as a line, and shown again."""

from collections.abc import Iterable

import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.moment_system import MomentSystem
from mmexplorer.kernel.capture.past import CapturePast
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.capture.timeline import TimelineReader
from mmexplorer.model.capture.moments import Answer, Clocks
from mmexplorer.model.capture.timeline import Beginning, Event, Tick, Timeline
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.capture.timeline import Shown, beginning_text, moment_text, tick_at, timeline_lines
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.text.line import plain
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.looking_back import ShownMoment
from tests.support.captures import MANIFEST, clocks

KEY = ProcessKey(77, 500)
FIRST = b"00001000-00002000 rw-p 00000000 00:00 0 \n"
GROWN = b"00001000-00003000 rw-p 00000000 00:00 0 \n"
SECOND = b"00009000-0000a000 rw-p 00000000 00:00 0 \n"


def process(
    pages: int, maps: bytes, *, stack: int = 7, start: int = 500, state: bytes = b"S", threads: int = 1, faults: int = 0
) -> dict[str, Answer]:
    numbers = [0] * 48
    numbers[22 - 5], numbers[28 - 5], numbers[23 - 5], numbers[20 - 5] = start, stack, pages * 4096, threads
    numbers[10 - 5] = faults
    return {
        "list/": (77,),
        "proc/77/stat": b"77 (it) %b 1 " % state + " ".join(map(str, numbers)).encode(),
        "proc/77/statm": b"%d %d 0 0 0 0 0" % (pages + 100, pages),
        "proc/77/maps": maps,
    }


def recent(readings: Iterable[dict[str, Answer]], seconds: float = 600.0) -> RecentMoments:
    moments = RecentMoments(MANIFEST, seconds_at_most=seconds)
    maker = MomentMaker()
    for second, answers in enumerate(readings):
        moments.add(maker.make(answers, clocks(second), 0.0))
    return moments


def test_each_moment_has_its_size_and_what_happened() -> None:
    readings: list[dict[str, Answer]] = [
        process(1, FIRST),
        process(2, GROWN),
        process(3, GROWN + SECOND),
        process(3, GROWN),
        process(9, SECOND, stack=8),
        {"list/": ()},
        {"list/": ()},
    ]
    ticks = TimelineReader(recent(readings), KEY).read().ticks
    assert [tick.rss for tick in ticks] == [4096, 8192, 12288, 12288, 9 * 4096, None, None]
    assert ticks[0].vsz == 101 * 4096
    assert [set(tick.events) for tick in ticks] == [
        set(), {Event.GREW}, {Event.CAME}, {Event.WENT}, {Event.EXEC}, {Event.END}, set()
    ]  # fmt: skip


def test_a_moment_at_which_nothing_of_the_process_had_changed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Clocks] = []
    of_process = TimelineReader._of_process

    def counted(self: TimelineReader, procfs: ReplayProcfs, clocks: Clocks) -> Tick:
        read.append(clocks)
        return of_process(self, procfs, clocks)

    monkeypatch.setattr(TimelineReader, "_of_process", counted)
    same = [process(1, FIRST)] * 30
    ticks = TimelineReader(recent([*same, process(2, GROWN), *same]), KEY).read().ticks
    assert read == [clocks(0), clocks(30), clocks(31)]
    assert [tick.rss for tick in ticks] == [4096] * 30 + [8192] + [4096] * 30
    assert [at for at, tick in enumerate(ticks) if tick.events] == [30, 31]


def test_a_kill_on_the_machine_is_found_by_the_count_of_vmstat() -> None:
    counts = (b"oom_kill 3\n", None, b"oom_kill 3\n", b"pgfault 9\noom_kill 5\n", b"pgfault 9\n")
    readings = [process(1, FIRST) | ({} if count is None else {"proc/vmstat": count}) for count in counts]
    ticks = TimelineReader(recent(readings), KEY).read().ticks
    assert [Event.OOM in tick.events for tick in ticks] == [False, False, False, True, False]


def test_another_process_of_the_same_number_is_not_the_process() -> None:
    ticks = TimelineReader(recent([process(1, FIRST), process(1, FIRST, start=900)]), KEY).read().ticks
    assert [tick.rss for tick in ticks] == [4096, None]
    assert ticks[1].events == {Event.END}


@pytest.mark.parametrize(("threads", "last"), [(1, {Event.END}), (3, set())])
def test_a_zombie_has_ended_unless_other_threads_go_on(threads: int, last: set[Event]) -> None:
    readings = [process(1, FIRST), process(0, b"", stack=0, state=b"Z", threads=threads)]
    tick = TimelineReader(recent(readings), KEY).read().ticks[1]
    assert (tick.rss, tick.vsz) == (None, None)
    assert tick.events == last


def test_forgotten_moments_leave_the_line_and_new_ones_join_it() -> None:
    moments = RecentMoments(MANIFEST, seconds_at_most=3.0)
    maker, reader = MomentMaker(), TimelineReader(moments, KEY)
    for second in range(8):
        moments.add(maker.make(process(second + 1, FIRST), clocks(second), 0.0))
        line = reader.read()
        assert [tick.clocks for tick in line.ticks] == [moments.moment(at).clocks for at in range(len(moments))]
        assert line.ticks[-1].rss == (second + 1) * 4096


def test_a_long_capture_is_gone_through_bit_by_bit() -> None:
    reader = TimelineReader(recent([process(1, FIRST)] * 3), KEY)
    assert [len(reader.read(at_once=-1.0).ticks) for _ in range(4)] == [1, 2, 3, 3]
    assert reader.read().whole


def tick(second: float, rss: int | None = 4096, *events: Event) -> Tick:
    return Tick(clocks(second), rss, rss, frozenset(events))


def test_a_suspend_is_a_gap() -> None:
    line = Timeline(tuple(tick(second) for second in (*range(20), *range(100, 120))))
    columns = line.columns(60)
    assert None in columns
    assert columns[0] == 0
    assert columns[-1] == 39


@pytest.mark.parametrize(("second", "index"), [(-5.0, 0), (0.4, 0), (0.6, 1), (99.0, 2)])
def test_the_nearest_moment(second: float, index: int) -> None:
    assert Timeline((tick(0), tick(1), tick(2))).nearest(60.0 + second) == index


def test_the_line_marks_what_happened_and_which_moment_is_shown() -> None:
    ticks = (tick(0), tick(1, 8192, Event.CAME), tick(2, 12288, Event.WENT, Event.END), tick(3, None))
    line = Timeline(ticks)
    rows = [plain(row) for row in timeline_lines(line, Shown(ticks[0], 0, ticks[-1]), 64, 3)]
    assert {len(row) for row in rows} == {64}
    assert "4K…12K" in rows[0]
    marks = rows[2][14:44]
    assert (marks[0], marks[10], marks[20]) == ("▲", "+", "x")


def test_the_live_history_says_why_it_begins_there() -> None:
    told = []
    for bounds in ({}, {"seconds_at_most": 3.0}, {"bytes_at_most": 2_000}):
        moments, maker = RecentMoments(MANIFEST, **bounds), MomentMaker()
        for second in range(9):
            moments.add(maker.make(process(second, FIRST + b"%d" % second), clocks(second), 0.0))
        told.append(moments.begins)
        assert (len(moments) == 9) is (moments.begins is Beginning.OPENED)
    assert told == [Beginning.OPENED, Beginning.AGE, Beginning.SIZE]
    for begins in Beginning:
        line = Timeline((tick(0), tick(1)), begins=begins)
        rows = [plain(row) for row in timeline_lines(line, None, 64, 3)]
        assert rows[2][14:].startswith(" " * 30)
        assert (rows[2][:14].strip() == "") is (begins is Beginning.FILE)
        assert beginning_text(line).startswith("This is the ")


def test_the_limit_is_the_reason_only_if_the_moments_reach_back_that_far() -> None:
    whole, shorter = (Timeline((tick(0), tick(end)), begins=Beginning.AGE) for end in (599, 450))
    assert "only the last 10 min" in beginning_text(whole)
    assert "nothing was read in the minutes before it" in beginning_text(shorter)
    assert plain(timeline_lines(shorter, None, 64, 3)[2]).startswith(" none before ")


def test_with_more_rows_a_steady_growth_has_more_steps() -> None:
    ticks = tuple(tick(second, (100 + second) << 12) for second in range(80))
    rows = [plain(row) for row in timeline_lines(Timeline(ticks), Shown(ticks[0], 0, ticks[-1]), 114, 4)]
    assert {len(row) for row in rows} == {114}
    assert (rows[0][10:13], rows[1][:14].strip(), rows[2][10:13]) == ("RSS", "", "VSZ")
    assert rows[3][14] == "▲"
    steps = {cells for cells in zip(rows[0][14:94], rows[1][14:94], strict=True) if len({*cells}) > 1}
    assert len(steps) >= 8


def test_the_columns_of_a_line_without_changes_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    columns = Timeline.columns

    def noted(self: Timeline, count: int) -> tuple[int | None, ...]:
        asked.append(count)
        return columns(self, count)

    monkeypatch.setattr(Timeline, "columns", noted)

    def drawn(*steps: tuple[float, int]) -> list[str]:
        ticks = [Tick(Clocks(at, at, at), rss, 8192) for at, rss in steps]
        return [plain(row) for row in timeline_lines(Timeline(tuple(ticks)), None, 64, 4)]

    level = drawn(*((float(second), 4096) for second in range(9)))
    assert not asked
    grown = drawn(*((float(second), 4096 * (1 + second // 5)) for second in range(9)))
    assert asked == [60]
    slept = drawn(*((float(second if second < 5 else second + 90), 4096) for second in range(9)))
    assert asked == [60, 60]
    assert level[0] != grown[0]
    assert level[2] == grown[2]  # VSZ
    assert "\u2800" in slept[2]
    assert "\u2800" not in level[2]


def test_in_one_row_the_moment_stands_in_the_line_itself() -> None:
    ticks = (tick(0), tick(1))
    [row] = timeline_lines(Timeline(ticks), Shown(ticks[1], 1, ticks[1]), 60, 1)
    assert plain(row)[39] == "▲"


@pytest.mark.parametrize("height", [1, 3])
def test_a_kill_is_marked_and_explained(height: int) -> None:
    ticks = (tick(0), tick(1, 4096, Event.CAME, Event.OOM), tick(2))
    rows = timeline_lines(Timeline(ticks), Shown(ticks[2], 2, ticks[2]), 64, height)
    assert {len(plain(row)) for row in rows[:1]} == {64}
    assert plain(rows[-1])[14 + 15] == "k"
    assert "k OOM" in plain(rows[-1])
    [row] = timeline_lines(Timeline((tick(0), tick(1, 4096, Event.CAME), tick(2))), None, 64, 1)
    assert "k OOM" not in plain(row)


def test_no_moments_are_told() -> None:
    assert "no moments" in plain(timeline_lines(Timeline(), None, 80, 3)[0])


def test_a_click_finds_the_moment_drawn_there() -> None:
    line = Timeline(tuple(tick(second) for second in range(11)))
    assert [tick_at(line, x, 14 + 11 + 20) for x in (13, 14, 24, 25)] == [None, 0, 10, None]


def test_how_long_ago_a_moment_was() -> None:
    shown = Shown(tick(0), 0, tick(180))
    assert moment_text(shown, live=True).endswith(", 3 min ago")
    assert moment_text(shown, live=False).endswith(", 3 min before the end")


def poller(at: float | None = None) -> ExplorePoller:
    moments = recent([process(1, FIRST), process(2, GROWN), process(3, GROWN + SECOND)])
    source = MomentSource(Capture(moments, None))
    return ExplorePoller(source, KEY, CapturePast(source, moments), live=False, moment=ShownMoment(at))


def starts(view: ExploreView) -> list[int]:
    assert view.snapshot.target is not None
    return [region.start for region in view.snapshot.target.regions]


def test_a_capture_begins_with_its_last_moment() -> None:
    view = poller().poll()
    assert view.shown is not None
    assert view.shown.is_newest
    assert starts(view) == [0x1000, 0x9000]


def test_a_moment_shows_what_changed_since_the_one_before_and_none_later() -> None:
    it = poller()
    it.poll()
    it.moment.at = clocks(1).boottime
    view = it.poll()
    assert starts(view) == [0x1000]
    assert len(view.changes) == 1
    it.moment.at = clocks(0).boottime
    assert it.poll().changes == ()
    it.moment.at = None
    assert starts(it.poll()) == [0x1000, 0x9000]


def test_stepping_forward_goes_on_with_what_was_seen() -> None:
    it = poller(at=clocks(0).boottime)
    it.poll()
    it.moment.at = clocks(1).boottime
    it.poll()
    it.moment.at = clocks(2).boottime - 0.1
    view = it.poll()
    assert view.shown is not None
    assert view.shown.number == 2
    assert len(view.changes) == 2


class Unfolding(MomentSource):
    """Shows the next moment at each call, as a live machine does."""

    def sample(self, request: Request) -> Snapshot:
        snapshot = super().sample(request)
        self.show(self.index + 1)
        return snapshot


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("interval", "steps"),
    [(1.0, (1, 1, 0.1, 0.9, 1, 0.3, 0.7, 1, 0.2, 0.2, 0.2, 1, 1)), (0.1, (0.1,) * 13), (2.0, (2, 0.4, 2, 2, 2))],
)
def test_a_moment_shown_again_has_the_rates_it_had(interval: float, steps: tuple[float, ...], *, live: bool) -> None:
    moments, maker = RecentMoments(MANIFEST), MomentMaker()
    times = [clocks(sum(steps[:count])) for count in range(len(steps) + 1)]
    for number, time in enumerate(times):
        moments.add(maker.make(process(1, FIRST, faults=number**2), time, 0.0))
    unfolding = Unfolding(Capture(moments, None))
    unfolding.show(0)
    now = ExplorePoller(unfolding, KEY)
    now.interval = interval
    rates = [now.poll().processes.all[0].fault_rate for _ in times]
    assert {rate for rate in rates[6:] if not rate} == set()
    source = MomentSource(Capture(moments, None))
    then = ExplorePoller(source, KEY, CapturePast(source, moments), live=live)
    then.interval = interval if live else 1.0
    forwards = range(len(times))
    for index in (*forwards, *reversed(forwards), *forwards[::3]):
        then.moment.at = times[index].boottime
        assert then.poll().processes.all[0].fault_rate == rates[index]
    if not live:
        opened = ExplorePoller(source, KEY, CapturePast(source, moments), live=False)
        assert opened.poll().processes.all[0].fault_rate == rates[-1]


def test_a_capture_opens_with_what_changed_since_the_moment_before_the_last() -> None:
    it = poller()
    opened = it.poll()
    assert opened.earlier is not None
    assert opened.earlier.clock == clocks(1).monotonic
    assert [event.taken_at for event in opened.history.events] == [clocks(2).realtime]
    assert it.poll().changes == opened.changes
    assert it.poll().earlier is opened.earlier


def test_growth_in_a_capture_counts_from_its_first_moment() -> None:
    for at in (None, clocks(1).boottime):
        watch = poller(at).poll().watch
        assert watch is not None
        assert watch.origin.clock == clocks(0).monotonic


def test_the_owner_of_the_process_shown_is_the_one_in_the_list() -> None:
    it = poller(at=clocks(1).boottime)
    snapshot = it.poll().snapshot
    assert snapshot.target is not None
    assert [process.user for process in snapshot.processes] == [snapshot.target.process.user]


@pytest.mark.parametrize("seconds", [10, 13, 40])
def test_another_owner_and_command_line_are_seen_when_older_moments_were_forgotten(seconds: int) -> None:
    def named(second: int) -> dict[str, Answer]:
        names: dict[str, Answer] = {"user/77": "root" if second < 12 else "me"}
        return process(1, FIRST) | names | {"proc/77/cmdline": b"old\0" if second < 12 else b"new\0"}

    moments, maker = RecentMoments(MANIFEST, seconds_at_most=10.0), MomentMaker()
    for second in range(11):
        moments.add(maker.make(named(second), clocks(second), 0.0))
    source = MomentSource(Capture(moments, None))
    assert [(each.user, each.command) for each in source.sample(Request()).processes] == [("root", ("old",))]
    for second in range(11, 11 + seconds):
        moments.add(maker.make(named(second), clocks(second), 0.0))
    assert len(moments) == 11
    for index in (10, 0, 10):
        source.show(index)
        fresh = MomentSource(Capture(moments, None))
        fresh.show(index)
        assert source.sample(Request()).processes == fresh.sample(Request()).processes


def test_system_has_the_moments_of_a_capture() -> None:
    totals = (b"MemTotal: 100 kB\n", b"MemTotal: 200 kB\n")
    readings: list[dict[str, Answer]] = [
        {"proc/meminfo": total + b"MemAvailable: 50 kB\n", "list/": ()} for total in totals
    ]
    moments = recent(readings)
    system = MomentSystem(MomentSource(Capture(moments, None)), moments)
    timeline = system.timeline()
    assert timeline.whole
    assert [tick.rss for tick in timeline.ticks] == [50 << 10, 150 << 10]
    for index, total in ((1, 200), (0, 100)):
        snapshot = system.sample_at(clocks(index).boottime, SystemRequest())
        assert snapshot.meminfo == {"MemTotal": total << 10, "MemAvailable": 50 << 10}
        assert snapshot.clock == clocks(index).boottime
        assert isinstance(snapshot.ranking, Unavailable)
        history = system.history(clocks(index).boottime)
        assert history is not None
        assert [point.at for point in history.points] == [clocks(each).boottime for each in range(index + 1)]
    assert system.sample(SystemRequest()).clock == clocks(1).boottime
