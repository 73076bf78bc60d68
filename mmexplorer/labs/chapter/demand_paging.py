"""Memory comes with the first touch, a page at a time, and a fault brings it."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Step
from mmexplorer.labs.operations import mmap, munmap, no_huge_pages, touch

_SIZE = 100 * MIB
_PAGE = 4096
_PAGES = 1000
_NOISE = 256 << 10
"""Resident memory that the interpreter may take or give back meanwhile."""
_STRAY_FAULTS = 32
"""Faults of the interpreter's own between the first touch and the last."""

LAB = Lab(
    name="demand-paging",
    title="Memory on demand",
    row="9, 11, 14",
    learn="A page of memory is found when it is first used, by a page fault that the program never notices.",
    order=75,
    address_space=_SIZE,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="Map 100 MiB",
            text=(
                "The lab process maps 100 MiB and asks the kernel not to use [[huge page|huge pages]] here, so that we"
                " can count pages of 4 kB. 100 MiB are 25,600 of them."
            ),
            question=Number("How many of the 25,600 pages are in memory now?", unit="pages", figure="pages_mapped"),
            operations=(mmap("memory", _SIZE), no_huge_pages("memory")),
            checks=(
                Check("VmSize grew by exactly 102,400 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check("not one page is in memory", lambda f: f["pages_mapped"] == 0),
                Check("all 25,600 are absent", lambda f: f["pages_absent"] == _SIZE // _PAGE),
            ),
            explanation=(
                "{pages_mapped:n} pages are in memory, and the [[page table|page tables]] have grown by"
                " {page_tables_change:kB}: the kernel has made a [[region]], a note of what is allowed, nothing else."
            ),
            watch="memory",
        ),
        Step(
            title="Read before writing",
            text="It reads one byte in each of the first 1,000 pages. Nobody has ever written there.",
            question=Choice(
                "By how much does its [[RSS]] grow?",
                ("by nothing worth mentioning", "by 1,000 bytes", "by 4,000 kB"),
                0,
                (
                    "",
                    "Memory comes in pages, and here not even those: reading shows one page of zeroes to all.",
                    (
                        "That is what writing will cost. Reading what was never written shows the zero page, which is"
                        " nobody's."
                    ),
                ),
            ),
            operations=(touch("memory", _PAGES * _PAGE, write=False),),
            checks=(
                Check("1,000 entries of the page table lead to a page", lambda f: f["pages_mapped"] == _PAGES),
                Check("to none of its own", lambda f: f["pages_present"] == 0),
                Check("RSS grew by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
                Check("1,000 page faults, give or take 32", lambda f: _about_a_thousand(f["touch_min_flt"])),
            ),
            explanation=(
                "Each first reading was a [[page fault]]: {touch_min_flt:n} while reading. The kernel answered each"
                " with the same page, the [[zero page]], which is full of zeroes, read-only, and nobody's own. So the"
                " bytes read as 0, {pages_mapped:n} pages are there, and RSS changed by {rss_change:kB}."
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
                " The zero page can't be written to, so each write was a [[page fault]] again, {touch_min_flt:n} of"
                " them; the kernel found a free page for each, filled it with zeroes, put it into the page table, and"
                " had the instruction run again. These are [[minor fault|minor faults]]: nothing was read from a disk."
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
                "It took {touch_min_flt:n}: the page table knows these pages, and the processor finds them without"
                " asking the kernel. No fault comes until something takes the page away again: a fork, swap, or"
                " madvise(MADV_DONTNEED)."
            ),
            watch="memory",
        ),
        Step(
            title="All of it",
            text="It writes one byte into each of the 25,600 pages.",
            question=Number("How many page faults this time?", unit="faults", figure="touch_min_flt", within=100),
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
                " occupy what it asked for. The page tables grew by {page_tables_change:kB}, 8 bytes for each page:"
                " that is memory, too, and it is not in RSS."
            ),
            watch="memory",
        ),
        Step(
            title="Give it back",
            text="munmap takes the addresses away.",
            question=Choice(
                "And the pages?",
                ("they stay until the process ends", "the kernel has them back at once"),
                1,
                ("Without an address nobody could use them: they would only be lost.", ""),
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("RSS shrank by 102,400 kB, give or take 256 kB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation="RSS changed by {rss_change:kB}: with the addresses go the pages.",
        ),
    ),
)


def _about_a_thousand(faults: int) -> bool:
    return _PAGES <= faults <= _PAGES + _STRAY_FAULTS
