"""What is asked of one process below its regions, and besides: pages, their translation, bytes, names, protection.

Everything here may take a while: it is called from a thread, never from the event loop of a screen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from mmexplorer.model.elf.dynamic import Dynamic
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbol, Symbols
from mmexplorer.model.memory.bytes import ByteSearch, Difference, Piece, WordSearch
from mmexplorer.model.memory.faults import FaultTrace
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.memory.translation import Sharer, Translation
from mmexplorer.model.process_facts import ProcessFacts
from mmexplorer.model.region import Range, Region
from mmexplorer.model.security import Finding
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable

FoundSymbol = tuple[LoadedImage, Symbol, int]
"""An image, one of its symbols, and how many bytes into it an address is."""

Search = ByteSearch | WordSearch
Progress = Callable[[int], bool]
"""Told how many bytes were searched since the last call; False ends the search."""


class Walk(NamedTuple):
    """How an address is translated, and what the tables of the whole process take."""

    translation: Translation
    mapped: int | Unavailable
    """How often the frame is mapped, in all processes."""
    tables: Mapping[str, int] | Unavailable
    """How many tables of each level the pages that are present need."""
    vm_pte: int | Unavailable
    """What the kernel says that they take, in bytes (`VmPTE`, `proc_pid_status(5)`)."""


class Found(NamedTuple):
    """A match of a search."""

    address: int
    region: Region


class Compared(NamedTuple):
    """Bytes of memory, and where they are not those of the file behind them."""

    pieces: tuple[Piece, ...]
    differences: tuple[tuple[Difference, str], ...] = ()
    """Each with what probably made it."""


class Inspector(Protocol):
    """Reads; never raises OSError. Several threads may ask at the same time."""

    def pages(self, space: AddressSpace, region: Region, part: Range, parts: int = 0) -> PageStates | Unavailable:
        """Read the states of the pages in a part of a region; of a large one a bounded part.

        With `parts`, only an outline, which takes some milliseconds: the first page in each of so many parts.
        """
        ...

    def page_flags(self, space: AddressSpace, states: PageStates) -> Mapping[str, int] | Unavailable:
        """Count the bytes of pages in memory that are dirty, referenced, being written back; of few pages only."""
        ...

    def walk(self, space: AddressSpace, region: Region, address: int) -> Walk | Unavailable:
        """Follow an address of a region."""
        ...

    def sharers(self, space: AddressSpace, region: Region, translation: Translation) -> Iterator[Sharer]:
        """Find the processes that have the same frame."""
        ...

    def read(self, space: AddressSpace, wanted: Range, *, fault_in: bool) -> Compared | Unavailable:
        """Read bytes. `fault_in`: also those that are not in memory, so that the process grows."""
        ...

    def search(
        self, space: AddressSpace, regions: Sequence[Region], search: Search, progress: Progress
    ) -> Iterator[Found] | Unavailable:
        """Find every match in what is in memory of `regions`."""
        ...

    def namer(self, space: AddressSpace) -> Callable[[int], FoundSymbol | None]:
        """Give what finds the symbol of an address."""
        ...

    def symbols(self, space: AddressSpace, loaded: LoadedImage) -> Symbols | Unavailable:
        """Read the symbols of a loaded file."""
        ...

    def dynamic(self, space: AddressSpace, loaded: LoadedImage) -> Dynamic | Unavailable:
        """Read the dynamic section of a loaded file."""
        ...

    def security(self, space: AddressSpace) -> tuple[Finding, ...] | Unavailable:
        """Judge what protects the process, as it is mapped."""
        ...

    def facts(self, space: AddressSpace) -> ProcessFacts | Unavailable:
        """Ask what the process is besides its memory."""
        ...

    def faults(
        self, space: AddressSpace, seconds: float, period: int, go_on: Callable[[], bool]
    ) -> FaultTrace | Unavailable:
        """Trace page faults for so long, as long as `go_on`; the process is slowed down a little meanwhile."""
        ...


_NOT_LIVE = Unavailable(Cause.UNSUPPORTED, "this needs a process that lives")


class NoInspector:
    """Stands for what can't be asked: there is no live process behind what is shown."""

    def __init__(self, reason: Unavailable = _NOT_LIVE) -> None:
        self._reason = reason

    def pages(
        self,
        space: AddressSpace,  # noqa: ARG002
        region: Region,  # noqa: ARG002
        part: Range,  # noqa: ARG002
        parts: int = 0,  # noqa: ARG002
    ) -> PageStates | Unavailable:
        """Say why there are none."""
        return self._reason

    def page_flags(self, space: AddressSpace, states: PageStates) -> Mapping[str, int] | Unavailable:  # noqa: ARG002
        """Say why nothing is known."""
        return self._reason

    def walk(self, space: AddressSpace, region: Region, address: int) -> Walk | Unavailable:  # noqa: ARG002
        """Say why there is none."""
        return self._reason

    def sharers(
        self,
        space: AddressSpace,  # noqa: ARG002
        region: Region,  # noqa: ARG002
        translation: Translation,  # noqa: ARG002
    ) -> Iterator[Sharer]:
        """Give none."""
        return iter(())

    def read(self, space: AddressSpace, wanted: Range, *, fault_in: bool) -> Compared | Unavailable:  # noqa: ARG002
        """Say why there are none."""
        return self._reason

    def search(
        self,
        space: AddressSpace,  # noqa: ARG002
        regions: Sequence[Region],  # noqa: ARG002
        search: Search,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
    ) -> Iterator[Found] | Unavailable:
        """Say why there is nothing to search."""
        return self._reason

    def namer(self, space: AddressSpace) -> Callable[[int], FoundSymbol | None]:  # noqa: ARG002
        """Know no name."""
        return lambda _address: None

    def symbols(self, space: AddressSpace, loaded: LoadedImage) -> Symbols | Unavailable:  # noqa: ARG002
        """Say why there are none."""
        return self._reason

    def dynamic(self, space: AddressSpace, loaded: LoadedImage) -> Dynamic | Unavailable:  # noqa: ARG002
        """Say why there is none."""
        return self._reason

    def security(self, space: AddressSpace) -> tuple[Finding, ...] | Unavailable:  # noqa: ARG002
        """Say why nothing is known."""
        return self._reason

    def facts(self, space: AddressSpace) -> ProcessFacts | Unavailable:  # noqa: ARG002
        """Say why nothing is known."""
        return self._reason

    def faults(
        self,
        space: AddressSpace,  # noqa: ARG002
        seconds: float,  # noqa: ARG002
        period: int,  # noqa: ARG002
        go_on: Callable[[], bool],  # noqa: ARG002
    ) -> FaultTrace | Unavailable:
        """Say why there are none."""
        return self._reason
