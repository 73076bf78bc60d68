"""The chapter's C program that maps 100 MiB and prints its own map before, after mmap, and after munmap."""

import re

from mmexplorer.labs.c_program import line_with, source
from mmexplorer.labs.chapter.program_crash import STAND_IN
from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import MIB, Check, Choice, Expect, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import build, finish, go_to, launch

_FILE = "map_memory.c"
_TEXT = source(_FILE)
_MMAP, _AFTER_MMAP = line_with(_TEXT, "memory = mmap"), line_with(_TEXT, "if (memory")
_MUNMAP, _AFTER_MUNMAP = line_with(_TEXT, "munmap"), line_with(_TEXT, "after munmap")
_SIZE = 100 * MIB
_NOISE = 256 << 10
_ADDRESS = re.compile(r"address 0x[0-9a-f]+000,")


def _rows_printed(figures: Figures) -> int:
    return sum(1 for row in figures.word("output").splitlines() if row and not row.startswith("*"))


def _printed_what_is_seen(figures: Figures) -> bool:
    return _rows_printed(figures) == figures["regions"]


_SAME_MAP = Check("it printed as many rows as the map has", _printed_what_is_seen)

LAB = Lab(
    name="program-mmap",
    title="The chapter's C: 100 MiB more",
    row="15",
    learn=(
        "A program can read its own map; mmap adds addresses to it and munmap removes them, without using any memory."
    ),
    order=69,
    address_space=_SIZE + 16 * MIB,
    needs=(Need.SMALL_PAGES,),
    source=_FILE,
    compared=(("before", 0), ("mmap", 1), ("munmap", 3)),
    steps=(
        Step(
            title="Its own map",
            text=(
                "The C program shown here is compiled with cc and run. It can stop before every statement of main. Now"
                " it prints its own map, which it reads from /proc/self/maps, and stops before the call of [[mmap]]."
            ),
            question=Choice(
                "The program uses stdio. Where does its buffer for the file come from?",
                (
                    "from the heap: fopen calls malloc",
                    "from the kernel: it maps the file's pages",
                    "from the program's [stack]: the array line",
                ),
                0,
                (
                    "",
                    "Files in /proc have no pages: read(2) copies their text into a buffer of the program.",
                    "fgets copies one row at a time into line, out of the larger buffer that it fills first.",
                ),
            ),
            prepare=(build(_FILE), launch()),
            operations=(go_to(_MMAP),),
            checks=(_SAME_MAP, Check("it waits before mmap", lambda f: f["line"] == _MMAP)),
            explanation=(
                "Its map has {regions:n} rows: the program, the C library, the [[dynamic linker]], stack, vdso. The map"
                " shown beside it is the same list, read from outside."
            ),
            remarks=(
                Remark(
                    lambda f: f["heap_change"] > 0,
                    "The [[heap]] didn't exist before this step: fopen and printf are the first to need it.",
                ),
                STAND_IN,
            ),
        ),
        Step(
            title="memory = mmap(...)",
            text="It executes the marked line: 104,857,600 bytes, private, anonymous, readable and writable.",
            question=Choice(
                "By how much does its [[RSS]] grow?",
                ("by 100 MiB", "hardly at all", "by 4 kB: one page to start with"),
                1,
                (
                    "That is how much VmSize grows: it counts addresses, not pages.",
                    "",
                    "Not even one: a page arrives when it is first touched, and nothing has been touched.",
                ),
            ),
            operations=(go_to(_AFTER_MMAP),),
            checks=(
                Check("VmSize grew by exactly 102,400 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check("RSS changed by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
                Check("there is one more region, or a neighbour grew", lambda f: f["regions_change"] in {0, 1}),
            ),
            explanation=(
                "[[VmSize]] grew by {vm_size_change:kB}, RSS by {rss_change:kB}. The program prints next what mmap"
                " returned."
            ),
            remarks=(STAND_IN,),
        ),
        Step(
            title="The map again",
            text="It prints the address and the size, then its map.",
            question=Choice(
                "The address it prints ends in 000, in hexadecimal. Why?",
                ("by chance", "because 100 MiB is a round number", "because a page begins there"),
                2,
                (
                    "Run it again: other digits change, but these three never do.",
                    "mmap of a single byte also gives an address that ends in 000: the size doesn't matter.",
                    "",
                ),
            ),
            operations=(go_to(_MUNMAP),),
            checks=(
                _SAME_MAP,
                Check("it printed the size 0x6400000", lambda f: "size 0x6400000" in f.word("output")),
                Check("the address is a multiple of 4,096", lambda f: _ADDRESS.search(f.word("output")) is not None),
            ),
            explanation=(
                "mmap gives whole [[page|pages]], and a page begins at a multiple of 4,096, which is 1000 in"
                " hexadecimal. The new range is the only change in the map, and the program hasn't used a byte of it"
                " yet."
            ),
        ),
        Step(
            title="munmap",
            text="It executes the marked line.",
            question=Number(
                "By how much does VmSize change? Use a minus sign if it shrinks.",
                unit="kB",
                figure="vm_size_change",
                scale=1024,
            ),
            operations=(go_to(_AFTER_MUNMAP),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("there is one region fewer, or a neighbour shrank", lambda f: f["regions_change"] in {-1, 0}),
            ),
            explanation="By {vm_size_change:kB}: the range is gone, and with it the right to use these addresses.",
        ),
        Step(
            title="To the end",
            text="It prints its map one last time and returns from main.",
            question=Choice(
                "The variable memory still holds the address. What would *(char *)memory = 1 do now?",
                ("write: the page is still there", "end the program with SIGSEGV"),
                1,
                ("There never was a page, and munmap has removed the addresses.", ""),
            ),
            operations=(finish(),),
            checks=(
                Check("the program exited with status 0", lambda f: f.word("ended") == "exited with status 0"),
                Check("it printed the map after munmap", lambda f: "the map after munmap" in f.word("output")),
            ),
            explanation=(
                "That would use a [[dangling pointer]]: edit a copy of the program (with the key v) and try it. When"
                " the process ends, its whole address space goes too."
            ),
            expect=Expect.END,
        ),
    ),
)
