"""The work of Explore's reading thread: sample the machine and build the rows."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import pairwise

from mmexplorer.model.capture.timeline import Timeline
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import MemorySource, NoPast, Past, Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.capture.timeline import Shown
from mmexplorer.present.explore.processes import ProcessOptions
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.view import LEAST_SPAN, ExploreView, ViewOptions, build_view, not_shown
from mmexplorer.present.region.address_strip import Touch
from mmexplorer.present.region.fields import MAPS_FIELDS
from mmexplorer.ui.explore.region_searcher import RegionSearcher
from mmexplorer.ui.looking_back import ShownMoment

FOR_HISTORY = 1.0
"""Seconds between samples that nobody sees: an earlier moment or another screen is shown."""
_AROUND = 10
"""How many moments before and after one tell the interval they were recorded at."""


class ExplorePoller:
    """Connects the screen, which sets the options, with the source, which only `poll` calls.

    The event loop sets the attributes below; each poll reads them once and works with those values. Only `target` is
    also written by a poll, and never over a choice that the user made meanwhile.
    """

    def __init__(
        self,
        source: MemorySource,
        target: ProcessKey | None,
        past: Past | None = None,
        *,
        live: bool = True,
        moment: ShownMoment | None = None,
    ) -> None:
        self._source = source
        self._live = live
        self._past: Past = NoPast() if past is None else past
        self._then: ExploreView | None = None
        """The last view of an earlier moment."""
        self._first_of: tuple[ProcessKey, float] | None = None
        """The process and the time (boottime) for which `_first_known` was read."""
        self._first_known: Snapshot | None = None
        """The first moment at which the regions of a process were known."""
        self._compared: ProcessKey | None = None
        """The process whose newest moment in a capture was compared with the one before it."""
        self._looked_at = 0.0
        self.moment = ShownMoment() if moment is None else moment
        """The moment to show."""
        self.orders: deque[Callable[[], None]] = deque()
        """Calls for the reading thread to make between two polls."""
        self.options = ViewOptions(ProcessOptions(sort="rss", descending=True), RegionOptions())
        self.target = target
        """The process to show; None for the first in the list, once there is one."""
        self.target_pid: int | None = None
        """A process known only by its pid: it becomes the target when it is first seen."""
        self.follow = False
        """Whether a target that ended is replaced by the next process with its name."""
        self.interval = FOR_HISTORY
        """Seconds between two polls, unless one is requested."""
        self.paused = not live
        """Whether to show the last sample again instead of reading."""
        self.counters_now = False
        """Whether the next poll reads smaps, whatever it costs."""
        self.threads = False
        """Whether to read every thread at each poll, because they are visible."""
        self.sections_of: FileId | None = None
        """The file whose sections are to be shown."""
        self.view: ExploreView | None = None
        self.touched: Touch | None = None
        """What the lab process touched last. Only for the screen."""
        self.searching = False
        """Whether the next poll only continues the search for regions in all processes."""
        self._searcher = RegionSearcher(source)
        self._visited: list[ProcessKey] = []
        self._images: dict[tuple[ProcessKey, FileId], ElfImage | Unavailable] = {}

    def choose(self, target: ProcessKey) -> bool:
        """Make `target` the target; return False if it already is."""
        before = self.target
        if before == target:
            return False
        if before is not None:
            self._visited.append(before)
        self.target = target
        return True

    def choose_pid(self, pid: int) -> None:
        """Make the process with this pid the target as soon as it is seen."""
        if self.target is not None:
            self._visited.append(self.target)
        self.target_pid = pid

    @property
    def can_go_back(self) -> bool:
        """Whether there was a previous target."""
        return bool(self._visited)

    def back(self) -> None:
        """Return to the previous target, if any."""
        if self._visited:
            self.target = self._visited.pop()

    def poll(self) -> ExploreView:
        """Take a sample, or build a new view of the last one."""
        while self.orders:
            self.orders.popleft()()
        asked, at = self.target, self.moment.at
        if at is None and self._then is not None:
            self._then = None
            self._past.now()
        now = self._look(asked, rest=at is not None)
        target = now.target
        if target is None:
            return now
        timeline = self._past.timeline(target)
        if not timeline.ticks:
            return now
        index = len(timeline.ticks) - 1 if at is None else timeline.nearest(at)
        shown = Shown(timeline.ticks[index], index, timeline.ticks[-1])
        if at is None:
            if not self._live and timeline.whole and self._compared != target:
                now = self._compare_newest(timeline, target, now)
            return replace(now, timeline=timeline, shown=shown)
        self._then = self._look_back(timeline, index, target)
        return replace(self._then, timeline=timeline, shown=shown)

    def _look(self, asked: ProcessKey | None, *, rest: bool) -> ExploreView:
        """Return a view of the newest moment; with `rest`, sample only as often as the history needs."""
        clock = time.monotonic()
        resting = rest and asked is not None and clock - self._looked_at < FOR_HISTORY
        if self.view is not None and (self._may_rest(asked, self.view) or (resting and asked == self.view.target)):
            snapshot = self.view.snapshot
        else:
            snapshot = self._sample(asked)
            self._looked_at = clock
        if not rest:
            self._read_sections(snapshot, self._source)
        options = replace(self.options, difference=None) if rest else self.options
        searched = self._searcher.step(options.processes.query.about(MAPS_FIELDS.fields), snapshot.processes)
        first = None
        if not self._live and snapshot.target is not None and (self.view is None or self.view.target != self.target):
            key = snapshot.target.process.key
            first = self._first_moment(self._past.timeline(key), key)
            if first is not None:  # reading it moved the source to that moment
                self._past.now()
                snapshot = self._sample(key)
        self.view = build_view(self.view, snapshot, options, searched, first, least=_least(self.interval))
        return self.view

    def _first_moment(self, timeline: Timeline, target: ProcessKey) -> Snapshot | None:
        """Return the first moment of the past at which the regions of a process were known."""
        at = next((tick.clocks.boottime for tick in timeline.ticks if tick.mapped), None)
        if at is None:
            return None
        if self._first_of != (target, at):
            self._first_of = (target, at)
            self._first_known = self._past.sample(at, Request(target, elf=False, counters_now=True))
        return self._first_known

    def _look_back(self, timeline: Timeline, index: int, target: ProcessKey) -> ExploreView:
        """Return the view of an earlier moment, with what changed since the one before it."""
        request = Request(target, threads=self.threads, counters_now=True)
        before, clocks = self._then, timeline.ticks[index].clocks
        if before is not None and before.target == target and before.snapshot.clock == clocks.monotonic:
            self._read_sections(before.snapshot, self._past)
            return build_view(before, before.snapshot, self.options)
        least = self._least_at(timeline, index)
        before = self._moment_before(timeline, index, request)
        snapshot = self._past.sample(clocks.boottime, request)
        self._read_sections(snapshot, self._past)
        return build_view(before, snapshot, self.options, least=least, like=self._then or self.view)

    def _compare_newest(self, timeline: Timeline, target: ProcessKey, now: ExploreView) -> ExploreView:
        """Compare the newest moment of a capture with the one before it, like all others."""
        self._compared = target
        index = len(timeline.ticks) - 1
        before = self._moment_before(timeline, index, Request(target, threads=self.threads, counters_now=True))
        if before is not None:
            self._past.now()
            least, searched = self._least_at(timeline, index), now.searched
            self.view = build_view(before, self._sample(target), self.options, searched, least=least, like=now)
        return self.view or now

    def _moment_before(self, timeline: Timeline, index: int, request: Request) -> ExploreView | None:
        """Return what a moment is compared with: the one before it; None if it is the first."""
        if not index or request.target is None:
            return None
        before, clocks = self._then, timeline.ticks[index - 1].clocks
        if before is None or before.target != request.target or before.snapshot.clock != clocks.monotonic:
            alone = replace(self.options, difference=None)
            first = self._first_moment(timeline, request.target)
            before = not_shown(self._past.sample(clocks.boottime, request), alone, first)
        recent = self._before(timeline, index, self._least_at(timeline, index))
        return replace(before, earlier=None, too_recent=recent)

    def _least_at(self, timeline: Timeline, index: int) -> float:
        return _least(self.interval if self._live else _usual_step(timeline, index))

    def _before(self, timeline: Timeline, index: int, least: float) -> tuple[Snapshot, ...]:
        """Return the moments that rates count from if the previous one is too recent: at most one is `least` old."""
        now, first = timeline.ticks[index].clocks.monotonic, index - 1
        while first and now - timeline.ticks[first].clocks.monotonic < least:
            first -= 1
        found = (timeline.ticks[at].clocks.boottime for at in range(first, index - 1))
        return tuple(self._past.sample(at, Request(None, elf=False)) for at in found)

    def _may_rest(self, asked: ProcessKey | None, view: ExploreView) -> bool:
        """Return whether the last sample still serves: paused or only searching, and nothing else was requested."""
        searching, self.searching = self.searching, False
        return (self.paused or searching) and not self.counters_now and self.target_pid is None and asked == view.target

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable | None:
        """Return a file with its sections; None until they are read."""
        return self._images.get((target, file))

    def _sample(self, asked: ProcessKey | None) -> Snapshot:
        counters_now, self.counters_now = self.counters_now, False
        # The first frame doesn't wait until the files behind the regions are opened.
        request = Request(
            asked, elf=self.view is not None or not self._live, threads=self.threads, counters_now=counters_now
        )
        snapshot = self._source.sample(request)
        if asked is None:
            return self._first(snapshot, request)
        target = self._next_target(asked, snapshot)
        return snapshot if target == asked else self._turn_to(target, request)

    def _turn_to(self, target: ProcessKey, request: Request) -> Snapshot:
        """Sample another process than `request` did, and keep it as target unless the user chose one."""
        if self.target == request.target:
            self.target = target
        return self._source.sample(replace(request, target=target))

    def _first(self, snapshot: Snapshot, request: Request) -> Snapshot:
        """Sample the first candidate that has a map."""
        for target in self._candidates(snapshot.processes):
            snapshot = self._turn_to(target, request)
            request = replace(request, target=target)
            if snapshot.target is not None and snapshot.target.regions:
                break
        return snapshot

    def _candidates(self, processes: tuple[Process, ...]) -> Iterable[ProcessKey]:
        """Return the processes to try: reading a map costs a live process something, but our own is always readable."""
        largest = _largest_first(processes)
        if not self._live:
            return largest
        ourselves = _with_pid(os.getpid(), processes)
        return (*largest[:1], *(() if ourselves is None else (ourselves,)))

    def _next_target(self, target: ProcessKey, snapshot: Snapshot) -> ProcessKey:
        """Return the process to continue with."""
        found = _with_pid(self.target_pid, snapshot.processes)
        if found is not None:
            self.target_pid = None
            return found
        space = snapshot.target
        if self.follow and space is not None and space.ended_at is not None:
            return _newest(space.process.name, snapshot.processes) or target
        return target

    def _read_sections(self, snapshot: Snapshot, source: MemorySource | Past) -> None:
        file = self.sections_of
        target = snapshot.target.process.key if snapshot.target is not None else None
        if file is None or target is None or (target, file) in self._images:
            return
        image = source.image(target, file)
        if not (isinstance(image, Unavailable) and image.cause is Cause.NOT_READ):
            self._images = {(target, file): image}


def _least(interval: float) -> float:
    """Return the shortest time that rates count over: a requested poll may come right after another."""
    return max(LEAST_SPAN, min(interval, FOR_HISTORY) / 2)


def _usual_step(timeline: Timeline, index: int) -> float:
    """Return the usual time between moments around one, as a recording doesn't tell at which interval it was made."""
    around = timeline.ticks[max(0, index - _AROUND) : index + _AROUND]
    steps = sorted(after.clocks.monotonic - before.clocks.monotonic for before, after in pairwise(around))
    return steps[len(steps) // 2] if steps else FOR_HISTORY


def _largest_first(processes: tuple[Process, ...]) -> list[ProcessKey]:
    """Sort by resident memory, like the list; those without a known RSS, as in a core or a text, come last."""
    known = [process for process in processes if isinstance(process.rss, int)]
    known.sort(key=lambda process: -process.rss if isinstance(process.rss, int) else 0)
    return [process.key for process in (*known, *(each for each in processes if not isinstance(each.rss, int)))]


def _with_pid(pid: int | None, processes: tuple[Process, ...]) -> ProcessKey | None:
    return next((process.key for process in processes if process.pid == pid), None)


def _newest(name: str, processes: tuple[Process, ...]) -> ProcessKey | None:
    same = [process for process in processes if process.name == name and process.state not in "ZX"]
    return max(same, key=lambda process: process.start_time).key if same else None
