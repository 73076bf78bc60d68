"""The lines of free and sar: what adds up, what doesn't, and what one process does to them."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import mmap, munmap, no_huge_pages, ready, touch

_SIZE = 64 * MIB
_NOISE = MIB


def _beyond_total(f: Figures) -> int:
    """By how much used, free and buff/cache are more than total."""
    return f["mem_used"] + f["mem_free"] + f["buff_cache"] - f["mem_total"]


def _sum_option(f: Figures) -> int:
    beyond = _beyond_total(f)
    return 0 if beyond > 0 else 1 if beyond == 0 else 2


LAB = Lab(
    name="free-and-cache",
    title="What free and sar say",
    row="1, 2, 3, 4, 5, 6",
    learn="What counts for a program is what is available, not what is free; each tool has its own idea of used.",
    order=12,
    address_space=_SIZE + 2 * MIB,
    needs=(Need.SMALL_PAGES,),
    limits=Limits(touched=2 * _SIZE),
    surroundings=True,
    steps=(
        Step(
            title="Add it up",
            text=(
                "free(1) shows total, used, free and [[buff/cache]] of the machine, and [[available]]. Nothing is done"
                " in this step: the figures are read."
            ),
            question=Choice(
                "Do used, free and buff/cache add up to total?",
                ("no, they are more", "yes, they are total", "no, they are less"),
                _sum_option,
                (
                    "used is what is left of total without what is available; on this machine that is not more.",
                    "They did in older versions of free. Now used is total less available, and pages are in both.",
                    "What is missing would be memory that is neither used nor free; here there is none.",
                ),
            ),
            operations=(ready(),),
            checks=(
                Check("used and available are total", lambda f: f["mem_used"] + f["mem_available"] == f["mem_total"]),
                Check("free is not more than total", lambda f: 0 <= f["mem_free"] <= f["mem_total"]),
            ),
            explanation=(
                "used {mem_used:kB}, free {mem_free:kB}, buff/cache {buff_cache:kB}; total {mem_total:kB}. Since"
                " version 4 of procps used is total less available. What of buff/cache can't be released, such as"
                " shared memory, is in used and in buff/cache, and so is counted twice."
            ),
        ),
        Step(
            title="One process takes 64 MiB",
            text="The lab process maps 64 MiB of [[anonymous memory]] and writes into each page.",
            question=Choice(
                "Which figure falls by about 64 MiB?",
                ("buff/cache: the memory is taken from there", "free and available", "total"),
                1,
                (
                    "Only where little is free does the kernel release pages of files for it.",
                    "",
                    "total is the memory of the machine: it doesn't change.",
                ),
            ),
            operations=(mmap("memory", _SIZE), no_huge_pages("memory"), touch("memory", _SIZE)),
            checks=(
                Check("RSS grew by 65,536 kB or a little more", lambda f: 0 <= f["rss_change"] - _SIZE < _NOISE),
                Check("total is as before", lambda f: f["mem_total_change"] == 0),
            ),
            explanation=(
                "RSS of the process grew by {rss_change:kB}. On the whole machine, with all that others did meanwhile:"
                " free {mem_free_change:kB}, available {mem_available_change:kB}, used {mem_used_change:kB}, buff/cache"
                " {buff_cache_change:kB}."
            ),
            remarks=(
                Remark(
                    lambda f: f["mem_free_change"] > -_SIZE // 2,
                    "Others gave memory back at the same time, so that these don't show what the process took: on a"
                    " machine at rest free and available fall by as much as RSS grows.",
                ),
            ),
            watch="memory",
        ),
        Step(
            title="And gives it back",
            text="It unmaps them.",
            question=Choice(
                "Where does this memory go?",
                ("into buff/cache, for the next who asks", "it stays in used until it is needed", "to free, at once"),
                2,
                (
                    "The cache keeps pages of files, because they may be read again; these had no file.",
                    "Nothing could ever ask for what was in these pages: the kernel has no reason to keep them.",
                    "",
                ),
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("RSS shrank by 65,536 kB, give or take 1 MiB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation=(
                "RSS changed by {rss_change:kB}, and on the whole machine free by {mem_free_change:kB}. A file that was"
                " read is another matter: it stays in the [[page cache]] (the lab page-cache). So little is free on a"
                " machine that has run for a while, and that is as it should be."
            ),
        ),
        Step(
            title="What sar calls used",
            text=(
                "sar -r shows kbmemused. Up to version 12.7.7 that is total less free, buffers, cached and slab;"
                " free(1) shows total less available."
            ),
            question=Choice(
                "Which of the two is larger on this machine?",
                ("used of free", "kbmemused of sar", "neither: they are equal"),
                lambda f: 0 if f["mem_used"] > f["sar_used"] else 1 if f["mem_used"] < f["sar_used"] else 2,
                (
                    "available is an estimate that leaves out reserves, but counts no memory of the kernel as used.",
                    "All of the cache and slab counts as not used for sar, also what can't be released.",
                    "They would be equal only if all of cache and slab, and nothing else, could be released.",
                ),
                guess=True,
            ),
            operations=(ready(),),
            checks=(
                Check("neither is more than total", lambda f: max(f["mem_used"], f["sar_used"]) <= f["mem_total"]),
            ),
            explanation=(
                "free: {mem_used:kB}, sar: {sar_used:kB}, at the same moment. Neither is wrong: memory has no line"
                " between used and free, and each tool draws one. From version 12.7.8 on sar draws the same as free."
            ),
        ),
        Step(
            title="The swap area",
            text=(
                "The last line of free is about swap: an area on a disk, or a file, for pages of [[anonymous memory]]"
                " that aren't used just now."
            ),
            question=Number(
                "How large is it on this machine? 0 is possible.",
                unit="MiB",
                figure="swap_total",
                scale=MIB,
                guess=True,
            ),
            operations=(ready(),),
            checks=(Check("its size is known", lambda f: f["swap_total"] >= 0),),
            explanation=(
                "{swap_total:MiB}. Without one, only pages of files can be released when memory is short: anonymous"
                " memory then has to stay, and the [[OOM killer]] comes sooner. It is allowed, and common on servers."
            ),
        ),
    ),
)
