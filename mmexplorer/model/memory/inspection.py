"""Details of one process on demand: pages, address translation, bytes, symbols, protection.

Everything here may be slow: call it from a thread, never from a screen's event loop.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mmexplorer.model.elf.dynamic import Dynamic
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbol, Symbols
from mmexplorer.model.memory.bytes import ByteSearch, Difference, Piece, WordSearch
from mmexplorer.model.memory.faults import FaultTrace
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.memory.translation import Sharer, Translation
from mmexplorer.model.process.facts import ProcessFacts
from mmexplorer.model.process.security import Finding
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.typed import Protocol
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

FoundSymbol = tuple[LoadedImage, Symbol, int]
"""An image, one of its symbols, and the address's offset in bytes from that symbol."""

Search = ByteSearch | WordSearch
Progress = Callable[[int], bool]
"""Called with the number of bytes searched since the last call; returning False ends the search."""


class TableCount(NamedTuple):
    """How large the page tables of a process are."""

    needed: Mapping[str, int] | Unavailable
    """How many tables of each level the present pages need."""
    vm_pte: int | Unavailable
    """Their size in bytes according to the kernel (`VmPTE`, `proc_pid_status(5)`)."""
    age: float = 0.0
    """Seconds since then."""


class Walk(NamedTuple):
    """How an address is translated, and how large the process's page tables are."""

    translation: Translation
    mapped: int | Unavailable
    """How many times the frame is mapped, in all processes."""
    tables: TableCount


class Found(NamedTuple):
    """A search result."""

    address: int
    region: Region


class Compared(NamedTuple):
    """Bytes of memory, and where they differ from the file."""

    pieces: tuple[Piece, ...]
    differences: tuple[tuple[Difference, str], ...] = ()
    """Each with its probable cause."""


class Inspector(Protocol):
    """Reads on demand; never raises OSError. May be called from several threads at once."""

    @property
    def live(self) -> bool:
        """Whether it reads the process as it is now; otherwise it reads files, which serve any recorded moment."""
        ...

    def pages(self, space: AddressSpace, region: Region, part: Range, parts: int = 0) -> PageStates | Unavailable:
        """Read the page states in a part of a region, up to a limit.

        With `parts`, read only an outline, which takes some milliseconds: the first page of each of that many parts.
        """
        ...

    def page_flags(self, space: AddressSpace, states: PageStates) -> Mapping[str, int] | Unavailable:
        """Count the bytes of present pages that are dirty, referenced, or under writeback; only for a few pages."""
        ...

    def walk(self, space: AddressSpace, region: Region, address: int) -> Walk | Unavailable:
        """Translate an address in a region."""
        ...

    def sharers(self, space: AddressSpace, region: Region, translation: Translation) -> Iterator[Sharer]:
        """Find the processes that map the same frame."""
        ...

    def read(self, space: AddressSpace, wanted: Range, *, fault_in: bool) -> Compared | Unavailable:
        """Read bytes. With `fault_in`, also those not in memory, so that the process grows."""
        ...

    def search(
        self, space: AddressSpace, regions: Sequence[Region], search: Search, progress: Progress
    ) -> Iterator[Found] | Unavailable:
        """Find all matches in the present pages of `regions`."""
        ...

    def namer(self, space: AddressSpace) -> Callable[[int], FoundSymbol | None]:
        """Return a function that finds the symbol at an address."""
        ...

    def symbols(self, space: AddressSpace, loaded: LoadedImage) -> Symbols | Unavailable:
        """Read the symbols of a loaded file."""
        ...

    def dynamic(self, space: AddressSpace, loaded: LoadedImage) -> Dynamic | Unavailable:
        """Read the dynamic section of a loaded file."""
        ...

    def security(self, space: AddressSpace) -> tuple[Finding, ...] | Unavailable:
        """Check how the process is protected, as it is mapped now."""
        ...

    def facts(self, space: AddressSpace) -> ProcessFacts | Unavailable:
        """Read facts about the process other than its memory."""
        ...

    def faults(
        self, space: AddressSpace, seconds: float, period: int, go_on: Callable[[], bool]
    ) -> FaultTrace | Unavailable:
        """Trace page faults for that time, while `go_on` returns True; slows the process down slightly."""
        ...


_NOT_LIVE = Unavailable(Cause.UNSUPPORTED, "this needs a live process")


class NoInspector:
    """Used when there is no live process to inspect."""

    live = False

    def __init__(self, reason: Unavailable = _NOT_LIVE) -> None:
        self._reason = reason

    def pages(
        self,
        space: AddressSpace,  # noqa: ARG002
        region: Region,  # noqa: ARG002
        part: Range,  # noqa: ARG002
        parts: int = 0,  # noqa: ARG002
    ) -> PageStates | Unavailable:
        """Return the reason."""
        return self._reason

    def page_flags(self, space: AddressSpace, states: PageStates) -> Mapping[str, int] | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def walk(self, space: AddressSpace, region: Region, address: int) -> Walk | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def sharers(
        self,
        space: AddressSpace,  # noqa: ARG002
        region: Region,  # noqa: ARG002
        translation: Translation,  # noqa: ARG002
    ) -> Iterator[Sharer]:
        """Return no processes."""
        return iter(())

    def read(self, space: AddressSpace, wanted: Range, *, fault_in: bool) -> Compared | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def search(
        self,
        space: AddressSpace,  # noqa: ARG002
        regions: Sequence[Region],  # noqa: ARG002
        search: Search,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
    ) -> Iterator[Found] | Unavailable:
        """Return the reason."""
        return self._reason

    def namer(self, space: AddressSpace) -> Callable[[int], FoundSymbol | None]:  # noqa: ARG002
        """Return a function that finds no symbol."""
        return lambda _address: None

    def symbols(self, space: AddressSpace, loaded: LoadedImage) -> Symbols | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def dynamic(self, space: AddressSpace, loaded: LoadedImage) -> Dynamic | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def security(self, space: AddressSpace) -> tuple[Finding, ...] | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def facts(self, space: AddressSpace) -> ProcessFacts | Unavailable:  # noqa: ARG002
        """Return the reason."""
        return self._reason

    def faults(
        self,
        space: AddressSpace,  # noqa: ARG002
        seconds: float,  # noqa: ARG002
        period: int,  # noqa: ARG002
        go_on: Callable[[], bool],  # noqa: ARG002
    ) -> FaultTrace | Unavailable:
        """Return the reason."""
        return self._reason
