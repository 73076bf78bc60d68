"""The counters of one process, read as often as the budget allows (`model/budget.py`)."""

import time
from collections.abc import Mapping

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.budget import CHEAP, expected_seconds, may_read
from mmexplorer.model.process import Process
from mmexplorer.model.region import Range, Usage
from mmexplorer.model.snapshot import Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.smaps import parse_smaps

_NOT_YET = Unavailable(
    Cause.NOT_READ, "not read yet: it would stall this process for longer than the budget allows", "r reads them now"
)
_NO_SMAPS = Unavailable(Cause.UNSUPPORTED, "this kernel has no smaps (CONFIG_PROC_PAGE_MONITOR)")


class SmapsReader:
    """Reads smaps of one program in one process and keeps the last reading."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._latest: Counters | Unavailable = _NOT_YET
        self._seen: int | None = None
        self._waiting_since = time.monotonic()

    def read(self, process: Process, pid: int, maps_seconds: float, *, at_once: bool) -> Counters | Unavailable:
        """Give the newest counters, from /proc/`pid`/smaps now if that is due or `at_once` is asked for."""
        if at_once or self._due(process, maps_seconds):
            self._latest = self._look(pid)
            self._waiting_since = time.monotonic()
        return self._latest

    def _due(self, process: Process, maps_seconds: float) -> bool:
        if isinstance(process.rss, Unavailable):
            return False
        expected = expected_seconds(process.rss, maps_seconds)
        if isinstance(self._latest, Counters):
            expected = max(expected, self._latest.seconds)
        elif expected < CHEAP:
            return True
        return may_read(time.monotonic() - self._waiting_since, expected)

    def _look(self, pid: int) -> Counters | Unavailable:
        start = time.perf_counter()
        text = smaps_text(self._procfs, pid)
        if isinstance(text, Unavailable):
            return text
        by_range = self._understand(text)
        return Counters(taken_at=time.monotonic(), seconds=time.perf_counter() - start, by_range=by_range)

    def _understand(self, text: bytes) -> Mapping[Range, Usage]:
        """Give the very same mapping while not a byte has changed, as with a process that sleeps."""
        # A hash, since the text of 65,000 regions takes 45 MB; it is keyed anew in each run, so none can be forged.
        seen, self._seen = self._seen, hash(text)
        if isinstance(self._latest, Counters) and seen == self._seen:
            return self._latest.by_range
        return parse_smaps(text)


def smaps_text(procfs: Procfs, pid: int) -> bytes | Unavailable:
    """Read smaps, telling a kernel without it from a process that has ended."""
    # Through a descriptor opened just before an execve(2) it reads as empty: look twice before believing it.
    text = procfs.read(f"{pid}/smaps") or procfs.read(f"{pid}/smaps")
    if isinstance(text, Unavailable) and text.cause is Cause.GONE and not procfs.exists("self/smaps"):
        return _NO_SMAPS
    return text
