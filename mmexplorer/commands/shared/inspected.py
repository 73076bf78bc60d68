"""A process as seen by the commands about addresses: its regions, and what is loaded where."""

from collections.abc import Mapping

from mmexplorer.commands.shared.exit import WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.found import find_anywhere
from mmexplorer.kernel.pages.memory import MemoryBytes
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.source import Source
from mmexplorer.model.address import Inside, NoAddress, locate, parse_address
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.json.source import source_fields


class Inspected(NamedTuple):
    """A process that was read once, live or from a file."""

    source: Source
    space: AddressSpace

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.space.process.pid

    @property
    def identity(self) -> Mapping[str, object]:
        """The fields of a JSON document that identify the process, and where its memory was read."""
        return {"pid": self.pid, **source_fields(self.source.kind, self.source.taken_at)}

    @property
    def memory_pid(self) -> int:
        """The number below /proc through which its memory can be read."""
        return self.space.through_thread or self.pid

    @property
    def procfs(self) -> LiveProcfs:
        """The live /proc. Raises CommandFailure for a file, which has no page tables to read."""
        return self.live_procfs("has no page tables")

    def live_procfs(self, lack: str) -> LiveProcfs:
        """Return the live /proc. Raises CommandFailure for a file, which says what it lacks."""
        if not isinstance(self.source.procfs, LiveProcfs):
            kind = "core file" if self.source.kind == "core" else self.source.kind
            raise CommandFailure(f"a {kind} {lack}: this needs a live process")
        return self.source.procfs

    @property
    def memory(self) -> MemoryBytes:
        """The bytes of its memory. Raises CommandFailure if there are none."""
        if self.source.memory is None:
            raise CommandFailure(f"a {self.source.kind} has no bytes of memory: this needs a process or a core file")
        return self.source.memory


def inspect(text: str, *, counters: bool = False, sections: bool = False) -> Inspected:
    """Look at PID, NAME, FILE or FILE@TIME. Raises CommandFailure, also for a process without memory."""
    found = find_anywhere(text)
    space = found.address_space(Request(counters=counters, counters_now=counters, sections=sections))
    if space.unavailable is not None:
        raise CommandFailure(f"{found.pid}: {space.unavailable}")
    return Inspected(found.source, space)


def address_in(inspected: Inspected, typed: str) -> int:
    """Parse an address. Raises CommandFailure with the status for wrong usage."""
    address = parse_address(typed, inspected.space.regions, inspected.space.layout)
    if isinstance(address, NoAddress):
        raise CommandFailure(address.sentence, WRONG_USAGE)
    return address


def region_at(inspected: Inspected, address: int) -> Region:
    """Return the region that covers `address`. Raises CommandFailure."""
    found = locate(inspected.space.regions, address)
    if not isinstance(found, Inside):
        raise CommandFailure(f"{address:#x} lies in no region of {inspected.pid}")
    return found.region


def range_in(inspected: Inspected, typed: str) -> Range:
    """Parse `START-END` as in maps, or an address, which means its complete region. Raises CommandFailure."""
    first, dash, last = typed.partition("-")
    if dash and not typed.startswith("["):
        start, end = _hexadecimal(first), _hexadecimal(last)
        if start is not None and end is not None:
            return _checked(inspected, Range(start, end))
    return region_at(inspected, address_in(inspected, typed)).range


def _hexadecimal(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None


def _checked(inspected: Inspected, wanted: Range) -> Range:
    if not 0 <= wanted.start < wanted.end <= 1 << 64:
        raise CommandFailure(f"{wanted.start:x}-{wanted.end:x} is no range of addresses", WRONG_USAGE)
    if not any(region.start < wanted.end and wanted.start < region.end for region in inspected.space.regions):
        raise CommandFailure(f"no region of {inspected.pid} lies in {wanted.start:x}-{wanted.end:x}")
    return wanted
