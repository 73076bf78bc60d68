"""What Explore and the commands need from the machine. Live, recorded and fake sources all serve it."""

from dataclasses import dataclass
from typing import Protocol

from mmexplorer.model.elf import ElfImage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.users import Users


@dataclass(frozen=True, slots=True)
class Request:
    """What one reading should take in."""

    target: ProcessKey | None = None
    elf: bool = True
    """False for the first picture: opening the files behind the regions can wait until something is on the screen."""
    sections: bool = False
    """The sections of these files, too, which is twice the work."""
    counters: bool = True
    """False where smaps isn't needed at all."""
    threads: bool = False
    """Ask every thread again; else some of them, in turn."""
    counters_now: bool = False
    """Read smaps whatever it costs: the person asked for it."""


class MemorySource(Protocol):
    """Reads. Called from one thread at a time; keeps what it needs from call to call; never raises OSError."""

    def sample(self, request: Request) -> Snapshot:
        """Look once."""
        ...

    def look_into(self, target: ProcessKey, request: Request) -> AddressSpace | Unavailable:
        """Read one of the processes of the last sample once, and no more of it than `request` needs."""
        ...

    def users(self, target: ProcessKey, region: Region) -> Users | Unavailable:
        """Say who uses the file behind a region of `target`. Keeps nothing: may be called from another thread."""
        ...

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """The file behind a region of the target with its sections, which `sample` leaves out."""
        ...
