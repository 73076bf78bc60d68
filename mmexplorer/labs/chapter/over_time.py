"""Memory over time: addresses at once, pages step by step, and the machine's figures as in sar."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Remark, Step
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
    learn="VmSize rises once, with mmap; RSS rises with every part that is touched, one fault for each page.",
    order=81,
    address_space=_SIZE + 2 * MIB,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    limits=Limits(touched=4 * _SIZE),
    steps=(
        Step(
            title="Ask once",
            text=(
                "The lab process maps 100 MiB. In the next steps it touches a tenth of it at a time. Before you go on,"
                " sketch the two curves, [[VmSize]] and [[RSS]], from now to the end."
            ),
            question=Choice(
                "Which of the two has finished rising after this step?",
                ("RSS", "VmSize", "both"),
                1,
                (
                    "No page has been touched, so nothing can be in memory yet.",
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
                " next 10 MiB, and so on, ten times. After each part it prints its own sizes, how many [[page"
                " fault|page faults]] the part took, and, as sar -B and sar -r do, the machine's faults a second and"
                " free memory."
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
                Check("no part took more than 2,624 faults", lambda f: f["most_faults"] <= _PART_PAGES + _SPARE),
                Check("RSS grew by 102,400 kB or a little more", lambda f: 0 <= f["rss_change"] - _SIZE < _NOISE),
                Check("VmSize did not change", lambda f: f["vm_size_change"] == 0),
            ),
            explanation=(
                "One for each page: RSS is a staircase with steps of 10,240 kB, VmSize a straight line. The machine's"
                " figures follow, but they include all other processes: their faults count in faults a second, and free"
                " memory also falls when any process reads files. The picture draws all of it over one axis."
            ),
            remarks=(
                Remark(
                    lambda f: f["least_faults"] == f["most_faults"],
                    "Each part took exactly {most_faults:n} faults.",
                ),
                Remark(
                    lambda f: f["least_faults"] < f["most_faults"],
                    "The parts took from {least_faults:n} to {most_faults:n} faults.",
                ),
            ),
            watch="memory",
        ),
        Step(
            title="Once more",
            text="It writes to the same 100 MiB again, a tenth at a time, with shorter pauses.",
            question=Number(
                "How many page faults does each part take now?", unit="faults", figure="most_faults", within=8
            ),
            operations=(touch_over_time("memory", _SIZE, parts=_PARTS, pause_ms=_PAUSE_MS // 10),),
            checks=(
                Check("no part took more than 8", lambda f: f["most_faults"] <= 8),  # noqa: PLR2004 - as in the words
                Check("RSS changed by less than 1 MiB", lambda f: abs(f["rss_change"]) < _NOISE),
            ),
            explanation=(
                "{most_faults:n} in the part that took most: the pages are there, and the processor finds them in the"
                " [[page table]]. Both curves are straight lines now, although the program writes as much as before:"
                " RSS shows what a process holds, not what it does."
            ),
            watch="memory",
        ),
        Step(
            title="Give it back",
            text="It calls [[munmap]] for the whole range.",
            question=Choice(
                "What do the curves do?",
                ("VmSize falls, RSS stays", "RSS falls in ten steps, as it rose", "both fall, at once"),
                2,
                (
                    "Without addresses there is nothing that the pages could belong to.",
                    "One call removes all pages of the range.",
                    "",
                ),
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("RSS shrank by 102,400 kB, give or take 1 MiB", lambda f: abs(f["rss_change"] + _SIZE) < _NOISE),
            ),
            explanation=(
                "VmSize changed by {vm_size_change:kB}, RSS by {rss_change:kB}. The pages were [[anonymous memory]]: no"
                " other process could need their contents, so they are free at once."
            ),
        ),
    ),
)
