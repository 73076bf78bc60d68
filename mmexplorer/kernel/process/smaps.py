"""The counters of a process, read as often as the budget allows (`model/budget.py`)."""

import time
from collections.abc import Callable

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.budget import CHEAP, LONGEST_HOLD, SHARE, expected_seconds, holds_too_long, may_read, seconds_of
from mmexplorer.model.process.process import Process
from mmexplorer.model.snapshot import Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.usages import Usages
from mmexplorer.parse.process.smaps import Bodies, Smaps, read_smaps

_NOT_YET = Unavailable(
    Cause.NOT_READ, "not read yet: it would stall this process for longer than the budget allows", "r reads them now"
)
_TOO_LONG = Unavailable(
    Cause.NOT_READ,
    f"not read: it would hold this process up for more than {1000 * LONGEST_HOLD:.0f} ms",
    "r reads all the same",
)
_ANY = float("inf")
"""Seconds."""
_STOPPED = "Tt"
_IDLE = 10.0
"""Seconds after which a process that hasn't run is idle: it will hardly wake up just while smaps is read."""
_IDLE_AGAIN = 60.0
"""Seconds after which smaps of an idle process is read again: others may have begun to share its pages."""
_CHEAP_AGAIN = 10.0
"""The same, if reading it holds nothing up."""
_SHORT = 1 << 20
"""Bytes of a text that is kept to be compared with the next: a thousand regions. That of 65,000 takes 45 MB."""
_NO_SMAPS = Unavailable(Cause.UNSUPPORTED, "this kernel has no smaps (CONFIG_PROC_PAGE_MONITOR)")


class SmapsReader:
    """Reads smaps of one program in one process and keeps the last reading."""

    def __init__(self, procfs: Procfs, bodies: Bodies | None = None) -> None:
        """`bodies` are those of another reading: counters that are equal are then the same objects."""
        self._procfs = procfs
        self._bodies: Bodies = bodies or {}
        self._short: tuple[bytes, Smaps] | None = None
        """The last reading and its text if that is short."""
        self._waiting_since = time.monotonic()
        """Since when time has been saved for the next reading: in the future while an earlier one is paid for."""
        self._saved = _ANY
        """How many seconds the reading that is due may take; a reading that was asked for may take any."""
        self._measured: float | None = None
        """How long the last reading stalled the process at a stretch; None if unknown."""
        self._process: Process | None = None
        """When it was last asked whether a reading is due; the same object if no byte of stat and statm has changed."""
        self._largest_of: tuple[Usages | None, int] = None, 0
        """A reading, and the Rss of its largest region."""
        self.held_back = False
        """Whether smaps is never read automatically, because it would stall the process for too long."""
        self.latest: Counters | Unavailable = _NOT_YET
        """The result of the last reading."""

    @property
    def bodies(self) -> Bodies:
        """The counters of the last text, for another reader."""
        return self._bodies

    def due(
        self,
        process: Process,
        maps_seconds: float,
        regions: int,
        expected_hold: Callable[[], float] = lambda: 0.0,
        idle_since: Callable[[], float | None] = lambda: None,
    ) -> bool:
        """Return whether the budget allows a reading; `maps_seconds` is the processor time of reading maps.

        `expected_hold` returns how long a reading will probably stall the process at a stretch; `idle_since`, since
        when (monotonic) it hasn't run. A stopped process doesn't mind, and an idle one hardly; but hardly anything
        changes in it either.
        """
        before, self._process = self._process, process
        if isinstance(process.rss, Unavailable):
            return False
        expected = expected_seconds(process.rss, maps_seconds, regions)
        if isinstance(self.latest, Counters):
            expected = max(expected, self.latest.seconds)
        waits = isinstance(self.latest, Counters) or expected >= CHEAP
        waited = time.monotonic() - self._waiting_since
        self._saved = _ANY
        if waits and not may_read(waited, expected):
            return False
        hold = expected_hold()
        too_long = process.state not in _STOPPED and holds_too_long(hold, self._measured_for(hold))
        # Asking each of its threads takes some time: not of a process whose stat shows that it ran.
        now, since = time.monotonic(), idle_since() if too_long or process is before else None
        is_idle = since is not None and now - since >= _IDLE
        was_read = since is not None and self._was_read(since, now - (_IDLE_AGAIN if too_long else _CHEAP_AGAIN))
        self.held_back = too_long and (was_read or not is_idle)
        if self.held_back and self.latest is _NOT_YET:
            self.latest = _TOO_LONG
        if self.held_back or (was_read and is_idle):
            return False
        self._saved = waited * SHARE
        return True

    def _was_read(self, since: float, after: float) -> bool:
        """Return whether smaps was read since then, and after another time."""
        return isinstance(self.latest, Counters) and self.latest.taken_at >= since and self.latest.taken_at > after

    def _measured_for(self, expected: float) -> float | None:
        """Return the last reading's longest stall, scaled up if the process has grown since."""
        largest = self._largest()
        if self._measured is None or not largest:
            return None
        return self._measured * max(1.0, expected / seconds_of(largest))

    def _largest(self) -> int:
        """Return the Rss of the largest region in the last reading; 0 without one."""
        if not isinstance(self.latest, Counters):
            return 0
        read, largest = self._largest_of
        if read is not self.latest.by_range:
            read = self.latest.by_range
            largest = max((usage.get("Rss") or 0 for usage in read.values()), default=0)
            self._largest_of = read, largest
        return largest

    def charge(self, seconds: float) -> None:
        """Charge the budget for time not saved before: of an early reading, or of counting pages in another way."""
        self._waiting_since += seconds / SHARE

    def read(self, pid: int, rss: int | Unavailable | None = None) -> bytes | Unavailable:
        """Read /proc/`pid`/smaps now, whatever the cost; store the result in `latest` and return its lines of maps.

        `rss` is what statm has just told.
        """
        start = time.perf_counter()
        text = _smaps_text(self._procfs, pid)
        smaps = text if isinstance(text, Unavailable) else self.understand(text)
        seconds = time.perf_counter() - start
        if isinstance(smaps, Unavailable):
            self.latest = smaps
        else:
            live = self._procfs.live
            # Of an earlier moment it may not be remembered, and each is the same however it is read.
            told = rss if live is not None else None
            self.latest = Counters(time.monotonic(), seconds, self._kept(smaps.usages), told)
            self._measured = live.longest_read if live is not None else None
        self._waiting_since = time.monotonic()
        self.charge(max(0.0, seconds - self._saved))
        self._saved = _ANY
        return smaps if isinstance(smaps, Unavailable) else smaps.headers

    def understand(self, text: bytes) -> Smaps:
        """Parse a text, unless no byte of it has changed; counters equal to those of the last are the same objects."""
        if self._short is not None and text == self._short[0]:
            return self._short[1]
        smaps = read_smaps(text, self._bodies)
        self._bodies = smaps.bodies
        self._short = (text, smaps) if len(text) <= _SHORT else None
        return smaps

    def _kept(self, usages: Usages) -> Usages:
        """Return the counters of the reading before if they are the same.

        Pss changes in a sleeping process, too, when others begin and stop sharing its pages.
        """
        before = self.latest.by_range if isinstance(self.latest, Counters) else None
        return before if before is not None and usages.same_as(before) else usages


def _smaps_text(procfs: Procfs, pid: int) -> bytes | Unavailable:
    """Read smaps, and distinguish a kernel without it from a process that has ended."""
    # A descriptor opened just before an execve(2) reads as empty: read twice before believing it.
    text = procfs.read(f"{pid}/smaps") or procfs.read(f"{pid}/smaps")
    if isinstance(text, Unavailable) and text.cause is Cause.GONE and not procfs.exists("self/smaps"):
        return _NO_SMAPS
    return text
