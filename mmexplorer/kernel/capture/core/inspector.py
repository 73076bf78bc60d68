"""Details of a process's memory, as far as a core file contains them."""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.capture.core.source import CoreMemory, core_pid
from mmexplorer.kernel.capture.named_files import FileBytes, FileInspector
from mmexplorer.kernel.process.memory import Dump, read_dumped
from mmexplorer.kernel.process.search import search_dump
from mmexplorer.model.amount import format_size
from mmexplorer.model.capture.core import Core
from mmexplorer.model.memory.inspection import Compared, Found, Progress, Search
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable

_NOT_IN_CORE = Unavailable(Cause.UNSUPPORTED, "a core file doesn't contain it: this needs a live process")


class CoreInspector(FileInspector):
    """Reads and searches the dumped bytes; a core has no information about page tables or the kernel."""

    def __init__(self, core: Core, memory: CoreMemory) -> None:
        super().__init__(_NOT_IN_CORE, memory)
        self._core = core
        self._memory = memory

    def pages(
        self,
        space: AddressSpace,  # noqa: ARG002 - required by the protocol
        region: Region,
        part: Range,  # noqa: ARG002
        parts: int = 1,  # noqa: ARG002
    ) -> PageStates | Unavailable:
        """Return how much of the region is in the core, which doesn't record which pages were in memory."""
        dumped = sum(_common(region.range, segment.present) for segment in self._core.segments)
        has = format_size(dumped) if dumped else "none"
        held = f"it has the bytes of {has} of the {format_size(region.size)} of this region"
        return Unavailable(Cause.UNSUPPORTED, f"a core file has no page tables; {held}")

    def read(self, space: AddressSpace, wanted: Range, *, fault_in: bool) -> Compared | Unavailable:  # noqa: ARG002
        """Read bytes; those that weren't dumped come from the file, or have a reason."""
        dump = Dump(self._memory, core_pid(self._core), self._core.page_size, FileBytes(space))
        return Compared(read_dumped(dump, space.regions, wanted))

    def search(
        self,
        space: AddressSpace,  # noqa: ARG002 - required by the protocol
        regions: Sequence[Region],
        search: Search,
        progress: Progress,
    ) -> Iterator[Found] | Unavailable:
        """Find all matches in the dumped parts of `regions`."""
        return search_dump(self._memory, core_pid(self._core), regions, search, progress)


def _common(one: Range, other: Range) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
