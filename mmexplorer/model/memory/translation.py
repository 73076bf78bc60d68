"""How an address is translated: the levels of the page table, and which entries lead to a page.

See Documentation/mm/page_tables.rst in the kernel source. Names are Linux's: PGD, P4D, PUD, PMD, PTE.
"""

from collections.abc import Iterable, Mapping

from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen

_NAMES = {
    2: ("PGD", "PTE"),
    3: ("PGD", "PMD", "PTE"),
    4: ("PGD", "PUD", "PMD", "PTE"),
    5: ("PGD", "P4D", "PUD", "PMD", "PTE"),
}
"""Top down, keyed by the number of levels."""

_ENTRY_SIZE = 8


@frozen
class Level:
    """One table on the way to a page, and the entry used in it."""

    name: str
    index: int
    shift: int
    """The lowest address bit of the index: an entry covers 2^shift bytes."""
    bits: int
    """How many address bits the index has."""

    def table_span(self, address: int) -> Range:
        """Return the addresses covered by the table in which `address` is looked up."""
        size = 1 << self.shift + self.bits
        start = address // size * size
        return Range(start, start + size)


@frozen
class Paging:
    """How this machine's page tables are built."""

    page_size: int
    address_bits: int
    """Address bits that are translated: 48 with 4 levels on x86-64, 57 with 5. There user and kernel halves share them,
    while arm64 has a table for each."""

    @property
    def page_shift(self) -> int:
        """The number of address bits that are an offset within the page."""
        return self.page_size.bit_length() - 1

    @property
    def index_bits(self) -> int:
        """The number of bits of an index: a table of 8-byte entries fills a page."""
        return self.page_shift - (_ENTRY_SIZE.bit_length() - 1)

    @property
    def depth(self) -> int:
        """How many levels there are."""
        return max(2, -(-(self.address_bits - self.page_shift) // self.index_bits))

    def levels(self, address: int) -> tuple[Level, ...]:
        """Return the levels on the way to the page of `address`, top down."""
        return tuple(self._level(name, depth, address) for depth, name in enumerate(_NAMES[self.depth]))

    def shift(self, depth: int) -> int:
        """Return the shift of the level `depth` below the top."""
        return self.page_shift + self.index_bits * (self.depth - 1 - depth)

    def _level(self, name: str, depth: int, address: int) -> Level:
        shift = self.shift(depth)
        bits = min(self.index_bits, self.address_bits - shift)
        return Level(name, address >> shift & (1 << bits) - 1, shift, bits)


@frozen
class Translation:
    """The path from an address to a byte of physical memory."""

    address: int
    levels: tuple[Level, ...]
    """Those walked: a huge page ends the walk early."""
    state: PageState
    frame: int | Unavailable
    """The page frame number, in pages of the base size."""
    page_size: int
    huge: int | None
    """The size of the huge page; None if it isn't one."""

    @property
    def physical(self) -> int | Unavailable:
        """The physical address."""
        if isinstance(self.frame, Unavailable):
            return self.frame
        return self.frame * self.page_size + self.address % self.page_size


class Sharer(NamedTuple):
    """A process that maps the page."""

    pid: int
    address: int
    """The page's address in that process."""


class Populated(NamedTuple):
    """Consecutive addresses whose entries are not empty."""

    range: Range
    huge: int = 0
    """The size of the huge pages mapping it; 0 for base pages."""
    deposit: bool = False
    """Whether each huge page keeps a spare table: true of anonymous memory, where it may have to be split."""


def page_tables(populated: Iterable[Populated], paging: Paging) -> Mapping[str, int]:
    """Count the tables of each level that the entries need, excluding the top one, which every process has.

    `populated` is ascending. This is what VmPTE counts (`mm_pgtables_bytes` in the kernel source), in tables.
    """
    names = _NAMES[paging.depth][1:]
    counts = dict.fromkeys(names, 0)
    last = dict.fromkeys(names, -1)
    for entries in populated:
        for depth, name in enumerate(names, start=1):
            covered = paging.shift(depth - 1)
            if entries.huge and entries.huge >= 1 << covered:
                if entries.deposit and depth == paging.depth - 1:
                    counts[name] += entries.range.size // entries.huge
                continue
            first, end = max(entries.range.start >> covered, last[name] + 1), entries.range.end - 1 >> covered
            counts[name] += max(0, end - first + 1)
            last[name] = max(last[name], end)
    return counts


def table_bytes(counts: Mapping[str, int], page_size: int) -> int:
    """Return the size VmPTE reports for that many tables; it doesn't count P4Ds."""
    return page_size * sum(count for name, count in counts.items() if name != "P4D")
