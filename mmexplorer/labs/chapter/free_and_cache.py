"""The figures of free and sar: what adds up, what doesn't, and the effect of one process on them."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import mmap, munmap, no_huge_pages, ready, touch

_SIZE = 64 * MIB
_NOISE = MIB


def _beyond_total(f: Figures) -> int:
    """Return by how many bytes the sum of used, free and buff/cache exceeds total."""
    return f["mem_used"] + f["mem_free"] + f["buff_cache"] - f["mem_total"]


def _sum_option(f: Figures) -> int:
    beyond = _beyond_total(f)
    return 0 if beyond > 0 else 1 if beyond == 0 else 2


LAB = Lab(
    name="free-and-cache",
    title="What free and sar say",
    row="1, 2, 3, 4, 5, 6",
    learn="What matters to a program is what is available, not what is free; each tool defines used in its own way.",
    order=12,
    address_space=_SIZE + 2 * MIB,
    needs=(Need.SMALL_PAGES,),
    limits=Limits(touched=2 * _SIZE),
    surroundings=True,
    steps=(
        Step(
            title="Add it up",
            text=(
                "For the whole machine free(1) shows total, used, free, [[buff/cache]] and [[available]]. This step"
                " only reads these figures."
            ),
            question=Choice(
                "Do used, free and buff/cache add up to total?",
                ("no, they are more than total", "yes, exactly", "no, they are less than total"),
                _sum_option,
                (
                    "used is total minus available; on this machine the sum isn't more.",
                    (
                        "They did in older versions of free. Now used is total minus available, and some pages are"
                        " counted twice."
                    ),
                    "Then some memory would be in none of the three; here there is none.",
                ),
            ),
            operations=(ready(),),
            checks=(
                Check("used plus available is total", lambda f: f["mem_used"] + f["mem_available"] == f["mem_total"]),
                Check("free is not more than total", lambda f: 0 <= f["mem_free"] <= f["mem_total"]),
            ),
            explanation=(
                "used {mem_used:kB}, free {mem_free:kB}, buff/cache {buff_cache:kB}; total {mem_total:kB}. Since procps"
                " 4, used is total minus available. The part of buff/cache that can't be released, such as shared"
                " memory, is in both used and buff/cache, so it is counted twice."
            ),
        ),
        Step(
            title="One process takes 64 MiB",
            text="The lab process maps 64 MiB of [[anonymous memory]] and writes into each page.",
            question=Choice(
                "Which figure falls by about 64 MiB?",
                ("buff/cache: the memory comes from there", "free and available", "total"),
                1,
                (
                    "The kernel releases pages of files for this only when little memory is free.",
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
                "RSS of the process grew by {rss_change:kB}. On the whole machine, including what other processes did"
                " in that time: free {mem_free_change:+kB}, available {mem_available_change:+kB}, used"
                " {mem_used_change:+kB}, buff/cache {buff_cache_change:+kB}."
            ),
            remarks=(
                Remark(
                    lambda f: f["mem_free_change"] > -_SIZE // 2,
                    (
                        "Other processes gave memory back at the same time, so these figures don't show what this one"
                        " took. On an idle machine free and available fall by as much as RSS grows."
                    ),
                ),
            ),
            watch="memory",
        ),
        Step(
            title="And gives it back",
            text="It unmaps the 64 MiB.",
            question=Choice(
                "Where does this memory go?",
                ("into buff/cache, for the next request", "it stays in used until it is needed", "to free, at once"),
                2,
                (
                    "The cache keeps pages of files, because they may be read again. These pages had no file.",
                    (
                        "No one can ask for the contents of these pages any more, so the kernel has no reason to keep"
                        " them."
                    ),
                    "",
                ),
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("RSS shrank by 65,536 kB, give or take 1 MiB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation=(
                "RSS changed by {rss_change:kB}, and on the whole machine free by {mem_free_change:+kB}. It is"
                " different with a file that was read: it stays in the [[page cache]] (see the lab “Free, buff/cache,"
                " available”). So a machine that has run for a while has little free memory, as it should."
            ),
            remarks=(
                Remark(
                    lambda f: f["mem_free_change"] < _SIZE // 2,
                    (
                        "Other processes took memory at the same time: on an idle machine free grows by as much as RSS"
                        " shrinks."
                    ),
                ),
            ),
        ),
        Step(
            title="What sar calls used",
            text=(
                "sar -r shows kbmemused. Up to version 12.7.7 that is total minus free, buffers, cached and slab. The"
                " used of free(1) is total minus available."
            ),
            question=Choice(
                "Which of the two is larger on this machine?",
                ("used of free", "kbmemused of sar", "neither: they are equal"),
                lambda f: 0 if f["mem_used"] > f["sar_used"] else 1 if f["mem_used"] < f["sar_used"] else 2,
                (
                    (
                        "It usually is: available leaves out reserves and part of cache and slab. Here something that"
                        " available counts and sar doesn't makes up for it, such as pages given up with MADV_FREE."
                    ),
                    "sar counts all of cache and slab as not used, even what can't be released.",
                    "They would be equal only if exactly cache and slab could be released.",
                ),
                guess=True,
            ),
            operations=(ready(),),
            checks=(
                Check("neither is more than total", lambda f: max(f["mem_used"], f["sar_used"]) <= f["mem_total"]),
            ),
            explanation=(
                "free: {mem_used:kB}, sar: {sar_used:kB}, at the same moment. Neither is wrong: there is no natural"
                " line between used and free, and each tool draws its own. Since version 12.7.8 sar draws the same line"
                " as free."
            ),
        ),
        Step(
            title="The swap area",
            text=(
                "The last line of free is about swap: a partition or file for pages of [[anonymous memory]] that"
                " haven't been used for a while."
            ),
            question=Number(
                "How large is it on this machine? It may be 0.",
                unit="MiB",
                figure="swap_total",
                scale=MIB,
                guess=True,
            ),
            operations=(ready(),),
            checks=(Check("its size is known", lambda f: f["swap_total"] >= 0),),
            explanation=(
                "{swap_total:MiB}. Without swap, only pages of files and kernel caches can be released when memory is"
                " short. Anonymous memory then has to stay, so the [[OOM killer]] acts sooner. A machine without swap"
                " is allowed, and common among servers."
            ),
        ),
    ),
)
