"""The last minutes of the live machine, which can be shown again."""

from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Past, Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace


class LivePast:
    """Implements `Past` with what the live source remembers. Called from the same thread as that source."""

    def __init__(self, source: RememberingSource) -> None:
        self._live = source
        self._past: Past | None = None

    def timeline(self, target: ProcessKey) -> Timeline:
        """Return the history of a process."""
        past = self._known()
        return EMPTY_TIMELINE if past is None else replace(past.timeline(target), begins=self._live.recent.begins)

    def sample(self, at: float, request: Request) -> Snapshot:
        """Show the moment at that time (CLOCK_BOOTTIME)."""
        past = self._known()
        return self._live.sample(request) if past is None else past.sample(at, request)

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return a file behind a region of the target, with its sections."""
        past = self._known()
        return Unavailable(Cause.NOT_READ, "nothing is remembered yet") if past is None else past.image(target, file)

    def now(self) -> None:
        """Do nothing: the source shows the live machine anyway."""

    def _known(self) -> Past | None:
        recent = self._live.recent
        if self._past is None and len(recent):
            # All that reads captures comes with them, after the first picture.
            from mmexplorer.kernel.capture.capture import Capture  # noqa: PLC0415
            from mmexplorer.kernel.capture.moment_source import MomentSource  # noqa: PLC0415
            from mmexplorer.kernel.capture.past import CapturePast  # noqa: PLC0415

            self._past = CapturePast(MomentSource(Capture(recent, None, self._live.understood)), recent)
        return self._past
