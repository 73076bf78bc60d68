"""Implements `model.source.MemorySource` with a /proc and the files behind its regions."""

import time

from mmexplorer.kernel.elf.mapped_file import MappedFiles
from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.process.address_space import TrackedProcess, Understood, look_into
from mmexplorer.kernel.process.hidden import hides_processes
from mmexplorer.kernel.process.layout import read_image
from mmexplorer.kernel.process.table import ProcessSample, ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.system.machine import read_machine
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.process.users import Users
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Cost, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable


class LiveSource:
    """Reads all processes, and one of them in detail. Called from one thread at a time."""

    def __init__(self, procfs: Procfs, files: MappedFiles) -> None:
        self._procfs = procfs
        self._files = files
        self._table = ProcessTable(procfs)
        self._samples: dict[ProcessKey, ProcessSample] = {}
        self._target: TrackedProcess | None = None
        self._hides = hides_processes()

    def sample(self, request: Request) -> Snapshot:
        """Take one sample. The target is None if it ended before it was ever seen."""
        taken_at, clock = time.time(), time.monotonic()
        before, self._samples = self._samples, self._table.read()
        machine = read_machine(self._procfs, hides=self._hides)
        target = self._look(request, before)
        return Snapshot(
            taken_at=taken_at,
            clock=clock,
            machine=machine,
            processes=tuple(sample.process for sample in self._samples.values()),
            target=target,
            cost=Cost(self._target.seconds, self._target.longest) if self._target else Cost(),
        )

    def look_into(self, target: ProcessKey, request: Request) -> AddressSpace | Unavailable:
        """Read one process of the last sample once."""
        sample = self._samples.get(target)
        return ENDED if sample is None else look_into(self._procfs, self._files, sample, request)

    def understood(self, target: ProcessKey) -> Understood | None:
        """Return what was understood of a process at the last sample, if it was the target."""
        looked_at = self._target
        return looked_at.understood if looked_at is not None and looked_at.space.process.key == target else None

    def users(self, target: ProcessKey, region: Region) -> Users | Unavailable:
        """Find who uses the file behind a region of `target`."""
        from mmexplorer.kernel.process.users import find_users  # noqa: PLC0415 - only when asked
        from mmexplorer.kernel.used_file import file_behind  # noqa: PLC0415

        # Use the machine's own /proc, even if the screen's readings are being recorded.
        procfs = LiveProcfs()
        asked = file_behind(procfs, target.pid, region)
        return asked if isinstance(asked, Unavailable) else find_users(procfs, asked)

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return a file behind a region of the target, with its sections."""
        looked_at = self._target
        if looked_at is None or looked_at.space.process.key != target:
            return Unavailable(Cause.NOT_READ, "this process is not looked at")
        return read_image(self._files, looked_at.memory_pid, looked_at.space.regions, file)

    def _look(self, request: Request, before: dict[ProcessKey, ProcessSample]) -> AddressSpace | None:
        key = request.target
        if self._target is None or self._target.space.process.key != key:
            seen = (self._samples.get(key) or before.get(key)) if key else None
            self._target = TrackedProcess(self._procfs, self._files, seen.process) if seen else None
        if self._target is None or key is None:
            return None
        return self._target.read(self._samples.get(key), request)
