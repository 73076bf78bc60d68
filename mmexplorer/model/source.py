"""What the screens need from the machine. Live, recorded and fake sources all serve it."""

from dataclasses import dataclass
from typing import Protocol

from mmexplorer.model.elf import ElfImage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True)
class Request:
    """What one refresh should look at."""

    target: ProcessKey | None = None
    elf: bool = True
    """False for the first picture: opening the files behind the regions can wait until something is on the screen."""
    counters_now: bool = False
    """Read smaps whatever it costs: the person asked for it."""


class MemorySource(Protocol):
    """Reads. Called from one thread at a time; keeps what it needs from call to call; never raises OSError."""

    def sample(self, request: Request) -> Snapshot:
        """Look once."""
        ...

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """The file behind a region of the target with its sections, which `sample` leaves out."""
        ...


@dataclass(frozen=True, slots=True)
class LabReply:
    """What the lab child answered."""

    call: str
    """The system call as strace(1) prints it, with its result: `mmap(NULL, ...) = 0x7f...`."""
    ok: bool
    error: str = ""
    """The errno in words when not ok: "ENOMEM: cannot allocate memory (RLIMIT_AS is 64 MiB)"."""
    start: int = 0
    """The range the call was about; both 0 where it has none."""
    end: int = 0


class LabHost(Protocol):
    """The one process that we change: our own child."""

    @property
    def pid(self) -> int | None:
        """The child's pid; None while it doesn't run."""
        ...

    def start(self) -> None:
        """Spawn the child, from the main thread: its death is tied to the thread that made it."""
        ...

    def map(self, size: int) -> LabReply:
        """Map `size` bytes of private anonymous memory, readable and writable."""
        ...

    def touch(self, size: int) -> LabReply:
        """Write one byte into each of the next `size` bytes' pages of the newest mapping."""
        ...

    def unmap(self) -> LabReply:
        """Unmap the newest mapping."""
        ...

    def close(self) -> None:
        """End the child and wait for it; nothing of it is left."""
        ...
