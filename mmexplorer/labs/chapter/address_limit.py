"""RLIMIT_AS: a limit that makes calls fail with ENOMEM but ends no process; this isn't an OOM kill."""

from mmexplorer.labs.lab import MIB, Check, Choice, Expect, Lab, Limits, Need, Step
from mmexplorer.labs.operations import mmap, no_huge_pages, touch

_LIMIT = 256 * MIB
_SMALL, _LARGE = 64 * MIB, 512 * MIB
_TOUCHED = 16 * MIB
_NOISE = 256 << 10
"""Bytes of RSS that the Python interpreter may use meanwhile."""

LAB = Lab(
    name="address-limit",
    title="A limit that refuses: ENOMEM",
    row="7",
    learn=(
        "A limit on addresses refuses a request, and the process goes on; a limit on memory can't refuse, so it kills."
    ),
    order=25,
    address_space=_SMALL,
    needs=(Need.SMALL_PAGES,),
    limits=Limits(address_space=_LIMIT, touched=_TOUCHED + MIB),
    surroundings=True,
    steps=(
        Step(
            title="Within the limit",
            text=(
                "The lab process runs under [[RLIMIT_AS]] 256 MiB (ulimit -v 262144): it can't have more [[address"
                " space]] than that. It asks for 64 MiB."
            ),
            question=Choice(
                "What does mmap return?",
                ("an address", "ENOMEM"),
                0,
                ("", "The limit leaves room for another 64 MiB of addresses."),
            ),
            operations=(mmap("memory", _SMALL), no_huge_pages("memory")),
            checks=(
                Check("VmSize grew by exactly 65,536 kB", lambda f: f["vm_size_change"] == _SMALL),
                Check("VmSize is within the limit", lambda f: f["vm_size"] <= _LIMIT),
            ),
            explanation="VmSize is {vm_size:kB} of the 262,144 kB allowed, and RSS grew by {rss_change:kB}.",
        ),
        Step(
            title="Beyond it",
            text="It asks for 512 MiB more.",
            question=Choice(
                "What happens?",
                (
                    "SIGKILL ends the process",
                    "SIGSEGV ends the process",
                    "mmap fails with ENOMEM, and the process goes on",
                ),
                2,
                (
                    (
                        "That is what the OOM killer does. Here nothing ran out: a system call asked for more than is"
                        " allowed, and a call can be refused."
                    ),
                    "No forbidden address was used; the process only asked for more.",
                    "",
                ),
            ),
            operations=(mmap("more", _LARGE),),
            checks=(
                Check("VmSize is the same", lambda f: f["vm_size_change"] == 0),
                Check("the process is running", lambda f: not f.word("ended")),
            ),
            explanation=(
                "[[ENOMEM]]: the kernel refuses when it is asked, before anything is lost, and the program can handle"
                " it: malloc returns [[NULL]], Python raises MemoryError. The [[OOM killer]] wasn't involved:"
                " {mem_available:distance} of memory are available on this machine. The limit is on addresses, and"
                " VmSize is still {vm_size:kB}."
            ),
            expect=Expect.REFUSAL,
        ),
        Step(
            title="What it doesn't limit",
            text="It writes into 16 MiB of the 64 MiB that it got first.",
            question=Choice(
                "Does the limit prevent that?",
                ("yes: it counts pages", "no"),
                1,
                ("RLIMIT_AS counts addresses, used or not; pages are counted by a memory cgroup.", ""),
            ),
            operations=(touch("memory", _TOUCHED),),
            checks=(
                Check("VmSize is the same", lambda f: f["vm_size_change"] == 0),
                Check("RSS grew by 16,384 kB, give or take 256 kB", lambda f: abs(f["rss_change"] - _TOUCHED) < _NOISE),
            ),
            explanation=(
                "RSS grew by {rss_change:kB} and VmSize by {vm_size_change:kB}. RLIMIT_AS counts addresses, used or"
                " not, and it counts each process separately: ten processes may have ten times as much. Memory in use"
                " is limited by a [[memory cgroup]]. It can't refuse a write, so the OOM killer has to act: see the lab"
                " “The OOM killer”."
            ),
        ),
    ),
)
