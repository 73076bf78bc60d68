"""The stack: a region that grows when it is used, up to a limit, with a guard gap below it."""

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
    learn=(
        "Touching memory below the stack makes it grow, up to RLIMIT_STACK; it never shrinks, and a gap below stays"
        " free."
    ),
    order=52,
    address_space=16 << 20,
    needs=(Need.SMALL_PAGES, Need.SIGINFO),
    steps=(
        Step(
            title="Its size",
            text=(
                "The usual limit for a stack is 8 MiB: RLIMIT_STACK, ulimit -s. The lab process has only just started,"
                " and its map has a [[region]] called [stack]."
            ),
            question=Choice(
                "How large is that region?",
                ("8 MiB: all that is allowed", "4 kB: the page that is in use", "about 132 kB"),
                2,
                (
                    "The limit says how far it may grow, not how large it is now.",
                    "execve puts the arguments and the environment there and adds 128 kB of room below them.",
                    "",
                ),
                guess=True,
            ),
            operations=(ready(),),
            checks=(
                Check("it is at most 1 MiB", lambda f: 0 < f["stack"] <= 1 << 20),
                Check("it is smaller than the usual limit", lambda f: f["stack"] < _USUAL_LIMIT),
            ),
            explanation=(
                "{stack:kB}. The kernel makes it at [[execve]] and lets it grow: it is a region that changes its size"
                " without a system call."
            ),
        ),
        Step(
            title="Write below it",
            text=(
                "A function with a large array moves the stack pointer down, below the region, and uses the memory"
                " there. The lab process writes one byte into each of the 64 pages below [stack], from the top down."
            ),
            question=Number("By how much does [stack] grow?", unit="kB", figure="stack_change", scale=1024),
            operations=(grow_stack(_GROWTH),),
            checks=(
                Check("it grew by exactly 256 kB", lambda f: f["stack_change"] == _GROWTH),
                Check("VmSize grew by as much", lambda f: f["vm_size_change"] == _GROWTH),
                Check("there are as many regions as before", lambda f: f["regions_change"] == 0),
            ),
            explanation=(
                "By {stack_change:kB}. Each of these writes caused a [[page fault]] at an address in no region. The"
                " kernel found that the next region above is a stack, moved its start down, and then supplied the page."
                " Anywhere else the same write would cause a [[SIGSEGV]]."
            ),
        ),
        Step(
            title="The function returns",
            text="The stack pointer is back where it was, and these 64 pages aren't needed any more.",
            question=Choice(
                "By how much does the region shrink?",
                ("not at all", "by 256 kB: to where it was", "by 128 kB: a reserve is kept"),
                0,
                (
                    "",
                    "The kernel isn't told that a function returns: only the stack pointer moves.",
                    "Nothing decides to keep a reserve: a return isn't a system call.",
                ),
            ),
            operations=(ready(),),
            checks=(
                Check("the stack is as large as before", lambda f: f["stack_change"] == 0),
                Check("RSS shrank by less than 64 kB", lambda f: f["rss_change"] > -(64 << 10)),
            ),
            explanation=(
                "It changed by {stack_change:kB}: a stack never shrinks. Its pages stay too, so the next deep call"
                " costs no faults. A program that went deep once keeps that memory until it ends."
            ),
        ),
        Step(
            title="Beyond the limit",
            text=(
                "A new process lowers its RLIMIT_STACK to 512 kB and writes to a page 516 kB below the top of its"
                " stack, as endless recursion would."
            ),
            question=Choice(
                "What happens?",
                ("the stack grows: there is free memory", "SIGSEGV, as for any address in no region", "it gets ENOMEM"),
                1,
                (
                    "There is memory, but this page is beyond the limit.",
                    "",
                    "A store has no return value: all the kernel can do is send a signal.",
                ),
            ),
            prepare=(limit_stack(_LIMIT), below_stack("page", _LIMIT + _PAGE, from_end=True)),
            operations=(access("page"),),
            checks=(*_SEGV, Check("the address lies in no region", lambda f: f["inside"] == 0)),
            explanation=(
                "{signal} with {si_code} at {si_addr:hex}. A stack overflow has no signal of its own: it looks like any"
                " wrong address, and only the place, just below the stack, shows what it was. The limit is checked when"
                " the stack has to grow, so a new limit also applies to a running process."
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
                    "the stack replaces the mapped page",
                    "SIGSEGV: a gap of 1 MiB has to stay free",
                ),
                2,
                (
                    "It would, if the next region below were more than 1 MiB away.",
                    "What is mapped stays: the kernel doesn't remove a region for a stack.",
                    "",
                ),
            ),
            prepare=(mmap_below_stack("neighbour", 512 << 10), below_stack("page", _PAGE)),
            operations=(access("page"),),
            checks=_SEGV,
            explanation=(
                "{signal}: between a stack and accessible memory below it the kernel keeps 256 pages free, the stack"
                " [[guard]] gap. Otherwise a function that skips a page or two without touching them could run from the"
                " stack into other memory without a fault, as the Stack Clash attacks of 2017 did."
            ),
            fresh=True,
            expect=Expect.END,
        ),
    ),
)
