"""Implements `model.inspection.Inspector` with /proc.

Each reader is imported when it is first needed, in the thread that calls it: the first picture needs none.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from mmexplorer.kernel.elf.mapped_file import open_mapped
from mmexplorer.kernel.pages.memory import LiveMemory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.dynamic import Dynamic
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.memory.faults import FaultTrace
from mmexplorer.model.memory.inspection import Compared, Found, FoundSymbol, Progress, Search, Walk
from mmexplorer.model.memory.pages import PageStates, is_private_file
from mmexplorer.model.memory.translation import Sharer, Translation
from mmexplorer.model.process.facts import ProcessFacts
from mmexplorer.model.process.security import Finding
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.model.unavailable import Cause, Unavailable

if TYPE_CHECKING:
    from mmexplorer.kernel.elf.symbols import SymbolCache
    from mmexplorer.kernel.pages.translation import TableCounter

_DIFFERENCES_AT_MOST = 1 << 8


class LiveInspector:
    """Reads on demand; caches symbols of files."""

    live = True

    def __init__(self, procfs: LiveProcfs) -> None:
        self._procfs = procfs
        self._memory = LiveMemory(procfs)
        self._reading_symbols = threading.Lock()
        """Two threads may request the same file, which should be read only once."""
        self._last_pages: tuple[AddressSpace, Range, PageStates | Unavailable] | None = None
        """The last result: two parts of a screen may request the same pages at the same look."""

    @cached_property
    def _symbols(self) -> "SymbolCache":
        from mmexplorer.kernel.elf.symbols import SymbolCache  # noqa: PLC0415

        return SymbolCache()

    @cached_property
    def _tables(self) -> "TableCounter":
        from mmexplorer.kernel.pages.translation import TableCounter  # noqa: PLC0415

        return TableCounter(self._procfs)

    def pages(self, space: AddressSpace, region: Region, part: Range, parts: int = 0) -> PageStates | Unavailable:
        """Read the page states in a part of a region, up to a limit, or as an outline."""
        from mmexplorer.kernel.pages.pagemap import read_pages  # noqa: PLC0415

        private_file = is_private_file(region)
        if parts:
            return read_pages(self._procfs, _memory_pid(space), part, private_file=private_file, parts=parts)
        last = self._last_pages
        if last is not None and last[0] is space and last[1] == part:
            return last[2]
        states = read_pages(self._procfs, _memory_pid(space), part, private_file=private_file)
        self._last_pages = space, part, states
        return states

    def page_flags(self, space: AddressSpace, states: PageStates) -> Mapping[str, int] | Unavailable:
        """Count the bytes of present pages that are dirty, referenced, or under writeback; only for a few pages."""
        from mmexplorer.kernel.pages.frames import count_flags  # noqa: PLC0415
        from mmexplorer.kernel.pages.pagemap import FRAMES_AT_MOST  # noqa: PLC0415

        if states.in_memory > FRAMES_AT_MOST:
            return Unavailable(Cause.NOT_READ, f"more than {FRAMES_AT_MOST:,} pages: not counted")
        runs = [run for run in states.runs if run.state.in_memory]
        return count_flags(self._procfs, _memory_pid(space), runs)

    def walk(self, space: AddressSpace, region: Region, address: int) -> Walk | Unavailable:
        """Translate an address in a region."""
        from mmexplorer.kernel.pages.translation import walk  # noqa: PLC0415

        return walk(self._tables, _memory_pid(space), space, region, address)

    def sharers(self, space: AddressSpace, region: Region, translation: Translation) -> Iterator[Sharer]:  # noqa: ARG002
        """Find the processes that map the same frame; none if it is hidden."""
        from mmexplorer.kernel.pages.frames import sharers  # noqa: PLC0415

        frame = translation.frame
        if isinstance(frame, Unavailable):
            return iter(())
        return sharers(self._procfs, region, translation.address, frame)

    def read(self, space: AddressSpace, wanted: Range, *, fault_in: bool) -> Compared | Unavailable:
        """Read bytes, and compare those in memory with their file."""
        from mmexplorer.kernel.process.memory import file_differences, read_memory  # noqa: PLC0415

        pid = _memory_pid(space)
        pieces = read_memory(self._procfs, pid, space.regions, wanted, fault_in=fault_in)
        found = (
            each for each in file_differences(self._procfs, pid, space, pieces) if not isinstance(each, Unavailable)
        )
        return Compared(pieces, tuple(each for each, _ in zip(found, range(_DIFFERENCES_AT_MOST), strict=False)))

    def search(
        self, space: AddressSpace, regions: Sequence[Region], search: Search, progress: Progress
    ) -> Iterator[Found] | Unavailable:
        """Find all matches in the present pages of `regions`."""
        from mmexplorer.kernel.process.search import search_memory  # noqa: PLC0415

        return search_memory(self._procfs, _memory_pid(space), regions, search, progress)

    def namer(self, space: AddressSpace) -> Callable[[int], FoundSymbol | None]:
        """Return a function that finds the symbol at an address; it reads each file once."""
        from mmexplorer.kernel.elf.namer import Namer  # noqa: PLC0415

        return Namer(space, partial(self.symbols, space)).symbol

    def symbols(self, space: AddressSpace, loaded: LoadedImage) -> Symbols | Unavailable:
        """Read the symbols of a loaded file."""
        with self._reading_symbols:
            return self._symbols.of_loaded(self._procfs, self._memory, _memory_pid(space), space.regions, loaded)

    def dynamic(self, space: AddressSpace, loaded: LoadedImage) -> Dynamic | Unavailable:
        """Read the dynamic section of a loaded file."""
        from mmexplorer.kernel.elf.dynamic import read_dynamic  # noqa: PLC0415

        mapped = [region for region in space.regions if region.file == loaded.file]
        opened = open_mapped(self._procfs, _memory_pid(space), mapped)
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            found = read_dynamic(opened, loaded.image)
        return found if isinstance(found, Unavailable) else found[0]

    def security(self, space: AddressSpace) -> tuple[Finding, ...] | Unavailable:
        """Check how the process is protected, as it is mapped now."""
        from mmexplorer.kernel.process.security import security_findings  # noqa: PLC0415

        return space.unavailable or tuple(security_findings(self._procfs, _memory_pid(space), space))

    def facts(self, space: AddressSpace) -> ProcessFacts | Unavailable:
        """Read facts about the process other than its memory."""
        from mmexplorer.kernel.process.facts import process_facts  # noqa: PLC0415

        return process_facts(self._procfs, space.process.key)

    def faults(
        self, space: AddressSpace, seconds: float, period: int, go_on: Callable[[], bool]
    ) -> FaultTrace | Unavailable:
        """Trace page faults for that time, while `go_on` returns True."""
        from mmexplorer.kernel.process.faults import FaultTracer  # noqa: PLC0415

        with FaultTracer(self._procfs, _memory_pid(space), period) as tracer:
            refusal = tracer.start()
            if refusal is not None:
                return refusal
            tracer.wait(seconds, go_on)
            return tracer.result()


def _memory_pid(space: AddressSpace) -> int:
    """Return the number below /proc through which a process's memory is read."""
    return space.through_thread or space.process.pid
