"""Transparent huge pages: one touch allocates 2 MiB; what that saves and costs."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Step
from mmexplorer.labs.operations import apart, madvise, mmap, no_huge_pages, touch

_SIZE = 32 * MIB
_HUGE = 2 * MIB
_PAGE = 4096
_AT = 0x200000000000
"""A multiple of 2 MiB, where nothing else is."""

LAB = Lab(
    name="thp",
    title="Huge pages",
    row="14",
    learn="Where the kernel uses a page of 2 MiB, one fault does the work of 512, and a single byte costs 2 MiB.",
    order=77,
    address_space=_SIZE,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.HUGE_PAGES),
    steps=(
        Step(
            title="One byte",
            text=(
                "The lab process maps 32 MiB at a multiple of 2 MiB and, with MADV_HUGEPAGE, asks for a [[huge page]]"
                " wherever one fits. Then it writes one byte."
            ),
            question=Number("By how much does the Rss of this region grow?", unit="kB", figure="range_rss", scale=1024),
            prepare=(mmap("memory", _SIZE, at=_AT), apart("memory"), madvise("memory", "MADV_HUGEPAGE")),
            operations=(touch("memory", _PAGE),),
            checks=(
                Check("Rss of the range is 2,048 kB", lambda f: f["range_rss"] == _HUGE),
                Check("one page fault or two", lambda f: f["touch_min_flt"] in {1, 2}),
            ),
            explanation=(
                "By {range_rss:kB} for one byte: the fault brought a whole page of 2 MiB. One entry in a table one"
                " level up leads to it, so a walk is one level shorter, and one entry in the TLB, the processor's cache"
                " of translations, covers 512 times as much."
            ),
            watch="memory",
        ),
        Step(
            title="The other 511",
            text="It writes one byte into each 4 kB of the first 2 MiB, which would be 512 small pages.",
            question=Number("How many page faults does that take?", unit="faults", figure="touch_min_flt", within=8),
            operations=(touch("memory", _HUGE),),
            checks=(Check("at most 8 page faults", lambda f: f["touch_min_flt"] <= 8),),  # noqa: PLR2004 - as said
            explanation=(
                "{touch_min_flt:n}: the whole page is there. With small pages it would have been 511. This pays off for"
                " densely used memory; a program that uses one byte in each 2 MiB would need 512 times the memory."
            ),
            watch="memory",
        ),
        Step(
            title="Give one small page back",
            text=(
                "First it keeps khugepaged, a thread of the kernel, from joining small pages again: MADV_NOHUGEPAGE."
                " Then it tells the kernel with MADV_DONTNEED that it doesn't need the second 4 kB of these 2 MiB."
            ),
            question=Choice(
                "What happens to the Rss of the region?",
                ("it shrinks by 4 kB", "it shrinks by 2,048 kB", "it stays: a page can't be given back in part"),
                0,
                (
                    "",
                    "The other 511 parts hold what the process wrote, so they must stay.",
                    "It can: the kernel maps the rest as small pages.",
                ),
            ),
            prepare=(no_huge_pages("memory"),),
            operations=(madvise("memory", "MADV_DONTNEED", offset=_PAGE, length=_PAGE),),
            checks=(Check("Rss of the range is 2,044 kB", lambda f: f["range_rss"] == _HUGE - _PAGE),),
            explanation=(
                "{range_rss:kB}: the mapping was split into 512 small entries, one of which is empty now. The memory of"
                " that part becomes free only when the kernel also splits the huge page itself."
            ),
            watch="memory",
        ),
    ),
)
