"""A `MemorySource` and a `LabProcess` without a kernel: they show what a test sets, with a clock of their own."""

from dataclasses import replace

from mmexplorer.labs.protocol import LabReply
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.process.users import Users
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Cost, Machine, Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.fakes.machine import IMAGES, PAGE, Scene, changed, laid_out, machine, with_sections
from tests.support.fakes.spaces import process, regions
from tests.support.regions import region_of

EPOCH = 1_700_000_000.0
"""Seconds since the epoch before the first sample: 2023-11-14 22:13:20 UTC."""

_MACHINE = Machine("fake", "6.18.0-test", PAGE, mem_total=24 << 30, mem_available=21 << 30)


class FakeSource:
    """Shows `scene`, which the test replaces; each sample advances the clock by a second."""

    def __init__(self, scene: Scene | None = None) -> None:
        self.scene = scene or machine()
        self.requests: list[Request] = []
        """Every request, in order."""
        self.users_answer: Users | Unavailable = Unavailable(Cause.UNSUPPORTED, "nobody was asked")
        self._clock = 1.0

    def sample(self, request: Request) -> Snapshot:
        """Return the scene, one second later."""
        self.requests.append(request)
        self._clock += 1.0
        target = self.scene.spaces.get(request.target) if request.target is not None else None
        return Snapshot(
            taken_at=EPOCH + self._clock,
            clock=self._clock,
            machine=_MACHINE,
            processes=self.scene.processes,
            target=target,
            cost=Cost(target=0.0004),
        )

    def look_into(self, target: ProcessKey, request: Request) -> AddressSpace | Unavailable:  # noqa: ARG002
        """Return one of the processes."""
        return self.scene.spaces.get(target) or Unavailable(Cause.DENIED, "permission denied")

    def users(self, target: ProcessKey, region: Region) -> Users | Unavailable:  # noqa: ARG002 - of the protocol
        """Return the answer that the test set."""
        return self.users_answer

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:  # noqa: ARG002 - of the protocol
        """Return a file with its sections."""
        return with_sections(IMAGES[file])

    def show(self, space: AddressSpace) -> None:
        """Change one process from the next sample on."""
        self.scene = self.scene.with_space(space)


LAB_PID = 9001
LAB_START = 0x7F3A_4580_0000
_LAB = process(
    pid=LAB_PID, ppid=8000, start_time=900, name="mmlab", command=("mmlab",), rss=9 << 20, vsz=113 << 20, min_flt=0
)
_CALL = "mmap(NULL, {}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = {}"


class FakeLab:
    """A lab process in a `FakeSource`; has one mapping at a time, and refuses more than `limit` bytes."""

    def __init__(self, source: FakeSource, limit: int = 1 << 30) -> None:
        self._source = source
        self._limit = limit
        self._base = laid_out(_LAB, regions()[:4])
        self._mapping: Region | None = None
        self._touched = 0
        self._runs = False
        self.closed = False

    @property
    def pid(self) -> int | None:
        """The pid of the process while it runs."""
        return LAB_PID if self._runs else None

    @property
    def mapped(self) -> int:
        """Whether there is a mapping, as a number."""
        return int(self._mapping is not None)

    def start(self) -> None:
        """Add the process to the source."""
        self._runs = True
        self._show()

    def wait_ready(self) -> None:
        """Do nothing: it is ready at once."""

    def map(self, size: int) -> LabReply:
        """Map `size` bytes, or refuse."""
        if size > self._limit:
            call = _CALL.format(size, "-1 ENOMEM (Cannot allocate memory)")
            return LabReply(call, ok=False, error="ENOMEM: cannot allocate memory; RLIMIT_AS allows 1G")
        self._mapping = region_of(LAB_START, LAB_START + size, "rw-p", 0, "00:00", 0, "")
        self._touched = 0
        self._show()
        return self._reply(_CALL.format(size, hex(LAB_START)), VmSize=size, VmRSS=0)

    def touch(self, size: int) -> LabReply:
        """Make more of the mapping resident."""
        self._touched += size
        self._show()
        return self._reply(f"touch({LAB_START:#x}, {size})", VmSize=0, VmRSS=size)

    def unmap(self) -> LabReply:
        """Remove the mapping."""
        gone = self._mapping
        assert gone is not None
        self._mapping = None
        self._touched = 0
        self._show()
        reply = self._reply(f"munmap({gone.start:#x}, {gone.size}) = 0", VmSize=-gone.size, VmRSS=0)
        return replace(reply, start=gone.start, end=gone.end)

    def close(self) -> None:
        """End the process."""
        self.closed = True
        self._runs = False

    def _reply(self, call: str, **figures: int) -> LabReply:
        at = self._mapping
        return LabReply(call, ok=True, start=at.start if at else 0, end=at.end if at else 0, figures=figures)

    def _show(self) -> None:
        rows = (*self._base.regions, self._mapping) if self._mapping is not None else self._base.regions
        seen = replace(self._base, process=replace(_LAB, rss=(9 << 20) + self._touched))
        self._source.show(changed(seen, *rows, touched={LAB_START: self._touched}))
