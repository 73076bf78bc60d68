"""Simulated address translation: segments, page tables of one and two levels, and a TLB."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.value import NamedTuple

ENTRY = 4
"""Bytes of a page-table entry, for 32-bit addresses."""
PAGE_BITS, INDEX_BITS = 12, 10
"""Bits of a 32-bit address: for the byte in its page, and for the entry in a table of each of two levels."""
_TABLE = ENTRY << INDEX_BITS


class Segment(NamedTuple):
    """A contiguous piece of memory; addresses are offsets in it."""

    base: int
    limit: int
    """Its size in bytes."""


SEGMENTS: Mapping[str, Segment] = {"code": Segment(1000, 400), "data": Segment(5000, 1200), "stack": Segment(9000, 300)}
"""The segments in the lab."""


def in_segment(segment: Segment, offset: int) -> int | None:
    """Return the place in memory of an offset; None beyond the limit, a fault."""
    return segment.base + offset if 0 <= offset < segment.limit else None


def one_level_bytes() -> int:
    """Return the size of a table with an entry for every page of a 32-bit address space."""
    return ENTRY << (2 * INDEX_BITS)


def two_level_bytes(addresses: Sequence[int]) -> int:
    """Return the size of the tables for these addresses: a directory, and a table for each 4 MiB in use."""
    return _TABLE * (1 + len({address >> (PAGE_BITS + INDEX_BITS) for address in addresses}))


def indices(address: int) -> tuple[int, int, int]:
    """Return the index in the directory, the index in the table, and the byte in the page."""
    mask = (1 << INDEX_BITS) - 1
    return address >> (PAGE_BITS + INDEX_BITS), address >> PAGE_BITS & mask, address & ((1 << PAGE_BITS) - 1)


def tlb_hits(pages: Sequence[int], size: int) -> tuple[bool, ...]:
    """Return for each use of a page whether it hits in a TLB of `size` entries with LRU replacement."""
    return tuple(_hits(pages, size))


def _hits(pages: Sequence[int], size: int) -> Iterator[bool]:
    kept: OrderedDict[int, None] = OrderedDict()
    for page in pages:
        yield page in kept
        kept[page] = None
        kept.move_to_end(page)
        if len(kept) > size:
            kept.popitem(last=False)


class TranslationSimulator:
    """Implements `Simulator` for the operations `segment`, `tables` and `tlb` of `labs/operations.py`."""

    def ask(self, operation: Operation) -> LabReply:
        """Do one of these operations."""
        arguments = operation.arguments
        if operation.name == "segment":
            return _segment(str(arguments["name"]), int(arguments["offset"]))
        if operation.name == "tables":
            return _tables([int(address, 16) for address in str(arguments["addresses"]).split()])
        return _tlb([int(page) for page in str(arguments["pages"]).split()], int(arguments["size"]))


def _segment(name: str, offset: int) -> LabReply:
    segment = SEGMENTS[name]
    place = in_segment(segment, offset)
    found = f"{segment.base} + {offset} = {place}" if place is not None else f"{offset} >= limit {segment.limit}: fault"
    drawn = [f"{'segment':<8} {'base':>6} {'limit':>6}"]
    drawn += [
        f"{each:<8} {row.base:>6} {row.limit:>6}{'  <-' if each == name else ''}" for each, row in SEGMENTS.items()
    ]
    figures = {"segment_fault": int(place is None)} | ({} if place is None else {"physical": place})
    return _reply(f"{name}:{offset} -> {found}", figures, drawn)


def _tables(addresses: Sequence[int]) -> LabReply:
    two, one = two_level_bytes(addresses), one_level_bytes()
    drawn = ["address      directory  table  byte"]
    drawn += [
        f"{address:#010x}  {up:>10} {low:>6} {byte:>5}" for address in addresses for up, low, byte in [indices(address)]
    ]
    drawn += [
        "",
        f"one level   {one >> 10:>6,} kB",
        f"two levels  {two >> 10:>6,} kB: 1 directory, {two // _TABLE - 1} tables",
    ]
    figures = {"one_level": one, "two_levels": two, "pages": len({address >> PAGE_BITS for address in addresses})}
    return _reply(f"tables for {len(addresses)} addresses", figures, drawn)


def _tlb(pages: Sequence[int], size: int) -> LabReply:
    hits = tlb_hits(pages, size)
    missed = len(hits) - sum(hits)
    # A miss reads an entry on each of two levels, then the memory itself; a hit only that.
    accesses = len(hits) + 2 * missed
    drawn = []
    if len(pages) <= _DRAWN:
        drawn = [f"page  {' '.join(map(str, pages))}", f"TLB   {' '.join('.' if hit else '!' for hit in hits)}"]
    drawn.append(f"references: {len(hits):,}, misses: {missed:,}, accesses to memory: {accesses:,}")
    figures = {"tlb_misses": missed, "references": len(hits), "memory_accesses": accesses}
    return _reply(f"TLB with {size} entries", figures, drawn)


_DRAWN = 30


def _reply(call: str, figures: Mapping[str, int], drawn: Sequence[str]) -> LabReply:
    return LabReply(f"/* {call} */", ok=True, figures=figures, output="".join(f"{row}\n" for row in drawn))
