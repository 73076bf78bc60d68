"""A capture, core file or text in the form the screens need: implements `MemorySource`, one moment at a time."""

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.process.layout import read_image
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.source import Source
from mmexplorer.kernel.system.machine import read_machine
from mmexplorer.model.capture.moments import Clocks
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.process.users import Users
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace

_NO_TIME = Clocks(0.0, 0.0, 0.0)


class MomentSource:
    """Shows the moment last chosen by `show`, at first the newest. A core or text has one moment.

    A region that doesn't change between two shown moments is the same object, as it is live.
    """

    def __init__(self, opened: Capture | Source) -> None:
        self._opened = opened
        self._seen: dict[ProcessKey, Process] = {}
        self._space: AddressSpace | None = None
        self.index = len(self) - 1
        """The number of the moment shown, from 0."""
        self.source = opened.at(self.index) if isinstance(opened, Capture) else opened
        """Where the bytes come from."""
        self._table = ProcessTable(self.source.procfs)

    def __len__(self) -> int:
        return len(self._opened.moments) if isinstance(self._opened, Capture) else 1

    def show(self, index: int) -> None:
        """Choose a moment; numbers out of range give the first or the last."""
        self.index = min(max(index, 0), len(self) - 1)
        procfs = self.source.procfs
        if isinstance(procfs, ReplayProcfs):
            procfs.index = self.index
            self.source = replace(self.source, taken_at=self.clocks().realtime)

    def clocks(self) -> Clocks:
        """Return the time of the moment shown; zeros if the file doesn't record it."""
        if not isinstance(self._opened, Capture):
            return _NO_TIME
        moment = self._opened.moments.moment(self.index)
        return _NO_TIME if isinstance(moment, Unavailable) else moment.clocks

    def sample(self, request: Request) -> Snapshot:
        """Return the moment. The target is None if it didn't exist yet."""
        samples = self._table.read()
        self._seen |= {key: sample.process for key, sample in samples.items()}
        clocks = self.clocks()
        self._space = None if request.target is None else self._target(request.target, request, clocks)
        return Snapshot(
            taken_at=clocks.realtime,
            clock=clocks.monotonic,
            machine=read_machine(self.source.procfs),
            processes=tuple(sample.process for sample in samples.values()),
            target=self._space,
        )

    def look_into(self, target: ProcessKey, request: Request) -> AddressSpace | Unavailable:
        """Read one process of the moment."""
        space = self.source.address_space(target.pid, request)
        return space.unavailable or space if isinstance(space, AddressSpace) else space

    def users(self, target: ProcessKey, region: Region) -> Users | Unavailable:  # noqa: ARG002 - required by the protocol
        """Return the reason: a file doesn't record users."""
        return Unavailable(Cause.UNSUPPORTED, f"a {self.source.kind} doesn't tell who had a file open")

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return a file behind a region of the target, with its sections."""
        space = self._space
        if space is None or space.process.key != target:
            return Unavailable(Cause.NOT_READ, "this process is not looked at")
        return read_image(self.source.files, space.through_thread or target.pid, space.regions, file)

    def _target(self, key: ProcessKey, request: Request, clocks: Clocks) -> AddressSpace | None:
        process = self._seen.get(key)
        # Reading from a file stalls nobody, so no budget applies.
        space = self.source.address_space(key.pid, replace(request, counters_now=True))
        if isinstance(space, AddressSpace) and space.process.key == key:
            # The list of processes has the owner's name.
            user = space.process.user if process is None else process.user
            return replace(space, process=replace(space.process, user=user))
        if process is None:
            return None
        reason = space if isinstance(space, Unavailable) else ENDED
        ended_at = clocks.realtime if reason is ENDED else None
        return AddressSpace(process, (), reason, Layout(), {}, reason, unavailable=reason, ended_at=ended_at)
