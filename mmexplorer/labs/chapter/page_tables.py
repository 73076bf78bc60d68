"""The cost of finding a page: the page tables that lead to it, counted."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import Check, Choice, Lab, Limits, Need, Number, Step
from mmexplorer.labs.operations import mmap, munmap, no_huge_pages, touch

_GIB = 1 << 30
_SIZE = 64 * _GIB
_AT = 0x200000000000
"""The first address of an unused entry of the topmost table."""
_PAGE = 4096
_TABLE = 4096
_ONE_TABLE = 2 << 20
"""Bytes covered by one table of the lowest level: 512 pages."""


def _tables(count: int) -> Check:
    return Check(
        f"the page tables grew by {count * _TABLE >> 10} kB, give or take one table",
        lambda f: abs(_grown(f) - count * _TABLE) <= _TABLE,
    )


def _grown(f: Figures) -> int:
    return f["page_tables_change"]


def _kilobytes(ask: str) -> Number:
    return Number(ask, unit="kB", figure="page_tables_change", scale=1024)


LAB = Lab(
    name="page-tables",
    title="The tables behind a page",
    row="14",
    learn=(
        "A page needs tables that lead to it: almost none next to other pages, two or three when it is far from them."
    ),
    order=72,
    address_space=_SIZE,
    promised=0,
    needs=(Need.SMALL_PAGES,),
    limits=Limits(address_space=2 * _SIZE, touched=16 << 20),
    steps=(
        Step(
            title="64 GiB of addresses",
            text=(
                "The lab process maps 64 GiB with [[MAP_NORESERVE]], at an address far from everything else. An address"
                " has 48 bits that matter: four groups of 9, each the index in a table of 512 entries, and 12 for the"
                " byte in the [[page]]. A table is itself a page of 4 kB; VmPTE in status counts all but the topmost"
                " one."
            ),
            question=Choice(
                "By how much do the [[page table|page tables]] grow?",
                ("by 128 MiB: 8 bytes for each of 16 million pages", "by 4 kB: one table to start with", "not at all"),
                2,
                (
                    (
                        "A single table with an entry for every page would need that. The levels exist so that empty"
                        " parts need no tables."
                    ),
                    "Not even that: the entry in the topmost table stays empty until a page is needed.",
                    "",
                ),
            ),
            operations=(
                mmap("memory", _SIZE, flags="MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE", at=_AT),
                no_huge_pages("memory"),
            ),
            checks=(
                Check("VmSize grew by exactly 64 GiB", lambda f: f["vm_size_change"] == _SIZE),
                Check("the page tables did not grow", lambda f: _grown(f) == 0),
            ),
            explanation=(
                "VmSize grew by {vm_size_change:distance}, the page tables by {page_tables_change:kB}. The kernel made"
                " a [[region]]; it makes tables only when a page is used."
            ),
        ),
        Step(
            title="The first page",
            text=(
                "It writes one byte into the first page. The topmost table already exists, but nothing below it leads"
                " here."
            ),
            question=_kilobytes("By how much do the page tables grow for this one page?"),
            operations=(touch("memory", _PAGE),),
            checks=(_tables(3), Check("one page fault or two", lambda f: f["touch_min_flt"] in {1, 2})),
            explanation=(
                "By {page_tables_change:kB}: three tables, one on each level below the topmost (PUD, PMD and PTE), for"
                " one page of 4 kB. Three of their 1,536 entries are used."
            ),
        ),
        Step(
            title="511 more beside it",
            text="It writes into the next 511 pages, up to the next multiple of 2 MiB.",
            question=_kilobytes("By how much do they grow for these 511 pages?"),
            operations=(touch("memory", _ONE_TABLE - _PAGE, offset=_PAGE),),
            checks=(
                Check("the page tables did not grow", lambda f: _grown(f) == 0),
                Check("511 page faults, give or take 32", lambda f: 0 <= f["touch_min_flt"] - 511 <= 32),  # noqa: PLR2004
            ),
            explanation=(
                "By {page_tables_change:kB}: the entries of all 512 pages of these 2 MiB are in the same table, which"
                " already exists. Memory that lies together needs about 1/512 of its size in tables."
            ),
        ),
        Step(
            title="Ten pages, 2 MiB apart",
            text="It writes one byte into each of the next ten blocks of 2 MiB.",
            question=_kilobytes("By how much do they grow for these ten pages?"),
            operations=tuple(touch("memory", _PAGE, offset=step * _ONE_TABLE) for step in range(1, 11)),
            checks=(_tables(10),),
            explanation=(
                "By {page_tables_change:kB}: each page needs its own table on the lowest level; they share the table"
                " above, which covers 1 GiB. The tables are as large as the pages themselves."
            ),
        ),
        Step(
            title="Ten pages, 1 GiB apart",
            text="It writes one byte into each of the next ten GiB.",
            question=_kilobytes("By how much do they grow for these ten?"),
            operations=tuple(touch("memory", _PAGE, offset=step * _GIB) for step in range(1, 11)),
            checks=(_tables(20),),
            explanation=(
                "By {page_tables_change:kB}: two tables for each page; they share the third, which covers 512 GiB. A"
                " program that scatters its data over its [[address space]] pays twice: with memory for tables, and"
                " with time, because the processor has to walk them."
            ),
        ),
        Step(
            title="Give it back",
            text="[[munmap]] removes the 64 GiB.",
            question=Choice(
                "What happens to the tables?",
                (
                    "they are kept for the next mapping",
                    "those that become empty are freed with the pages",
                    "they stay until the process ends",
                ),
                1,
                (
                    "The kernel keeps no empty tables in reserve for that.",
                    "",
                    "That is true only of the topmost one.",
                ),
                guess=True,
            ),
            operations=(munmap("memory"),),
            checks=(Check("the page tables shrank by 120 kB or more", lambda f: _grown(f) <= -(120 << 10)),),
            explanation=(
                "The page tables changed by {page_tables_change:kB}: the tables that only led here are free again."
            ),
        ),
    ),
)
