"""What Explore and the commands need from the machine, now and before. Live, recorded and fake sources serve it."""

from typing import Protocol

from mmexplorer.model.capture.comparison import Side
from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.users import Users
from mmexplorer.model.value import frozen


@frozen
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
    however_long: bool = False
    """Read smaps, as seldom as its cost demands, even if it holds the process up for long: it is to be recorded."""


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


class Past(Protocol):
    """Moments that were. Called from the same thread as the source; never raises OSError."""

    def timeline(self, target: ProcessKey) -> Timeline:
        """What became of a process; of a long capture as much as a short while allows."""
        ...

    def sample(self, at: float, request: Request) -> Snapshot:
        """Look at the moment of that time (CLOCK_BOOTTIME)."""
        ...

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """The file behind a region with its sections, as it is known of the moment that was looked at last."""
        ...

    def now(self) -> None:
        """Look at no moment any more: the newest is shown."""
        ...


class NoPast:
    """Stands for a source that remembers nothing."""

    def timeline(self, target: ProcessKey) -> Timeline:  # noqa: ARG002 - of the protocol
        """Know of no moment."""
        return EMPTY_TIMELINE

    def sample(self, at: float, request: Request) -> Snapshot:
        """Never called: there is no moment to ask for."""
        raise NotImplementedError

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:  # noqa: ARG002 - of the protocol
        """Say why there is none."""
        return Unavailable(Cause.NOT_READ, "nothing is remembered")

    def now(self) -> None:
        """Be there already."""


class Elsewhere(Protocol):
    """Finds what isn't shown, to compare with it what is. May be called from any thread; never raises OSError."""

    @property
    def boot(self) -> str:
        """What tells the boot of the machine that is shown from all others; "" where that isn't known."""
        ...

    def find(self, text: str) -> Side | Unavailable:
        """Read what is meant: a pid, the name of a process, a file, or FILE@TIME for a moment of a capture."""
        ...


class Recorder(Protocol):
    """Writes moments into files. Called from the same thread as the source; never raises OSError."""

    def write_recent(self, path: str) -> Unavailable | None:
        """Write the last minutes."""
        ...

    def start(self, path: str) -> Unavailable | None:
        """Write every moment from now on."""
        ...

    def stop(self) -> Unavailable | None:
        """End that file, if one is being written."""
        ...

    @property
    def recorded(self) -> int | None:
        """How many moments are in the file that is being written; None for none."""
        ...

    @property
    def failure(self) -> Unavailable | None:
        """Why a file was written no further."""
        ...
