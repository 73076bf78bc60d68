"""Demand paging: memory is allocated page by page, by the fault on first use."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Step
from mmexplorer.labs.operations import mmap, munmap, no_huge_pages, touch

_SIZE = 100 * MIB
_PAGE = 4096
_PAGES = 1000
_NOISE = 256 << 10
"""Bytes of RSS that the Python interpreter may use or return meanwhile."""
_STRAY_FAULTS = 32
"""Page faults of the Python interpreter itself between the first touch and the last."""

LAB = Lab(
    name="demand-paging",
    title="Memory on demand",
    row="9, 11, 14",
    learn="A page of memory arrives when it is first used, through a page fault that the program never notices.",
    order=75,
    address_space=_SIZE,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="Map 100 MiB",
            text=(
                "The lab process maps 100 MiB and asks the kernel not to use [[huge page|huge pages]] here, so that we"
                " can count pages of 4 kB. 100 MiB is 25,600 of them."
            ),
            question=Number("How many of the 25,600 pages are in memory now?", unit="pages", figure="pages_mapped"),
            operations=(mmap("memory", _SIZE), no_huge_pages("memory")),
            checks=(
                Check("VmSize grew by exactly 102,400 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check("no page is in memory", lambda f: f["pages_mapped"] == 0),
                Check("all 25,600 are absent", lambda f: f["pages_absent"] == _SIZE // _PAGE),
            ),
            explanation=(
                "{pages_mapped:n} pages are in memory, and the [[page table|page tables]] have grown by"
                " {page_tables_change:kB}: the kernel has only made a [[region]], a record of what is allowed."
            ),
            watch="memory",
        ),
        Step(
            title="Read before writing",
            text="It reads one byte in each of the first 1,000 pages. Nothing has ever been written there.",
            question=Choice(
                "By how much does its [[RSS]] grow?",
                ("hardly at all", "by 1,000 bytes", "by 4,000 kB"),
                0,
                (
                    "",
                    (
                        "Memory comes in pages, and here it takes not even those: every read shows the same page of"
                        " zeroes."
                    ),
                    (
                        "That is what writing will cost. Reading memory that was never written shows the zero page,"
                        " which belongs to no process."
                    ),
                ),
            ),
            operations=(touch("memory", _PAGES * _PAGE, write=False),),
            checks=(
                Check("1,000 entries of the page table lead to a page", lambda f: f["pages_mapped"] == _PAGES),
                Check("none of these pages is its own", lambda f: f["pages_present"] == 0),
                Check("RSS grew by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
                Check("1,000 page faults, give or take 32", lambda f: _about_a_thousand(f["touch_min_flt"])),
            ),
            explanation=(
                "Each first read caused a [[page fault]], {touch_min_flt:n} in all. The kernel answered each with the"
                " same page, the [[zero page]], which is full of zeroes, read-only, and not counted for any process. So"
                " the bytes read as 0, {pages_mapped:n} entries of the page table lead to a page, and RSS changed by"
                " {rss_change:kB}."
            ),
            watch="memory",
        ),
        Step(
            title="Write",
            text="Now it writes one byte into each of the same 1,000 pages.",
            question=Number(
                "By how much does RSS grow?", unit="kB", figure="rss_change", scale=1024, within=_NOISE >> 10
            ),
            operations=(touch("memory", _PAGES * _PAGE),),
            checks=(
                Check("1,000 pages are its own", lambda f: f["pages_present"] == _PAGES),
                Check(
                    "RSS grew by 4,000 kB, give or take 256 kB",
                    lambda f: abs(f["rss_change"] - _PAGES * _PAGE) < _NOISE,
                ),
                Check("1,000 page faults, give or take 32", lambda f: _about_a_thousand(f["touch_min_flt"])),
            ),
            explanation=(
                "1,000 bytes were written and RSS grew by {rss_change:kB}: memory is handed out in whole pages of 4 kB."
                " The zero page can't be written to, so each write caused a [[page fault]] again, {touch_min_flt:n} in"
                " all. For each the kernel took a free page, filled it with zeroes and put it into the page table; then"
                " the instruction ran again. These are [[minor fault|minor faults]]: nothing was read from a disk."
            ),
            watch="memory",
        ),
        Step(
            title="Once more",
            text="It writes to the same 1,000 pages a second time.",
            question=Number("How many page faults does that take?", unit="faults", figure="touch_min_flt", within=8),
            operations=(touch("memory", _PAGES * _PAGE),),
            checks=(
                Check("at most 8 page faults", lambda f: f["touch_min_flt"] <= 8),  # noqa: PLR2004 - as in the words
                Check("still 1,000 pages", lambda f: f["pages_present"] == _PAGES),
            ),
            explanation=(
                "It took {touch_min_flt:n}: these pages are in the page table, and the processor finds them without the"
                " kernel. A page faults again only after something changes its entry: a fork, swapping, or"
                " madvise(MADV_DONTNEED), for example."
            ),
            watch="memory",
        ),
        Step(
            title="All of it",
            text="It writes one byte into each of the 25,600 pages.",
            question=Number("How many page faults does that take?", unit="faults", figure="touch_min_flt", within=100),
            operations=(touch("memory", _SIZE),),
            checks=(
                Check("all 25,600 pages are in memory", lambda f: f["pages_present"] == _SIZE // _PAGE),
                Check(
                    "24,600 page faults, give or take 32",
                    lambda f: 0 <= f["touch_min_flt"] - (_SIZE // _PAGE - _PAGES) <= _STRAY_FAULTS,
                ),
                Check(
                    "the page tables grew by 192 to 256 kB", lambda f: 192 << 10 <= f["page_tables_change"] <= 256 << 10
                ),
            ),
            explanation=(
                "There were {touch_min_flt:n}: one for each page that was not there yet. Only now does the process"
                " occupy all that it asked for. The page tables grew by {page_tables_change:kB}, 8 bytes for each page:"
                " that is memory too, and RSS doesn't count it."
            ),
            watch="memory",
        ),
        Step(
            title="Give it back",
            text="munmap removes the addresses.",
            question=Choice(
                "What happens to the pages?",
                ("they stay until the process ends", "the kernel gets them back at once"),
                1,
                ("Without an address nothing could use them: they would be wasted.", ""),
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("RSS shrank by 102,400 kB, give or take 256 kB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation="RSS changed by {rss_change:kB}: the pages go with the addresses.",
        ),
    ),
)


def _about_a_thousand(faults: int) -> bool:
    return _PAGES <= faults <= _PAGES + _STRAY_FAULTS
