"""malloc, a function of the C library: where it gets memory, what it keeps, and when it returns memory."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import free, malloc, malloc_trim

_LARGE = 8 * MIB
_LARGE_MAPPED = _LARGE + 4096
_BLOCK = 64 << 10
_BLOCKS = 256
_NOISE = 256 << 10
_WITH_BREAK, _WITH_MMAP = "brk: the heap grows", "mmap: a region of its own"


def _beside_heap(figures: Figures) -> int:
    """Return the change of VmSize without that of the heap, which Python's own small blocks may move."""
    return figures["vm_size_change"] - figures["heap_change"]


LAB = Lab(
    name="malloc",
    title="Bytes out of pages: malloc",
    row="16, 17",
    learn="malloc cuts bytes out of pages that it got from the kernel earlier, and free doesn't have to return them.",
    order=90,
    address_space=64 * MIB,
    needs=(Need.SMALL_PAGES, Need.GLIBC),
    steps=(
        Step(
            title="A large block",
            text=(
                "A new process calls malloc(8,388,608): 8 MiB. [[malloc]] isn't a system call but a function of the C"
                " library. When it has nothing left to hand out, it asks the kernel, with [[brk]] or with [[mmap]]."
            ),
            question=Choice(
                "Which of them does it use to get 8 MiB?",
                (_WITH_MMAP, _WITH_BREAK),
                0,
                (
                    "",
                    (
                        "The heap is for smaller blocks; above a threshold a block gets its own mapping, so that it can"
                        " be returned by itself."
                    ),
                ),
            ),
            operations=(malloc("large", _LARGE),),
            checks=(
                Check("VmSize grew by exactly 8,196 kB beside the heap", lambda f: _beside_heap(f) == _LARGE_MAPPED),
                Check("malloc mapped 8,196 kB for this block", lambda f: f["mapped"] == _LARGE_MAPPED),
                Check("the block begins 16 bytes into its first page", lambda f: f["into_page"] == 16),  # noqa: PLR2004
            ),
            explanation=(
                "Above a threshold, 128 kB at first, glibc gets each block with mmap. mmap counts in pages, malloc in"
                " bytes: in front of the {requested:bytes} glibc keeps 16 bytes for the size of the block, so it needs"
                " one more page, {mapped:kB} in all, and the pointer ends in 010."
            ),
            remarks=(
                Remark(
                    lambda f: f["regions_change"] == 0,
                    (
                        "The map has no additional row: the kernel merged the new region with the one beside it, which"
                        " grew."
                    ),
                ),
            ),
            fresh=True,
        ),
        Step(
            title="Free it",
            text="The process frees the block.",
            question=Choice(
                "Does the kernel get the 8 MiB back?",
                ("yes, at once", "no, malloc keeps it"),
                0,
                ("", "It keeps small blocks, but a block that came from mmap is returned with munmap."),
            ),
            operations=(free("large"),),
            checks=(Check("VmSize is 8,196 kB smaller beside the heap", lambda f: _beside_heap(f) == -_LARGE_MAPPED),),
            explanation=(
                "A block that came from mmap is returned with [[munmap]]: VmSize changed by {vm_size_change:kB}."
            ),
        ),
        Step(
            title="The same again",
            text="It asks for 8 MiB again.",
            question=Choice(
                "Which call does it use now?",
                (_WITH_BREAK, _WITH_MMAP),
                0,
                ("", "It was the first time, but freeing that block raised the threshold above 8 MiB."),
            ),
            operations=(malloc("large", _LARGE),),
            checks=(
                Check("no mapping was made for this block", lambda f: f["mapped"] == 0),
                Check("the heap grew by 8,192 kB or more", lambda f: f["heap_change"] >= _LARGE),
            ),
            explanation=(
                "glibc learns: freeing an 8 MiB block raised the threshold to that size, because a block that is freed"
                " and requested again and again would be expensive to map each time. The [[heap]] grew by"
                " {heap_change:kB}. The same call in the same process had a different result: that is why an experiment"
                " that depends on it begins with a new process."
            ),
        ),
        Step(
            title="Many small ones",
            text="A new process calls malloc(24) 1,000 times.",
            question=Choice(
                "How many system calls does that take?",
                ("1,000", "24, one for each 1,000 bytes", "one or none"),
                2,
                (
                    "That would make small blocks very slow: glibc takes a pool and cuts it up.",
                    "The kernel hands out pages of 4,096 bytes, and glibc asks for many of them at once.",
                    "",
                ),
                guess=True,
            ),
            operations=(malloc("small", 24, count=1000),),
            checks=(
                Check("at most one system call", lambda f: f["system_calls"] <= 1),
                Check("24,000 bytes were asked for", lambda f: f["requested"] == 24_000),  # noqa: PLR2004
            ),
            explanation=(
                "It took {system_calls:n} system calls for 1,000 blocks. glibc takes a pool from the kernel and hands"
                " out pieces of it, each with 8 bytes for its size and rounded up to a multiple of 16. It asks for more"
                " when the pool is empty. This process is Python, which already has a pool; the first malloc of a C"
                " program calls brk twice, once to ask where the heap ends and once to move that end by 132 kB."
            ),
            fresh=True,
        ),
        Step(
            title="Empty the pool",
            text="A new process asks for 256 blocks of 64 kB, 16 MiB in all, below the threshold, and fills them.",
            question=Choice(
                "How many times does glibc ask the kernel?",
                ("256 times", "not at all", "fewer times"),
                2,
                (
                    "Each call takes more than one block needs, so the next blocks need no call.",
                    "16 MiB have to come from somewhere, and the pool wasn't that large.",
                    "",
                ),
                guess=True,
            ),
            operations=(malloc("blocks", _BLOCK, count=_BLOCKS, fill=True),),
            checks=(
                Check("more than none and fewer than 256 calls", lambda f: 0 < f["system_calls"] < _BLOCKS),
                Check("RSS grew by 15 MiB or more", lambda f: f["rss_change"] >= 15 * MIB),
            ),
            explanation=(
                "It took {system_calls:n} calls of brk for {requested:MiB}: each one takes 128 kB more than is needed"
                " at that moment. The [[heap]] is now {heap:kB}, and RSS grew by {rss_change:kB}, because the blocks"
                " were filled."
            ),
            fresh=True,
        ),
        Step(
            title="Free all but the last",
            text="It frees 255 of the 256 blocks. Only the last one, at the end of the heap, is kept.",
            question=Number(
                "By how much does RSS change? Use a minus sign if it shrinks.",
                unit="kB",
                figure="rss_change",
                scale=1024,
                within=_NOISE >> 10,
            ),
            operations=(free("blocks", keep=1),),
            checks=(
                Check("RSS changed by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
                Check(
                    "the heap keeps its size, except for less than 256 kB at its end",
                    lambda f: abs(f["heap_change"]) < _NOISE,
                ),
            ),
            explanation=(
                "free gave the blocks back to glibc, not to the kernel. The [[heap]] can only shrink from its end, and"
                " that is where the last block is, with at most a small reserve above it. This is one reason why a"
                " process may look too large after a peak."
            ),
        ),
        Step(
            title="Trim",
            text="It calls malloc_trim(3), which asks glibc to return what it keeps.",
            question=Choice(
                "What changes?",
                ("the heap becomes 16 MiB smaller", "nothing", "RSS shrinks; the heap hardly does"),
                2,
                (
                    "The last block is almost at its end, so that end can hardly move.",
                    "Since glibc 2.8, malloc_trim also returns whole pages in the middle.",
                    "",
                ),
            ),
            operations=(malloc_trim(),),
            checks=(
                Check("RSS shrank by 14 MiB or more", lambda f: f["rss_change"] <= -14 * MIB),
                Check("the heap keeps at least 15 MiB", lambda f: f["heap"] >= 15 * MIB),
            ),
            explanation=(
                "RSS changed by {rss_change:kB}: glibc told the kernel with madvise(2) that it doesn't need the pages"
                " in the middle. Their addresses stay in the heap. It is {heap:kB} now and changed only by"
                " {heap_change:kB}, the reserve above the last block. When these pages are next touched, new ones are"
                " brought in."
            ),
        ),
    ),
)
