"""madvise: advice to the kernel about memory, and its effect on the pages."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import apart, load, madvise, mmap, no_huge_pages, store, touch

_SIZE = 16 * MIB
_PAGE = 4096
_PAGES = _SIZE // _PAGE
_NOISE = 256 << 10
"""Bytes of RSS that the Python interpreter may use or return meanwhile."""

LAB = Lab(
    name="madvise",
    title="Advice: madvise",
    row="9, 16",
    learn="A process can give pages back and keep the addresses; afterwards it reads zeroes there.",
    order=91,
    address_space=2 * _SIZE,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="Not needed",
            text=(
                "The lab process has written to 16 MiB. Now it tells the kernel, with madvise(2) and MADV_DONTNEED,"
                " that it doesn't need the contents. malloc_trim does the same with free memory inside the heap of"
                " [[malloc]]."
            ),
            question=Choice(
                "What happens to the [[region]] and its pages?",
                (
                    "both go, as with munmap",
                    "both stay until memory runs short",
                    "the region stays, the pages go at once",
                ),
                2,
                (
                    "munmap removes the addresses; this advice is about their contents.",
                    "That is what MADV_FREE does, in a later step.",
                    "",
                ),
            ),
            prepare=(mmap("memory", _SIZE), no_huge_pages("memory"), apart("memory"), touch("memory", _SIZE)),
            operations=(madvise("memory", "MADV_DONTNEED"),),
            checks=(
                Check("no page is in memory", lambda f: f["pages_mapped"] == 0),
                Check("the map still covers the range", lambda f: f["covered"] == 1),
                Check("VmSize is the same", lambda f: f["vm_size_change"] == 0),
                Check("RSS shrank by 16,384 kB, give or take 256 kB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation=(
                "RSS changed by {rss_change:kB}, VmSize by {vm_size_change:kB}: {pages_mapped:n} pages are left in a"
                " region of {length:MiB}. For anonymous memory this advice is carried out at once."
            ),
            watch="memory",
        ),
        Step(
            title="Read it again",
            text="Every page held a 1. The process reads the first byte.",
            question=Number("What number does it read?", unit="", figure="byte"),
            operations=(load("memory"),),
            checks=(Check("it reads 0", lambda f: f["byte"] == 0),),
            explanation=(
                "It reads {byte:n}: the old page is gone, and a [[page fault]] brought the [[zero page]], as for memory"
                " that was never used."
            ),
            watch="memory",
        ),
        Step(
            title="All at once",
            text=(
                "MADV_POPULATE_WRITE (Linux 5.14) asks for the pages before they are used: the kernel provides all"
                " 4,096 in one call. Then the process writes to each of them."
            ),
            question=Choice(
                "How many page faults do these writes take?",
                ("none, or almost none", "4,096: each page is written for the first time", "256: one for 16 pages"),
                0,
                (
                    "",
                    "That would be so without the call, but it has already put writable pages into the page table.",
                    (
                        "That happens with pages of files in the page cache: up to sixteen are mapped at a time. It"
                        " isn't so here."
                    ),
                ),
            ),
            operations=(madvise("memory", "MADV_POPULATE_WRITE"), touch("memory", _SIZE)),
            checks=(
                Check("at most 8 page faults", lambda f: f["touch_min_flt"] <= 8),  # noqa: PLR2004 - as in the words
                Check("all 4,096 pages are in memory", lambda f: f["pages_present"] == _PAGES),
            ),
            explanation=(
                "{touch_min_flt:n} faults for {pages:n} pages. Programs that must not wait later pay for their pages at"
                " the start like this; MAP_POPULATE does the same for [[mmap]]."
            ),
            remarks=(
                Remark(
                    lambda f: f["process_min_flt"] >= f["pages"],
                    (
                        "(The counter of the process grew by {process_min_flt:n}: for each page that the call provides,"
                        " the kernel counts a fault, too.)"
                    ),
                ),
            ),
            watch="memory",
        ),
        Step(
            title="Free, but no hurry",
            text="MADV_FREE says: the kernel may take these pages, but there is no hurry.",
            question=Choice(
                "What happens to [[RSS]] on a machine with enough free memory?",
                ("it shrinks by 16,384 kB", "it stays for now", "it shrinks page by page over a few seconds"),
                1,
                (
                    "That is MADV_DONTNEED. With this advice the kernel decides when.",
                    "",
                    "There is no timer: the pages go when memory is needed elsewhere.",
                ),
                guess=True,
            ),
            operations=(madvise("memory", "MADV_FREE"),),
            checks=(Check("RSS changed by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),),
            explanation=(
                "RSS changed by {rss_change:kB}. The pages are marked (LazyFree in smaps, which lags behind) and go"
                " when memory runs short, without being written anywhere. Until then RSS counts memory that is as good"
                " as free, which can make a process look too large."
            ),
            watch="memory",
        ),
        Step(
            title="A change of mind",
            text="The process writes the letter K into the first page and reads it again.",
            question=Choice(
                "What does it read?",
                ("0: the page was given back", "K", "1: the old byte"),
                1,
                ("A write cancels the offer for this page.", "", "K has just overwritten it."),
            ),
            operations=(store("memory", "K"), load("memory")),
            checks=(Check("it reads K", lambda f: f["byte"] == ord("K")),),
            explanation=(
                "A write makes the page [[dirty page|dirty]] again, and the kernel keeps what is dirty. Just reading"
                " would have been a gamble: the old byte while the page is still there, 0 afterwards."
            ),
            watch="memory",
        ),
    ),
)
