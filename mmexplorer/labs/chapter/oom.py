"""Out of memory, in a cgroup with the lab process alone in it: who is killed, why, and what proves it."""

from mmexplorer.labs.lab import MIB, Check, Choice, Expect, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import exhaust, mmap, no_huge_pages, ready, touch

_LIMIT = 48 * MIB
_SIZE = 128 * MIB
_FIRST = 16 * MIB
_NOISE = MIB
"""What the kernel charges ahead of use, a batch of pages for each processor, and the interpreter's own."""

_SETTINGS = (
    Remark(
        lambda f: f["panic_on_oom"] == 0,
        "vm.panic_on_oom is 0 here: were the machine itself out of memory, a process would be killed.",
    ),
    Remark(
        lambda f: f["panic_on_oom"] == 1,
        "vm.panic_on_oom is 1 here: were the machine itself out of memory, the kernel would panic; but not for the"
        " limit of a cgroup.",
    ),
)

LAB = Lab(
    name="oom",
    title="The OOM killer",
    row="7, 8",
    learn="When no page can be had any more, the kernel ends a process and so gets back all of its pages.",
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
                "This machine is not brought to its knees. The lab process is put, before the experiment takes any"
                " memory, into a [[memory cgroup]] of its own that may hold 48 MiB and not a byte of swap. Besides,"
                " the process offers itself to the [[OOM killer]]: its [[oom_score_adj]] is 1000."
            ),
            question=Choice(
                "Who can be hit when this cgroup is full?",
                ("the process with the most memory on this machine", "only a process in this cgroup"),
                1,
                (
                    (
                        "That is the rule when the machine itself is out of memory. Here a limit is reached, which"
                        " applies to one cgroup alone."
                    ),
                    "",
                ),
            ),
            operations=(ready(),),
            checks=(
                Check("the cgroup holds one process, ours", lambda f: f["cgroup_processes"] == 1),
                Check("its limit is 49,152 kB", lambda f: f["cgroup_limit"] == _LIMIT),
                Check("nobody has been killed in it", lambda f: f["cgroup_oom_kills"] == 0),
                Check("oom_score_adj of the process is 1000", lambda f: f["oom_score_adj"] == 1000),  # noqa: PLR2004
                Check("an OOM kill here doesn't bring the system down", lambda f: f["panic_on_oom"] in {0, 1}),
            ),
            explanation=(
                "The killer looks for a victim in the cgroup that is full, and nowhere else. This one holds"
                " {cgroup_processes:n} process and uses {cgroup_usage:kB} of {cgroup_limit:kB}."
                " The [[oom_score]] of the process is {oom_score:n}, that of mmexplorer {app_oom_score:n}: the killer"
                " takes the one with the most points, and they come from the memory that a process holds and from its"
                " oom_score_adj."
            ),
            remarks=(
                Remark(
                    lambda f: f["cgroup_usage"] < _NOISE,
                    "What the process touched before it came is still charged to the cgroup that it came from.",
                ),
                *_SETTINGS,
            ),
        ),
        Step(
            title="Within the limit",
            text="It maps 128 MiB, more than twice what the cgroup allows, and writes into the first 16 MiB.",
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
                Check("nobody was killed", lambda f: f["cgroup_oom_kills_change"] == 0),
            ),
            explanation=(
                "mmap was granted though it is more than the limit: a cgroup counts pages, not addresses. The usage"
                " grew by {cgroup_usage_change:kB}, and the process holds {rss:kB}. Its oom_score is {oom_score:n}, it"
                " changed by {oom_score_change:n}: of {mem_total:distance} the 16 MiB are next to nothing, the"
                " oom_score_adj weighs more."
            ),
        ),
        Step(
            title="Beyond it",
            text="Now it writes into page after page, from the beginning to the end, without looking back.",
            question=Choice(
                "How does that end?",
                (
                    "a write fails with ENOMEM",
                    "by SIGSEGV: the page isn't there",
                    "it waits until there is memory again",
                    "by SIGKILL, in the middle of a write",
                ),
                3,
                (
                    "The address was granted long ago, and a write to memory has no return value that could say so.",
                    "A region allows the write: for the kernel it is a request for a page, not a mistake.",
                    "It would wait for ever: nothing in this cgroup is going to release memory.",
                    "",
                ),
            ),
            operations=(exhaust("memory"),),
            checks=(
                Check("the process was ended by SIGKILL", lambda f: f.word("ended") == "was ended by SIGKILL"),
                Check("oom_kill of its cgroup is one more", lambda f: f["cgroup_oom_kills_change"] == 1),
                Check("oom_kill of the machine is more, too", lambda f: f["oom_kills_change"] >= 1),
            ),
            explanation=(
                "SIGKILL alone proves nothing: anybody may send it. But the count oom_kill of the cgroup grew by"
                " {cgroup_oom_kills_change:n}, and that of the machine by {oom_kills_change:n}. There was nothing a"
                " function could have returned: the process only wrote to its memory. The [[page fault]] needed a page,"
                " [[reclaim]] found none in this cgroup that could be released, and the killer chose the process with"
                " the most points there. It was the only one. No handler catches SIGKILL; what was not saved is lost."
            ),
            expect=Expect.END,
        ),
        Step(
            title="The same machine, a moment later",
            text="A new lab process is put into a new cgroup, and writes into 16 MiB.",
            question=Choice(
                "Does it feel anything of what happened?",
                ("no", "yes"),
                0,
                (
                    "",
                    "The limit was that of a cgroup, and the new process has another one. The machine was never short.",
                ),
            ),
            prepare=(mmap("memory", _SIZE), no_huge_pages("memory")),
            operations=(touch("memory", _FIRST),),
            checks=(
                Check("nobody was killed", lambda f: f["cgroup_oom_kills"] == 0),
                Check("16,384 kB more are in use", lambda f: abs(f["cgroup_usage_change"] - _FIRST) <= _NOISE),
            ),
            explanation=(
                "The killer hit the one process in the full cgroup; a new one, in a cgroup of its own, works as if"
                " nothing had happened. Service managers and container engines set such limits so that only the group"
                " that uses too much is hit."
            ),
            fresh=True,
        ),
    ),
)
