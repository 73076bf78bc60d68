"""Overcommit: what the kernel promises, and the three figures that show it."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import MIB, Check, Choice, Expect, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import mmap, mmap_more_than_there_is, munmap, no_huge_pages, touch

_GIB = 1 << 30
_FOUR = 4 * _GIB
_TIB = 1 << 40
_NOISE = 256 << 10
"""Bytes of RSS that the Python interpreter may use meanwhile."""
_TOUCHED = 64 * 4096
_HEURISTIC, _ALWAYS, _NEVER = 0, 1, 2
_AN_ADDRESS, _REFUSAL = "an address", "ENOMEM: it refuses"
_MODES = (
    Remark(
        lambda f: f["overcommit_memory"] == _HEURISTIC,
        "vm.overcommit_memory is 0 here: refuse a request larger than all memory and swap, promise everything else.",
    ),
    Remark(lambda f: f["overcommit_memory"] == _ALWAYS, "vm.overcommit_memory is 1 here: promise everything."),
    Remark(
        lambda f: f["overcommit_memory"] == _NEVER,
        "vm.overcommit_memory is 2 here: all promises together, Committed_AS, may not exceed CommitLimit.",
    ),
)


def _more_is_promised(f: Figures) -> bool:
    """Return whether the kernel promises `asked` bytes, more than memory and swap: `proc_sys_vm(5)`."""
    if f["overcommit_memory"] == _NEVER:
        promised_before = f["committed_as"] - f["committed_as_change"]
        return promised_before + f["asked"] <= f["commit_limit"]
    return f["overcommit_memory"] == _ALWAYS


def _unreserved_is_promised(f: Figures) -> bool:
    """Return whether MAP_NORESERVE has an effect: not if vm.overcommit_memory is 2."""
    return f["overcommit_memory"] != _NEVER


def _as_promised(f: Figures, size: int, *, promised: bool) -> bool:
    return f["vm_size_change"] == (size if promised else 0)


LAB = Lab(
    name="overcommit",
    title="Promising more than there is",
    row="9, 14",
    learn="The kernel promises more memory than it has, because most of what is requested is never used.",
    order=80,
    address_space=2 * _TIB,
    promised=_FOUR,
    needs=(Need.SMALL_PAGES, Need.PROMISE),
    limits=Limits(address_space=64 * _TIB, touched=MIB),
    surroundings=True,
    steps=(
        Step(
            title="4 GiB",
            text=(
                "The lab process asks for 4 GiB of [[anonymous memory]]. Three figures could show it: [[VmSize]], which"
                " ps calls VSZ; [[RSS]]; and the machine's [[Committed_AS]], the sum of everything the kernel has"
                " promised."
            ),
            question=Choice(
                "Which of them grow by 4 GiB?",
                ("all three", "VmSize alone", "VmSize and Committed_AS", "none until it is used"),
                2,
                (
                    "RSS counts pages in memory, and none has been touched.",
                    "The promise is counted too: the kernel keeps track of how much it has promised.",
                    "",
                    "VmSize counts addresses, so it grows as soon as the region exists.",
                ),
            ),
            operations=(mmap("memory", _FOUR), no_huge_pages("memory")),
            checks=(
                Check("VmSize grew by exactly 4 GiB", lambda f: f["vm_size_change"] == _FOUR),
                Check("RSS grew by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
                Check("Committed_AS holds these 4 GiB", lambda f: f["committed_as"] >= _FOUR),
            ),
            explanation=(
                "VmSize grew by {vm_size_change:kB}, RSS by {rss_change:kB}, and Committed_AS is"
                " {committed_as:distance} now, a change of {committed_as_change:distance}, to which other processes may"
                " have contributed. The machine has {mem_total:distance}, of which {mem_available:distance} is"
                " available. A promise costs nothing until the memory is used."
            ),
            remarks=_MODES,
        ),
        Step(
            title="Use 64 pages of it",
            text="It writes one byte into each of the first 64 pages.",
            question=Number(
                "By how much does RSS grow?", unit="kB", figure="rss_change", scale=1024, within=_TOUCHED >> 12
            ),
            operations=(touch("memory", _TOUCHED),),
            checks=(
                Check("VmSize is the same", lambda f: f["vm_size_change"] == 0),
                Check("RSS grew by 256 kB, give or take 256 kB", lambda f: abs(f["rss_change"] - _TOUCHED) <= _NOISE),
                Check("a page fault for each page", lambda f: f["touch_min_flt"] >= f["pages"]),
            ),
            explanation=(
                "RSS grew by {rss_change:kB}; {pages:n} pages of 4 kB are 256 kB; anything beyond that is the"
                " interpreter's own. Of the 1,048,576 pages promised, only these exist. VSZ says how much a process may"
                " use, RSS how much it uses; neither says how much it will use."
            ),
        ),
        Step(
            title="Give it back",
            text="munmap ends the promise.",
            question=Choice(
                "By how much does VmSize shrink?",
                ("by 4 GiB", "by the 256 kB that were used"),
                0,
                ("", "That is by how much RSS shrinks: VmSize counts addresses, used or not."),
            ),
            operations=(munmap("memory"),),
            checks=(Check("VmSize shrank by exactly 4 GiB", lambda f: f["vm_size_change"] == -_FOUR),),
            explanation="VmSize changed by {vm_size_change:kB}, Committed_AS by {committed_as_change:distance}.",
        ),
        Step(
            title="More than the whole machine has",
            text=(
                "Now one mmap asks for all the memory of this machine, all its swap, and 1 GiB more. The kernel's"
                " answer depends on [[vm.overcommit_memory]], which the first step showed: read it before you answer."
            ),
            question=Choice(
                "What does mmap return?",
                (_AN_ADDRESS, _REFUSAL),
                lambda f: 0 if _more_is_promised(f) else 1,
                (
                    (
                        "With this setting the kernel compares the request with all memory and swap, and refuses more"
                        " than that."
                    ),
                    "With this setting the kernel promises everything, whether it has it or not.",
                ),
            ),
            operations=(mmap_more_than_there_is("everything", _GIB),),
            checks=(
                Check(
                    "the kernel answered as vm.overcommit_memory = {overcommit_memory:n} says",
                    lambda f: (f["granted"] == 1) is _more_is_promised(f),
                ),
                Check(
                    "VmSize grew by what was promised",
                    lambda f: _as_promised(f, f["asked"], promised=_more_is_promised(f)),
                ),
                Check("RSS grew by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
            ),
            explanation=(
                "{asked:distance} were asked for; memory and swap are {mem_and_swap:distance}. VmSize changed by"
                " {vm_size_change:kB}."
            ),
            remarks=(
                *_MODES,
                Remark(
                    lambda f: f["granted"] == 0,
                    "The process got [[ENOMEM]] and goes on: malloc would return [[NULL]] now.",
                ),
                Remark(
                    lambda f: f["granted"] == 1,
                    "If all of it were used, the [[OOM killer]] would have to act.",
                ),
            ),
            expect=Expect.EITHER,
        ),
        Step(
            title="1 TiB without reservation",
            text=(
                "With [[MAP_NORESERVE]] a process says that it needs no promise. Here it asks for 1 TiB of addresses,"
                " of which it will use little. Then it writes into 64 pages. Sparse tables and memory checkers work"
                " like that."
            ),
            question=Choice(
                "What does mmap return?",
                (_AN_ADDRESS, _REFUSAL),
                lambda f: 0 if _unreserved_is_promised(f) else 1,
                (
                    "With vm.overcommit_memory 2 the kernel ignores MAP_NORESERVE.",
                    "The flag says that no promise is wanted, so the size isn't checked.",
                ),
            ),
            operations=(
                mmap("sparse", _TIB, flags="MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE"),
                no_huge_pages("sparse"),
                touch("sparse", _TOUCHED),
            ),
            checks=(
                Check(
                    "VmSize grew by exactly 1 TiB, or, where vm.overcommit_memory is 2, by nothing",
                    lambda f: _as_promised(f, _TIB, promised=_unreserved_is_promised(f)),
                ),
                Check("RSS grew by less than 1 MB", lambda f: abs(f["rss_change"]) < MIB),
                Check("Committed_AS did not grow by 1 TiB", lambda f: f["committed_as_change"] < _TIB // 2),
            ),
            explanation=(
                "VmSize changed by {vm_size_change:distance}, RSS by {rss_change:kB}, the [[page table|page tables]] by"
                " {page_tables_change:kB}, and Committed_AS by {committed_as_change:distance}: what isn't promised"
                " isn't counted. A VSZ of a terabyte needn't worry anyone."
            ),
            remarks=(
                Remark(
                    lambda f: f["overcommit_memory"] == _NEVER,
                    "With vm.overcommit_memory 2 the kernel ignores MAP_NORESERVE.",
                ),
            ),
            expect=Expect.EITHER,
        ),
    ),
)
