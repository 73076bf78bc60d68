"""The chapter's program that maps 100 MiB, in C: its own map before, after mmap, and after munmap."""

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
    learn="A program can read its own map; mmap adds one row to it, munmap takes it away, and no memory moves.",
    order=69,
    address_space=_SIZE + 16 * MIB,
    needs=(Need.SMALL_PAGES,),
    source=_FILE,
    compared=(("before", 0), ("mmap", 1), ("munmap", 3)),
    steps=(
        Step(
            title="Its own map",
            text=(
                "The C program on the screen is compiled with cc and run. It stops before every statement of main. Now"
                " it prints its own map, which it reads from /proc/self/maps, and stops before the call of [[mmap]]."
            ),
            question=Choice(
                "The program uses stdio. Where does its buffer for the file come from?",
                (
                    "from the heap: fopen calls malloc",
                    "from the kernel: it hands out the file's pages",
                    "from the [stack] of the program: the array line",
                ),
                0,
                (
                    "",
                    "/proc has no pages of its own: read(2) copies text into a buffer that the program must have.",
                    "line gets one row at a time out of that buffer; fread and fgets fill the buffer first.",
                ),
            ),
            prepare=(build(_FILE), launch()),
            operations=(go_to(_MMAP),),
            checks=(_SAME_MAP, Check("it waits before mmap", lambda f: f["line"] == _MMAP)),
            explanation=(
                "Its map has {regions:n} rows: the program, the C library, the [[dynamic linker]], stack, vdso. It is"
                " the same list that is shown beside it, which was read from outside."
            ),
            remarks=(
                Remark(
                    lambda f: f["heap_change"] > 0,
                    "The [[heap]] was not there before this step: fopen and printf are the first to need one.",
                ),
                STAND_IN,
            ),
        ),
        Step(
            title="memory = mmap(...)",
            text="It executes the line that is marked: 104,857,600 bytes, private and anonymous, to read and to write.",
            question=Choice(
                "By how much does its [[RSS]] grow?",
                ("by 100 MiB", "by nothing worth mentioning", "by 4 kB: one page to begin with"),
                1,
                (
                    "That is by how much VmSize grows: addresses, not pages.",
                    "",
                    "Not even one: a page comes with the first touch, and nothing has touched it.",
                ),
            ),
            operations=(go_to(_AFTER_MMAP),),
            checks=(
                Check("VmSize grew by exactly 102,400 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check("RSS changed by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
                Check("there is one region more, or a neighbour grew", lambda f: f["regions_change"] in {0, 1}),
            ),
            explanation=(
                "[[VmSize]] grew by {vm_size_change:kB}, RSS by {rss_change:kB}. What mmap returned is what the next"
                " line of the program prints."
            ),
            remarks=(STAND_IN,),
        ),
        Step(
            title="The map again",
            text="It prints the address that it got and the size, then its map.",
            question=Choice(
                "The address that it prints ends in 000, in hexadecimal. Why?",
                ("by chance", "because 100 MiB is a round number", "because it is the beginning of a page"),
                2,
                (
                    "Run it again: the other digits change, these three never do.",
                    "For mmap of a single byte it ends in 000, too: what counts is where, not how much.",
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
                "mmap gives whole [[page|pages]], and a page begins at a multiple of 4,096, 1000 in hexadecimal. The"
                " row of this address is the only new one of the map, and the program has not used a byte of it yet."
            ),
        ),
        Step(
            title="munmap",
            text="It executes the line that is marked.",
            question=Number(
                "By how much does VmSize change? Less is a minus.", unit="kB", figure="vm_size_change", scale=1024
            ),
            operations=(go_to(_AFTER_MUNMAP),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("there is one region less, or a neighbour shrank", lambda f: f["regions_change"] in {-1, 0}),
            ),
            explanation="By {vm_size_change:kB}: the row is gone, and with it the right to use these addresses.",
        ),
        Step(
            title="To the end",
            text="It prints its map a last time and returns from main.",
            question=Choice(
                "The variable memory still holds the address. What would *(char *)memory = 1 do now?",
                ("it would write: the page is still there", "it would end the program with SIGSEGV"),
                1,
                ("There never was a page; and munmap has taken the addresses away.", ""),
            ),
            operations=(finish(),),
            checks=(
                Check("the program exited with status 0", lambda f: f.word("ended") == "exited with status 0"),
                Check("it printed the map after munmap", lambda f: "the map after munmap" in f.word("output")),
            ),
            explanation=(
                "It would be the use of a [[dangling pointer]]: edit a copy of the program (the key v) and try. With"
                " the process its address space is gone, as a whole."
            ),
            expect=Expect.END,
        ),
    ),
)
