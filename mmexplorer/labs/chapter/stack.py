"""The stack: a region that grows by being used, up to a limit, and keeps its distance from what lies below it."""

from mmexplorer.labs.lab import Check, Choice, Expect, Lab, Need, Number, Step
from mmexplorer.labs.operations import access, below_stack, grow_stack, limit_stack, mmap_below_stack, ready

_GROWTH = 256 << 10
_LIMIT = 512 << 10
_PAGE = 4096
_USUAL_LIMIT = 8 << 20

_SEGV = (
    Check(
        "the signal is SIGSEGV with SEGV_MAPERR",
        lambda f: (f.word("signal"), f.word("si_code")) == ("SIGSEGV", "SEGV_MAPERR"),
    ),
    Check("the process was ended by SIGSEGV", lambda f: f.word("ended") == "was ended by SIGSEGV"),
)

LAB = Lab(
    name="stack",
    title="A region that grows by itself",
    row="9, 11",
    learn="A touch below the stack makes it grow, up to RLIMIT_STACK; it never shrinks, and a gap below stays free.",
    order=52,
    address_space=16 << 20,
    needs=(Need.SMALL_PAGES, Need.SIGINFO),
    steps=(
        Step(
            title="How large it is",
            text=(
                "As a rule a process may have a stack of 8 MiB: RLIMIT_STACK, ulimit -s. The map of the lab process,"
                " which has only just started, has a [[region]] that is called [stack]."
            ),
            question=Choice(
                "How large is that region?",
                ("8 MiB: all that it may have", "4 kB: the page that is in use", "132 kB or a little more"),
                2,
                (
                    "The limit says how far it may grow; a region is only as large as it has become.",
                    "execve puts arguments and environment there and leaves 128 kB for what comes next.",
                    "",
                ),
                guess=True,
            ),
            operations=(ready(),),
            checks=(
                Check("it is 1 MiB at most", lambda f: 0 < f["stack"] <= 1 << 20),
                Check("it is smaller than the usual limit", lambda f: f["stack"] < _USUAL_LIMIT),
            ),
            explanation=(
                "{stack:kB}. The kernel makes it at [[execve]] and lets it grow: it is the one region that changes its"
                " size without a system call."
            ),
        ),
        Step(
            title="Write below it",
            text=(
                "A function with a large array moves the stack pointer down, below the region, and uses what is there."
                " The lab process writes one byte into each of the 64 pages below [stack], from above."
            ),
            question=Number("By how much does [stack] grow?", unit="kB", figure="stack_change", scale=1024),
            operations=(grow_stack(_GROWTH),),
            checks=(
                Check("it grew by exactly 256 kB", lambda f: f["stack_change"] == _GROWTH),
                Check("VmSize grew by as much", lambda f: f["vm_size_change"] == _GROWTH),
                Check("there are as many regions as before", lambda f: f["regions_change"] == 0),
            ),
            explanation=(
                "By {stack_change:kB}. Each of these writes was a [[page fault]] at an address in no region. The kernel"
                " found that the next region above is a stack, moved its start down, and then gave the page. Anywhere"
                " else the same write is a [[SIGSEGV]]."
            ),
        ),
        Step(
            title="The function returns",
            text="The stack pointer is back where it was: nobody needs these 64 pages any more.",
            question=Choice(
                "By how much does the region shrink?",
                ("not at all", "by 256 kB: to where it was", "by 128 kB: a reserve is kept"),
                0,
                (
                    "",
                    "The kernel isn't told that a function returns: only the stack pointer moves.",
                    "Nobody decides anything here: no system call is made when a function returns.",
                ),
            ),
            operations=(ready(),),
            checks=(
                Check("the stack is as large as before", lambda f: f["stack_change"] == 0),
                Check("RSS shrank by less than 64 kB", lambda f: f["rss_change"] > -(64 << 10)),
            ),
            explanation=(
                "It changed by {stack_change:kB}: a stack never shrinks. Its pages stay, too, so that the next deep"
                " call costs no faults. A program that went deep once keeps the memory to its end."
            ),
        ),
        Step(
            title="Beyond the limit",
            text=(
                "A new process lowers its RLIMIT_STACK to 512 kB, and writes to a page 516 kB below the upper end of"
                " its stack, as a recursion without an end would."
            ),
            question=Choice(
                "What happens?",
                ("the stack grows: memory is free", "SIGSEGV, as for any address in no region", "ENOMEM is returned"),
                1,
                (
                    "There is memory; but this page is beyond what the limit allows.",
                    "",
                    "A store has no return value: the kernel has only a signal to answer with.",
                ),
            ),
            prepare=(limit_stack(_LIMIT), below_stack("page", _LIMIT + _PAGE, from_end=True)),
            operations=(access("page"),),
            checks=(*_SEGV, Check("the address lies in no region", lambda f: f["inside"] == 0)),
            explanation=(
                "{signal} with {si_code} at {si_addr:hex}. A stack overflow isn't a signal of its own: it looks like"
                " any wrong address, and only the place, just below the stack, tells what it was. The limit is read"
                " when the stack has to grow, so that it also holds for a process that runs."
            ),
            fresh=True,
            expect=Expect.END,
        ),
        Step(
            title="A neighbour below",
            text=(
                "A new process maps one page 512 kB below its stack. Then it writes to the page just below [stack],"
                " which would be well within the limit."
            ),
            question=Choice(
                "What happens?",
                (
                    "the stack grows by 4 kB",
                    "the mapped page is given up for the stack",
                    "SIGSEGV: a gap of 1 MiB has to stay free",
                ),
                2,
                (
                    "It would, if the next region below were more than 1 MiB away.",
                    "What is mapped stays: the kernel takes no region away for a stack.",
                    "",
                ),
            ),
            prepare=(mmap_below_stack("neighbour", 512 << 10), below_stack("page", _PAGE)),
            operations=(access("page"),),
            checks=_SEGV,
            explanation=(
                "{signal}: between a stack and whatever can be used below it the kernel keeps 256 pages free, the stack"
                " [[guard]] gap. A function that skips a page or two without touching them would else run from the"
                " stack into other memory without a fault; that is what attackers did in 2017 (Stack Clash)."
            ),
            fresh=True,
            expect=Expect.END,
        ),
    ),
)
