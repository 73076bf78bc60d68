"""Moments of a capture that can be shown again."""

from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.timeline import TimelineReader
from mmexplorer.model.capture.moments import Moments
from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable


class CapturePast:
    """Implements `Past` with the moments of a capture; a core or text has none."""

    def __init__(self, source: MomentSource, moments: Moments | None) -> None:
        self._source = source
        self._moments = moments
        self._reader: TimelineReader | None = None

    def timeline(self, target: ProcessKey) -> Timeline:
        """Return the history of a process."""
        if self._moments is None:
            return EMPTY_TIMELINE
        if self._reader is None or self._reader.key != target:
            self._reader = TimelineReader(self._moments, target)
        return self._reader.read()

    def sample(self, at: float, request: Request) -> Snapshot:
        """Show the moment at that time (CLOCK_BOOTTIME)."""
        self._source.show(self._index(at))
        return self._source.sample(request)

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return a file behind a region of the target, with its sections."""
        return self._source.image(target, file)

    def now(self) -> None:
        """Return to the last moment."""
        self._source.show(len(self._source) - 1)

    def _index(self, at: float) -> int:
        moments = self._moments
        first, last = 0, len(moments) - 1 if moments is not None else 0
        while moments is not None and first < last:
            middle = (first + last) // 2
            moment = moments.moment(middle)
            if not isinstance(moment, Unavailable) and moment.clocks.boottime >= at:
                last = middle
            else:
                first = middle + 1
        return first
