"""mprotect splits a region where the protection changes, and merges regions that become equal again."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import Check, Choice, Lab, Need, Number, Step
from mmexplorer.labs.operations import READ_WRITE, access, mmap, mprotect, munmap

_PAGE = 4096
_INNER = 64 * _PAGE
_SIZE = _INNER + 2 * _PAGE


def _regions(count: int) -> Check:
    return Check(f"the range consists of {count} regions", lambda f: f["range_regions"] == count)


def _how_many(ask: str) -> Number:
    return Number(ask, unit="regions", figure="range_regions")


def _was_repaired(f: Figures) -> bool:
    return f.word("si_code") == "SEGV_ACCERR" and "after the access" in f.word("output")


LAB = Lab(
    name="mprotect",
    title="One range, many regions",
    row="11, 15",
    learn=(
        "A region has one protection; changing it for a part splits the region, restoring it merges the parts again."
    ),
    order=55,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.SIGINFO),
    steps=(
        Step(
            title="Fence it in",
            text=(
                "The lab process maps 66 pages that can't be used, with [[PROT_NONE]]. Then it uses mprotect to make"
                " the 64 pages in the middle readable and writable. The pages before and after them stay inaccessible,"
                " like the guard of a thread's stack."
            ),
            question=_how_many("How many regions does the range of this one mmap consist of now?"),
            operations=(
                mmap("memory", _SIZE, prot="PROT_NONE"),
                mprotect("memory", READ_WRITE, offset=_PAGE, length=_INNER),
            ),
            checks=(
                _regions(3),
                Check("the map covers the pages in the middle", lambda f: f["covered"] == 1),
                Check("no page is in memory", lambda f: f["pages_mapped"] == 0),
            ),
            explanation=(
                "There are {range_regions:n}: a [[region]] is a range with one protection, and here three ranges differ"
                " from their neighbours. There are still no pages behind them: protection only records what is allowed."
            ),
            watch="memory",
        ),
        Step(
            title="Split",
            text="It makes 32 of the 64 pages, those in the middle, read-only.",
            question=_how_many("How many regions are there now?"),
            operations=(mprotect("memory", "PROT_READ", offset=17 * _PAGE, length=32 * _PAGE),),
            checks=(_regions(5),),
            explanation=(
                "There are {range_regions:n}: the writable region was split at both ends of the 32 pages. What one mmap"
                " made is now several rows in the map. A program with many different protections has many rows, and the"
                " kernel has a limit, vm.max_map_count: 65,530 by default, more on some distributions."
            ),
            watch="memory",
        ),
        Step(
            title="Restore",
            text="It makes the 32 pages writable again.",
            question=_how_many("How many regions are there now?"),
            operations=(mprotect("memory", READ_WRITE, offset=17 * _PAGE, length=32 * _PAGE),),
            checks=(_regions(3),),
            explanation=(
                "There are {range_regions:n}: three neighbours with equal protection are one region again. Equal"
                " protection isn't enough in every case: flags, file and offset, and the pages' own bookkeeping"
                " (anon_vma) must match too, which is why neighbours that look alike may stay separate in a map."
            ),
            watch="memory",
        ),
        Step(
            title="A hole",
            text="[[munmap]] removes 16 pages from the middle.",
            question=_how_many("How many regions are there now?"),
            operations=(munmap("memory", offset=25 * _PAGE, length=16 * _PAGE),),
            checks=(
                _regions(4),
                Check("no part of the hole is in the map", lambda f: f["covered"] == 0),
            ),
            explanation=(
                "There are {range_regions:n}: one region has become two, with nothing between them. munmap can remove"
                " any part of what mmap made."
            ),
            watch="memory",
        ),
        Step(
            title="A write that is noticed",
            text=(
                "A new process has the same fence, but the 64 pages are read-only and it has a [[signal handler]]. It"
                " prints a line, writes to a page in the middle, and prints another line. The handler makes only this"
                " page writable and returns."
            ),
            question=Choice(
                "What happens to the write?",
                ("it is lost, and the program goes on", "the process ends", "it runs again and succeeds"),
                2,
                (
                    "No instruction is skipped: when the handler returns, the same one runs again.",
                    "It would without a handler, or if the handler had changed nothing.",
                    "",
                ),
            ),
            prepare=(
                mmap("memory", _SIZE, prot="PROT_NONE"),
                mprotect("memory", "PROT_READ", offset=_PAGE, length=_INNER),
            ),
            operations=(access("memory", offset=33 * _PAGE, handler="repair"),),
            checks=(
                Check("SEGV_ACCERR, but the second line is still printed", _was_repaired),
                _regions(5),
                Check("one page is in memory", lambda f: f["pages_present"] == 1),
            ),
            explanation=(
                "The processor runs the instruction again, and now the write is allowed. The range has"
                " {range_regions:n} regions: one page was cut out of the read-only part. A garbage collector can learn"
                " this way which pages a program writes to. (An rwxp region of 4 kB may appear elsewhere: Python needs"
                " it to call the handler.)"
            ),
            watch="memory",
            fresh=True,
        ),
    ),
)
