"""The live machine as shown by `LiveSource`, with the last minutes kept in memory and, on request, in a file."""

from mmexplorer.kernel.allocator import give_back
from mmexplorer.kernel.capture.files import RecordingFiles
from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.record.recorder import MomentMaker, RecordingProcfs
from mmexplorer.kernel.capture.record.recording import clocks_now, manifest_now
from mmexplorer.kernel.process.address_space import Understood
from mmexplorer.kernel.process.live_source import LiveSource
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.capture.timeline import KEPT_BYTES, KEPT_SECONDS
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.process.users import Users
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.model.unavailable import Unavailable

if TYPE_CHECKING:
    from mmexplorer.kernel.capture.record.writer import CaptureWriter

_MAX_SIZE = 100 << 20
_GIVEN_BACK_EVERY, _GIVEN_BACK_FIRST = 16, 4
"""In how many moments free memory is given back once, and the first of them, when what the start took is free."""


class RememberingSource:
    """Implements `MemorySource`. It keeps exactly what was read for the screen, so it costs no extra reading."""

    def __init__(
        self, procfs: LiveProcfs, bytes_at_most: int = KEPT_BYTES, seconds_at_most: float = KEPT_SECONDS
    ) -> None:
        self._manifest = manifest_now(procfs, {})
        self._recorder = RecordingProcfs(procfs)
        self._live = LiveSource(self._recorder, RecordingFiles(procfs, self._recorder))
        self._maker = MomentMaker()
        self._taken = 0
        """How many moments."""
        self._writer: CaptureWriter | None = None
        self.recent = RecentMoments(self._manifest, bytes_at_most, seconds_at_most)
        """The last minutes; `Capture(recent, None)` shows them."""
        self.failure: Unavailable | None = None
        """Why writing the file stopped."""

    def sample(self, request: Request) -> Snapshot:
        """Take one sample, and remember it."""
        clocks = clocks_now()
        snapshot = self._live.sample(request)
        recorded = self._maker.make(self._recorder.take(), clocks, snapshot.cost.target)
        self.recent.add(recorded)
        if self._writer is not None:
            refused = self._writer.add(recorded)
            if refused is not None:
                self.stop()
                self.failure = refused
        self._taken += 1
        if self._taken % _GIVEN_BACK_EVERY == _GIVEN_BACK_FIRST:
            give_back()
        return snapshot

    def look_into(self, target: ProcessKey, request: Request) -> AddressSpace | Unavailable:
        """Read one process of the last sample once."""
        return self._live.look_into(target, request)

    def understood(self, target: ProcessKey) -> Understood | None:
        """Return what was understood of a process at the last sample, if it was the target."""
        return self._live.understood(target)

    def users(self, target: ProcessKey, region: Region) -> Users | Unavailable:
        """Find who uses the file behind a region of `target`."""
        return self._live.users(target, region)

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return a file behind a region of the target, with its sections."""
        return self._live.image(target, file)

    def write_recent(self, path: str, *, force: bool = False) -> Unavailable | None:
        """Write the last minutes to a file."""
        writer = self._create(path, force=force)
        if isinstance(writer, Unavailable):
            return writer
        refused = next((refused for recorded in self.recent.recorded() if (refused := writer.add(recorded))), None)
        ended = writer.close()
        return refused or ended

    def start(self, path: str, *, force: bool = False) -> Unavailable | None:
        """Write every moment from now on to a file; the first contains everything known now."""
        self.stop()
        writer = self._create(path, force=force)
        if isinstance(writer, Unavailable):
            return writer
        self._writer, self.failure = writer, None
        latest = self.recent.latest()
        refused = None if latest is None else writer.add(latest)
        if refused is not None:
            self.stop()
        return refused

    @property
    def recorded(self) -> int | None:
        """How many moments are in that file; None if there is no file."""
        return None if self._writer is None else self._writer.moments

    def stop(self) -> Unavailable | None:
        """Finish the current file, if any."""
        writer, self._writer = self._writer, None
        return None if writer is None else writer.close()

    def _create(self, path: str, *, force: bool) -> "CaptureWriter | Unavailable":
        from mmexplorer.kernel.capture.record.writer import create  # noqa: PLC0415 - most sessions write no file

        return create(path, self._manifest, _MAX_SIZE, force=force)
