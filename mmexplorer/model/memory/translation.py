"""How an address is translated: the levels of the page table, and which entries lead to a page.

Documentation/mm/page_tables.rst in the kernel's source. Names are Linux's: PGD, P4D, PUD, PMD, PTE.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen

_NAMES = {
    2: ("PGD", "PTE"),
    3: ("PGD", "PMD", "PTE"),
    4: ("PGD", "PUD", "PMD", "PTE"),
    5: ("PGD", "P4D", "PUD", "PMD", "PTE"),
}
"""From the top down, by the number of levels."""

_ENTRY_SIZE = 8


@frozen
class Level:
    """One table on the way to a page, and which of its entries is taken."""

    name: str
    index: int
    shift: int
    """The lowest bit of the address that is part of the index: an entry covers 2^shift bytes."""
    bits: int
    """How many bits of the address the index has."""

    def table_span(self, address: int) -> Range:
        """Give the addresses that the table covers which `address` is looked up in."""
        size = 1 << self.shift + self.bits
        start = address // size * size
        return Range(start, start + size)


@frozen
class Paging:
    """How this machine's page tables are built."""

    page_size: int
    address_bits: int
    """Bits of an address that are translated: 48 with 4 levels on x86-64, 57 with 5; the halves of user and kernel
    share them there, while arm64 has a table for each."""

    @property
    def page_shift(self) -> int:
        """Bits of an address that are an offset in its page."""
        return self.page_size.bit_length() - 1

    @property
    def index_bits(self) -> int:
        """Bits of an index: a table fills a page with entries of 8 bytes."""
        return self.page_shift - (_ENTRY_SIZE.bit_length() - 1)

    @property
    def depth(self) -> int:
        """How many levels there are."""
        return max(2, -(-(self.address_bits - self.page_shift) // self.index_bits))

    def levels(self, address: int) -> tuple[Level, ...]:
        """Give the way to the page of `address`, from the top down."""
        return tuple(self._level(name, depth, address) for depth, name in enumerate(_NAMES[self.depth]))

    def shift(self, depth: int) -> int:
        """Give the shift of the level `depth` below the top."""
        return self.page_shift + self.index_bits * (self.depth - 1 - depth)

    def _level(self, name: str, depth: int, address: int) -> Level:
        shift = self.shift(depth)
        bits = min(self.index_bits, self.address_bits - shift)
        return Level(name, address >> shift & (1 << bits) - 1, shift, bits)


@frozen
class Translation:
    """The way from an address to a byte of physical memory."""

    address: int
    levels: tuple[Level, ...]
    """Those that are walked: a huge page ends the walk early."""
    state: PageState
    frame: int | Unavailable
    """The number of the page frame, in pages of the usual size."""
    page_size: int
    huge: int | None
    """The size of the huge page, None where it is none."""

    @property
    def physical(self) -> int | Unavailable:
        """The physical address."""
        if isinstance(self.frame, Unavailable):
            return self.frame
        return self.frame * self.page_size + self.address % self.page_size


class Sharer(NamedTuple):
    """A process that has a page."""

    pid: int
    address: int
    """Where the page begins in it."""


class Populated(NamedTuple):
    """Neighbouring addresses whose entries are not empty."""

    range: Range
    huge: int = 0
    """The size of the huge pages that map it; 0 for pages of the usual size."""
    deposit: bool = False
    """Whether a table is kept in reserve for each huge page: for anonymous memory, which may have to be split."""


def page_tables(populated: Iterable[Populated], paging: Paging) -> Mapping[str, int]:
    """Count the tables of each level that the entries need, by level; the top one, which every process has, is not in.

    `populated` ascends. This is what VmPTE counts (`mm_pgtables_bytes` in the kernel's source), in tables.
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
    """Give what VmPTE says of as many tables: a P4D is not counted."""
    return page_size * sum(count for name, count in counts.items() if name != "P4D")
