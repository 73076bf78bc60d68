"""What Explore and the commands need from the machine, now and in the past. Sources are live, recorded or fake."""

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.typed import TYPE_CHECKING, Protocol
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import frozen

if TYPE_CHECKING:  # a command that reads one process needs none of them
    from mmexplorer.model.capture.comparison import Side
    from mmexplorer.model.capture.timeline import Timeline
    from mmexplorer.model.process.users import Users


@frozen
class Request:
    """What one reading should include."""

    target: ProcessKey | None = None
    elf: bool = True
    """False for the first picture: reading the mapped ELF files can wait until something is shown."""
    sections: bool = False
    """Also read the sections of these files, which doubles the work."""
    counters: bool = True
    """False if smaps isn't needed."""
    threads: bool = False
    """Read every thread again; otherwise some of them, in turn."""
    counters_now: bool = False
    """Read smaps whatever the cost: the user asked for it."""
    however_long: bool = False
    """Read smaps even if it stalls the process for long, though as rarely as its cost requires: it is to be recorded.
    """


class MemorySource(Protocol):
    """Reads processes. Called from one thread at a time; keeps state between calls; never raises OSError."""

    def sample(self, request: Request) -> Snapshot:
        """Take one sample."""
        ...

    def look_into(self, target: ProcessKey, request: Request) -> AddressSpace | Unavailable:
        """Read one process of the last sample once, and only what `request` needs."""
        ...

    def users(self, target: ProcessKey, region: Region) -> "Users | Unavailable":
        """Find who uses the file behind a region of `target`. Keeps no state: may be called from another thread."""
        ...

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return the file behind a region of the target with its sections, which `sample` leaves out."""
        ...


class Past(Protocol):
    """Past moments. Called from the same thread as the source; never raises OSError."""

    def timeline(self, target: ProcessKey) -> "Timeline":
        """Return the history of a process; for a long capture, as much as can be read quickly."""
        ...

    def sample(self, at: float, request: Request) -> Snapshot:
        """Show the moment at that time (CLOCK_BOOTTIME)."""
        ...

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        """Return the file behind a region with its sections, as of the moment last shown."""
        ...

    def now(self) -> None:
        """Return to the newest moment."""
        ...


class NoPast:
    """Used for a source that remembers nothing."""

    def timeline(self, target: ProcessKey) -> "Timeline":  # noqa: ARG002 - required by the protocol
        """Return no moments."""
        from mmexplorer.model.capture.timeline import EMPTY_TIMELINE  # noqa: PLC0415 - see above

        return EMPTY_TIMELINE

    def sample(self, at: float, request: Request) -> Snapshot:
        """Never called: there are no moments."""
        raise NotImplementedError

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:  # noqa: ARG002 - required by the protocol
        """Return the reason."""
        return Unavailable(Cause.NOT_READ, "nothing is remembered")

    def now(self) -> None:
        """Do nothing: it is always the newest moment."""


class Elsewhere(Protocol):
    """Finds something to compare with what is shown. May be called from any thread; never raises OSError."""

    @property
    def boot(self) -> str:
        """Identifies the boot of the machine being shown; "" if unknown."""
        ...

    def find(self, text: str) -> "Side | Unavailable":
        """Read what `text` names: a pid, a process name, a file, or FILE@TIME for a moment of a capture."""
        ...


class Recorder(Protocol):
    """Writes moments to files. Called from the same thread as the source; never raises OSError."""

    def write_recent(self, path: str) -> Unavailable | None:
        """Write the last few minutes."""
        ...

    def start(self, path: str) -> Unavailable | None:
        """Start writing every moment."""
        ...

    def stop(self) -> Unavailable | None:
        """Finish the current file, if any."""
        ...

    @property
    def recorded(self) -> int | None:
        """How many moments the current file has; None if there is no file."""
        ...

    @property
    def failure(self) -> Unavailable | None:
        """Why writing stopped."""
        ...
