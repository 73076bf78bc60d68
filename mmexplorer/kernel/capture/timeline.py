"""Reads the history of one process from the moments; results are kept, so that each moment is read once."""

import time

from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.model.capture.moments import Clocks, Moment, Moments
from mmexplorer.model.capture.timeline import NO_EVENTS, Event, Tick, Timeline
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.maps import same_lines
from mmexplorer.parse.process.stat import Stat, parse_stat
from mmexplorer.parse.process.statm import parse_statm
from mmexplorer.parse.system.vmstat import parse_vmstat

_AT_ONCE = 0.15
"""For how many seconds one call reads."""


class _Seen(NamedTuple):
    """What the next moment is compared with."""

    stack: int
    """The bottom of the stack, which identifies the program."""
    maps: bytes
    """Empty if no map was read."""


class TimelineReader:
    """Reads one process. `moments` may grow at the end and shrink at the beginning between calls."""

    def __init__(self, moments: Moments, key: ProcessKey) -> None:
        self._moments = moments
        self.key = key
        self._ticks: list[Tick] = []
        self._before: _Seen | None = None
        self._kills: int | None = None

    def read(self, at_once: float | None = None) -> Timeline:
        """Continue where the last call stopped."""
        stop = time.monotonic() + (_AT_ONCE if at_once is None else at_once)
        count = len(self._moments)
        self._forget()
        for index in range(self._next(), count):
            tick = self._tick(index)
            if tick is not None:
                self._ticks.append(tick)
            if time.monotonic() > stop:
                return Timeline(tuple(self._ticks), whole=index == count - 1)
        return Timeline(tuple(self._ticks))

    def _forget(self) -> None:
        first = self._clocks(0) if len(self._moments) else None
        while self._ticks and first is not None and self._ticks[0].clocks.boottime < first.boottime:
            self._ticks.pop(0)

    def _next(self) -> int:
        """Find the first moment after the last known one."""
        if not self._ticks:
            return 0
        last, index = self._ticks[-1].clocks.boottime, len(self._moments)
        while index and (clocks := self._clocks(index - 1)) is not None and clocks.boottime > last:
            index -= 1
        return index

    def _clocks(self, index: int) -> Clocks | None:
        moment = self._moments.moment(index)
        return None if isinstance(moment, Unavailable) else moment.clocks

    def _tick(self, index: int) -> Tick | None:
        moment = self._moments.moment(index)
        if isinstance(moment, Unavailable):
            return None
        procfs = ReplayProcfs(self._moments, index)
        if self._is_unchanged(index, moment):
            tick = self._ticks[-1]._replace(clocks=moment.clocks, events=NO_EVENTS)
        else:
            tick = self._of_process(procfs, moment.clocks)
        return tick._replace(events=tick.events | {Event.OOM}) if self._killed(procfs) else tick

    def _is_unchanged(self, index: int, moment: Moment) -> bool:
        """Return whether the process was there in the moment before, and all of it was read again and was the same."""
        if self._before is None or not index or self._clocks(index - 1) != self._ticks[-1].clocks:
            return False
        folder = f"proc/{self.key.pid}"
        if not all(name in moment.same for name in ("list/", f"{folder}/stat", f"{folder}/statm")):
            return False
        return not any(self._moments.holds(index, f"{folder}/{name}") for name in ("maps", "smaps"))

    def _killed(self, procfs: ReplayProcfs) -> bool:
        """Return whether there was an OOM kill since the previous moment, by vmstat, which live looks don't record."""
        data = procfs.read("vmstat") if self._moments.holds(procfs.index, "proc/vmstat") else b""
        kills = None if isinstance(data, Unavailable) else parse_vmstat(data).get("oom_kill")
        before, self._kills = self._kills, self._kills if kills is None else kills
        return kills is not None and before is not None and kills > before

    def _of_process(self, procfs: ReplayProcfs, clocks: Clocks) -> Tick:
        before = self._before
        stat = self._stat(procfs)
        if stat is None or _exited(stat):
            self._before = None
            return Tick(clocks, None, None, NO_EVENTS if before is None else frozenset({Event.END}))
        data = procfs.read(f"{self.key.pid}/statm")
        statm = data if isinstance(data, Unavailable) else parse_statm(data, procfs.page_size)
        self._before = _Seen(stat.start_stack, self._maps(procfs))
        found = [] if before is None else _events(before, self._before)
        events = frozenset(found) if found else NO_EVENTS
        mapped = bool(self._before.maps)
        if _memoryless(stat):  # statm describes only this thread, and is 0
            return Tick(clocks, None, None, events, mapped)
        if isinstance(statm, Unavailable | ParseError):
            return Tick(clocks, None, stat.vsize, events, mapped)
        return Tick(clocks, statm.resident, statm.size, events, mapped)

    def _stat(self, procfs: ReplayProcfs) -> Stat | None:
        if self.key.pid not in procfs.numbers():
            return None
        stat = procfs.parsed(f"{self.key.pid}/stat", parse_stat)
        return stat if isinstance(stat, Stat) and stat.start_time == self.key.start_time else None

    def _maps(self, procfs: ReplayProcfs) -> bytes:
        """Return the map; the same object as before if it did not change."""
        pid = self.key.pid
        changed = any(self._moments.holds(procfs.index, f"proc/{pid}/{name}") for name in ("maps", "smaps"))
        if not changed and self._before is not None:
            return self._before.maps
        maps = procfs.read(f"{pid}/maps")  # made from smaps, it is another object
        if self._before is not None and maps == self._before.maps:
            return self._before.maps
        return b"" if isinstance(maps, Unavailable) else maps


def _memoryless(stat: Stat) -> bool:
    return stat.state in ("Z", "X")


def _exited(stat: Stat) -> bool:
    """Return whether it has no memory any more; a main thread that exited before the others is in the same state."""
    return _memoryless(stat) and stat.num_threads <= 1


def _events(before: _Seen, now: _Seen) -> list[Event]:
    # The stack is 0 if it is hidden from us, or the main thread has exited.
    if before.stack and now.stack and before.stack != now.stack:
        return [Event.EXEC]
    if before.maps is now.maps or not before.maps or not now.maps:
        return []
    (starts, ends), (starts_now, ends_now) = _differing_bounds(before.maps, now.maps)
    came, went = starts_now - starts, starts - starts_now
    new_ends, old_ends = ends_now - ends, ends - ends_now
    found = [Event.CAME] if len(starts_now) > len(starts) else []
    found += [Event.WENT] if len(starts_now) < len(starts) else []
    if len(starts_now) == len(starts) and (came or went):
        # The same number of starts appeared as disappeared: a region went and another came, or one grew downward.
        found += [Event.CAME, Event.WENT] if new_ends or old_ends else [Event.GREW]
    elif not came and not went and (new_ends or old_ends):
        found.append(Event.GREW)
    return found


_Bounds = tuple[frozenset[bytes], frozenset[bytes]]


def _differing_bounds(before: bytes, now: bytes) -> tuple[_Bounds, _Bounds]:
    """Return where regions start and end, as text, excluding the equal start and end of both texts."""
    head, tail = same_lines(before, now)
    return _bounds(before[head : len(before) - tail]), _bounds(now[head : len(now) - tail])


def _bounds(lines: bytes) -> _Bounds:
    ranges = [line.partition(b" ")[0].partition(b"-") for line in lines.splitlines()]
    return frozenset(start for start, _, _ in ranges), frozenset(end for _, _, end in ranges)
