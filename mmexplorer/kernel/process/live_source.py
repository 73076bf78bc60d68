"""The machine as it is now: serves `model.source.MemorySource` from /proc."""

import time
from typing import TYPE_CHECKING

from mmexplorer.kernel.machine import page_size, read_machine
from mmexplorer.kernel.process.address_space import Target
from mmexplorer.kernel.process.table import ProcessTable, Sighting
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.elf import ElfImage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import AddressSpace, Cost, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable

if TYPE_CHECKING:
    from mmexplorer.kernel.elf.images import Binaries


class LiveSource:
    """Looks at every process, and closely at one. Called from one thread at a time."""

    def __init__(self, root: str = "/proc") -> None:
        self._procfs = Procfs(root)
        self._page_size = page_size()
        self._table = ProcessTable(self._procfs, self._page_size)
        self._sightings: dict[ProcessKey, Sighting] = {}
        self._target: Target | None = None
        self._opened: Binaries | None = None

    def sample(self, request: Request) -> Snapshot:
        """Look once. The target is None if it ended before it was ever seen."""
        taken_at, clock = time.time(), time.monotonic()
        before, self._sightings = self._sightings, self._table.read()
        machine = read_machine(self._procfs)
        target = self._look(request, before)
        return Snapshot(
            taken_at=taken_at,
            clock=clock,
            machine=machine,
            processes=tuple(sighting.process for sighting in self._sightings.values()),
            target=target,
            cost=Cost(target=self._target.seconds if self._target else 0.0),
        )

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Give a file behind a region of the target, with its sections."""
        looked_at = self._target
        if looked_at is None or looked_at.space.process.key != target:
            return Unavailable(Cause.NOT_READ, "this process is not looked at")
        return self._binaries().image(looked_at.memory_pid, looked_at.space.regions, file)

    def _look(self, request: Request, before: dict[ProcessKey, Sighting]) -> AddressSpace | None:
        key = request.target
        if self._target is None or self._target.space.process.key != key:
            seen = (self._sightings.get(key) or before.get(key)) if key else None
            self._target = Target(self._procfs, seen.process, self._page_size) if seen else None
        if self._target is None or key is None:
            return None
        return self._target.look(self._sightings.get(key), request, self._binaries)

    def _binaries(self) -> "Binaries":
        if self._opened is None:
            from mmexplorer.kernel.elf.images import Binaries  # noqa: PLC0415 - pyelftools can wait until a file is opened

            self._opened = Binaries(self._procfs.root)
        return self._opened
