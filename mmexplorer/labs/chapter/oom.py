"""Out of memory in a cgroup that holds only the lab process: which process is killed, why, and the evidence."""

from mmexplorer.labs.lab import MIB, Check, Choice, Expect, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import exhaust, mmap, no_huge_pages, ready, touch

_LIMIT = 48 * MIB
_SIZE = 128 * MIB
_FIRST = 16 * MIB
_NOISE = MIB
"""Bytes that the kernel charges in advance (a batch of pages per processor), and that the interpreter uses."""

_SETTINGS = (
    Remark(
        lambda f: f["panic_on_oom"] == 0,
        "vm.panic_on_oom is 0 here: if the machine itself ran out of memory, a process would be killed.",
    ),
    Remark(
        lambda f: f["panic_on_oom"] == 1,
        (
            "vm.panic_on_oom is 1 here: if the machine itself ran out of memory, the kernel would panic, but not for"
            " the limit of a cgroup."
        ),
    ),
)

LAB = Lab(
    name="oom",
    title="The OOM killer",
    row="7, 8",
    learn="When no page can be found any more, the kernel ends a process and gets its pages back.",
    order=20,
    address_space=_SIZE,
    needs=(Need.SMALL_PAGES, Need.OOM_CGROUP),
    limits=Limits(address_space=1 << 30, touched=_SIZE + _FIRST + MIB),
    memory_limit=_LIMIT,
    surroundings=True,
    instead="address-limit",
    steps=(
        Step(
            title="A small machine of its own",
            text=(
                "The machine itself won't run out of memory. Before the experiment takes any memory, the lab process is"
                " put into a [[memory cgroup]] of its own with a limit of 48 MiB and no swap. It also offers itself to"
                " the [[OOM killer]]: its [[oom_score_adj]] is 1000."
            ),
            question=Choice(
                "Which process can be killed when this cgroup is full?",
                ("the process with the most memory on this machine", "only a process in this cgroup"),
                1,
                (
                    (
                        "That is roughly the rule when the machine itself is out of memory. Here the limit of one"
                        " cgroup is reached."
                    ),
                    "",
                ),
            ),
            operations=(ready(),),
            checks=(
                Check("the lab process is the only one in the cgroup", lambda f: f["cgroup_processes"] == 1),
                Check("its limit is 49,152 kB", lambda f: f["cgroup_limit"] == _LIMIT),
                Check("no process has been killed in it", lambda f: f["cgroup_oom_kills"] == 0),
                Check("oom_score_adj of the process is 1000", lambda f: f["oom_score_adj"] == 1000),  # noqa: PLR2004
                Check("an OOM kill here doesn't bring the system down", lambda f: f["panic_on_oom"] in {0, 1}),
            ),
            explanation=(
                "The killer looks for a victim in the cgroup that is full, and nowhere else. This one holds"
                " {cgroup_processes:n} process and uses {cgroup_usage:kB} of {cgroup_limit:kB}. The [[oom_score]] of"
                " the process is {oom_score:n}, that of mmexplorer {app_oom_score:n}: the killer takes the process with"
                " the highest score, which comes from the memory it holds and from its oom_score_adj."
            ),
            remarks=(
                Remark(
                    lambda f: f["cgroup_usage"] < _NOISE,
                    "What the process touched before it joined is still charged to its earlier cgroup.",
                ),
                *_SETTINGS,
            ),
        ),
        Step(
            title="Within the limit",
            text="It maps 128 MiB, more than twice the limit of the cgroup, and writes into the first 16 MiB.",
            question=Number(
                "By how much does the usage of the cgroup grow?",
                unit="kB",
                figure="cgroup_usage_change",
                scale=1024,
                within=_NOISE >> 10,
            ),
            operations=(mmap("memory", _SIZE), no_huge_pages("memory"), touch("memory", _FIRST)),
            checks=(
                Check("VmSize grew by exactly 131,072 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check(
                    "the usage grew by 16,384 kB, give or take 1,024 kB",
                    lambda f: abs(f["cgroup_usage_change"] - _FIRST) <= _NOISE,
                ),
                Check("no process was killed", lambda f: f["cgroup_oom_kills_change"] == 0),
            ),
            explanation=(
                "mmap succeeded although it asked for more than the limit: a cgroup counts pages, not addresses. The"
                " usage grew by {cgroup_usage_change:kB}, and the process holds {rss:kB}. Its oom_score is"
                " {oom_score:n}, a change of {oom_score_change:n}: compared with {mem_total:distance}, 16 MiB is next"
                " to nothing, and oom_score_adj counts for much more."
            ),
        ),
        Step(
            title="Beyond it",
            text="Now it writes into one page after the other, from the beginning to the end.",
            question=Choice(
                "How does that end?",
                (
                    "a write fails with ENOMEM",
                    "with SIGSEGV: the page isn't there",
                    "it waits until there is memory again",
                    "with SIGKILL, in the middle of a write",
                ),
                3,
                (
                    "The address was granted earlier, and a write to memory has no return value to report an error.",
                    "A region allows the write, so to the kernel it is a request for a page, not a mistake.",
                    "It would wait forever: nothing in this cgroup is going to release memory.",
                    "",
                ),
            ),
            operations=(exhaust("memory"),),
            checks=(
                Check("the process was ended by SIGKILL", lambda f: f.word("ended") == "was ended by SIGKILL"),
                Check("oom_kill of its cgroup went up by one", lambda f: f["cgroup_oom_kills_change"] == 1),
                Check("oom_kill of the machine went up too", lambda f: f["oom_kills_change"] >= 1),
            ),
            explanation=(
                "SIGKILL alone proves nothing: other processes can send it too. But the counter oom_kill of the cgroup"
                " went up by {cgroup_oom_kills_change:n}, and that of the machine by {oom_kills_change:n}. No call"
                " could have returned an error: the process only wrote to its memory. The [[page fault]] needed a page,"
                " [[reclaim]] found none in this cgroup that could be released, and the killer chose the process with"
                " the highest score there. It was the only one. SIGKILL can't be caught, so unsaved work is lost."
            ),
            expect=Expect.END,
        ),
        Step(
            title="The same machine, a moment later",
            text="A new lab process is put into a new cgroup, and writes into 16 MiB.",
            question=Choice(
                "Is it affected by what happened?",
                ("no", "yes"),
                0,
                (
                    "",
                    (
                        "The limit belonged to a cgroup, and the new process is in another one. The machine itself was"
                        " never short of memory."
                    ),
                ),
            ),
            prepare=(mmap("memory", _SIZE), no_huge_pages("memory")),
            operations=(touch("memory", _FIRST),),
            checks=(
                Check("no process was killed", lambda f: f["cgroup_oom_kills"] == 0),
                Check("16,384 kB more are in use", lambda f: abs(f["cgroup_usage_change"] - _FIRST) <= _NOISE),
            ),
            explanation=(
                "The killer ended the one process in the full cgroup; a new one, in its own cgroup, works as if nothing"
                " had happened. Service managers and container engines set such limits so that only the group that uses"
                " too much suffers."
            ),
            fresh=True,
        ),
    ),
)
