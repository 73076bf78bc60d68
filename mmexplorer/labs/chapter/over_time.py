"""Memory over time: addresses once, pages step by step, and what sar shows of the machine meanwhile."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Step
from mmexplorer.labs.operations import mmap, munmap, no_huge_pages, touch_over_time

_SIZE = 100 * MIB
_PARTS = 10
_PART_PAGES = _SIZE // _PARTS // 4096
_SPARE = 64
_PAUSE_MS = 100
_NOISE = 1 * MIB

LAB = Lab(
    name="over-time",
    title="Memory over time",
    row="6, 9, 14",
    learn="VmSize rises once, with mmap; RSS rises with every part that is touched, and each page of it is a fault.",
    order=81,
    address_space=_SIZE + 2 * MIB,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    limits=Limits(touched=4 * _SIZE),
    steps=(
        Step(
            title="Ask once",
            text=(
                "The lab process maps 100 MiB. In the steps that follow it touches a tenth of it at a time. Draw the"
                " two curves before you go on: [[VmSize]] and [[RSS]], from before this step to the end."
            ),
            question=Choice(
                "Which of the two has its rise behind it after this step?",
                ("RSS", "VmSize", "both"),
                1,
                (
                    "Not a page has been touched: there is nothing yet that could be in memory.",
                    "",
                    "RSS counts pages, and mmap brings none.",
                ),
            ),
            operations=(mmap("memory", _SIZE), no_huge_pages("memory")),
            checks=(
                Check("VmSize grew by exactly 102,400 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check("RSS changed by less than 1 MiB", lambda f: abs(f["rss_change"]) < _NOISE),
            ),
            explanation="VmSize grew by {vm_size_change:kB}, RSS by {rss_change:kB}.",
            watch="memory",
        ),
        Step(
            title="A tenth at a time",
            text=(
                "It writes one byte into each page of the first 10 MiB, waits a tenth of a second, goes on with the"
                " next 10 MiB, and so on, ten times. After each it prints how large it is, how many [[page fault|page"
                " faults]] the part took, and the machine's faults a second and free memory, as sar -B and sar -r do."
            ),
            question=Number(
                "How many page faults does each part of 10 MiB take?",
                unit="faults",
                figure="most_faults",
                within=_SPARE,
            ),
            operations=(touch_over_time("memory", _SIZE, parts=_PARTS, pause_ms=_PAUSE_MS),),
            checks=(
                Check("each part took at least 2,560 faults", lambda f: f["least_faults"] >= _PART_PAGES),
                Check("no part took 64 more", lambda f: f["most_faults"] <= _PART_PAGES + _SPARE),
                Check("RSS grew by 102,400 kB or a little more", lambda f: 0 <= f["rss_change"] - _SIZE < _NOISE),
                Check("VmSize did not change", lambda f: f["vm_size_change"] == 0),
            ),
            explanation=(
                "{least_faults:n} to {most_faults:n}, one for each page: RSS is a staircase with steps of 10,240 kB,"
                " VmSize a straight line. The machine's figures go the same way, but everybody else is in them: its"
                " faults a second are these and those of all other processes, and its free memory falls also for files"
                " that are read."
            ),
            watch="memory",
        ),
        Step(
            title="Once more",
            text="It does the same again, with the same 100 MiB.",
            question=Number(
                "How many page faults does each part take now?", unit="faults", figure="most_faults", within=8
            ),
            operations=(touch_over_time("memory", _SIZE, parts=_PARTS, pause_ms=_PAUSE_MS // 10),),
            checks=(
                Check("no part took more than 8", lambda f: f["most_faults"] <= 8),  # noqa: PLR2004 - as in the words
                Check("RSS changed by less than 1 MiB", lambda f: abs(f["rss_change"]) < _NOISE),
            ),
            explanation=(
                "At most {most_faults:n}: the pages are there, and the processor finds them in the [[page table]]. Both"
                " curves are straight lines now, though the program works as hard as before: RSS shows what a process"
                " holds, not what it does."
            ),
            watch="memory",
        ),
        Step(
            title="Give it back",
            text="It calls [[munmap]] for all of it.",
            question=Choice(
                "How do the curves go?",
                ("VmSize falls, RSS stays", "RSS falls in ten steps, as it rose", "both fall, at once"),
                2,
                (
                    "Without addresses there is nothing that a page could belong to.",
                    "One call takes all pages of the range away.",
                    "",
                ),
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("RSS shrank by 102,400 kB, give or take 1 MiB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation=(
                "VmSize changed by {vm_size_change:kB}, RSS by {rss_change:kB}. The pages were [[anonymous memory]]:"
                " nobody else could need what was in them, and the machine's free memory rises at once."
            ),
        ),
    ),
)
