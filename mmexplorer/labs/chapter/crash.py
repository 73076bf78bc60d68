"""Seven ways to use an address that isn't allowed, the reason the kernel gives each time, and two signal handlers."""

from mmexplorer.labs.lab import Check, Choice, Expect, Lab, Need, Remark, Step
from mmexplorer.labs.operations import access, guard, memfd, mmap, munmap
from mmexplorer.labs.protocol import Operation

_PAGE = 4096
_PAGES = 16 * _PAGE

_WHERE = (
    Remark(
        lambda f: f["inside"] == 1,
        "The address {si_addr:hex} lies in the region {region_start:hex}-{region_end:hex}, permissions {perms}.",
    ),
    Remark(
        lambda f: f["inside"] == 0 and f["distance_above"] > 0 and "distance_below" not in f.numbers,
        (
            "The address {si_addr:hex} lies in no region: it is {distance_above:distance} below the start of the lowest"
            " one."
        ),
    ),
    Remark(
        lambda f: f["inside"] == 0 and f["distance_below"] >= 0,
        (
            "The address {si_addr:hex} lies in no region: it is {distance_below:distance} beyond the end of the region"
            " below."
        ),
    ),
    Remark(
        lambda f: f["inside"] == 0 and f["distance_below"] >= 0 and f["distance_above"] > 0,
        "The next region begins {distance_above:distance} above it.",
    ),
    Remark(
        lambda f: f["inside"] == 1 and f["region_end"] - f["region_start"] > _PAGES,
        "That region is larger than what was mapped here: the kernel merged it with memory of the same kind beside it.",
    ),
)

_WHERE_IT_LAY = Remark(
    lambda f: f["inside"] == 1,
    (
        "Before, the address {si_addr:hex} lay in the region {region_start:hex}-{region_end:hex}, permissions {perms};"
        " the handler split it."
    ),
)

_FIRST_LINE = "before the access"
_SECOND_LINE = "after the access"


def _printed(*, second: bool) -> Check:
    words = "both lines are printed" if second else "only the first of the two lines is printed"
    return Check(
        words,
        lambda f: _FIRST_LINE in f.word("output") and (_SECOND_LINE in f.word("output")) is second,
    )


def _signalled(signal: str, *codes: str) -> Check:
    return Check(
        f"the signal is {signal} with {' or '.join(codes)}",
        lambda f: f.word("signal") == signal and f.word("si_code") in codes,
    )


def _ended_by(signal: str) -> Check:
    return Check(f"the process was ended by {signal}", lambda f: f.word("ended") == f"was ended by {signal}")


_WHERE_IT_WAS = Check("si_addr is the address that was used", lambda f: f["si_addr"] == f["start"])
_IN_REGION = Check("the address lies in a region", lambda f: f["inside"] == 1)
_IN_NONE = Check("the address lies in no region", lambda f: f["inside"] == 0)


def _crash(
    title: str,
    text: str,
    question: Choice,
    explanation: str,
    *,
    use: Operation,
    checks: tuple[Check, ...],
    prepare: tuple[Operation, ...] = (),
    signal: str = "SIGSEGV",
) -> Step:
    """Return a step that ends the process: it prints a line, uses the address, and never prints the second line."""
    return Step(
        title=title,
        text=text,
        question=question,
        prepare=prepare,
        operations=(use,),
        checks=(*checks, _WHERE_IT_WAS, _ended_by(signal), _printed(second=False)),
        explanation=explanation,
        remarks=_WHERE,
        fresh=True,
        expect=Expect.END,
    )


LAB = Lab(
    name="crash",
    title="The address that isn't allowed",
    row="11",
    learn="A page fault is a processor exception; it becomes SIGSEGV only where no region allows the access.",
    order=50,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.SIGINFO),
    steps=(
        _crash(
            "Write through NULL",
            (
                "This is the chapter's program: it prints a line, writes one byte through a [[NULL]] pointer, and"
                " prints another line. It prints with write(2), so nothing is left in a buffer."
            ),
            Choice(
                "How many of its two lines appear?",
                ("none", "the first", "both"),
                1,
                (
                    "The first line was printed with write(2) before the mistake, so it can't be lost in a buffer.",
                    "",
                    "The processor never gets past the write.",
                ),
            ),
            (
                "The processor found no page for address 0 and raised an exception, a [[page fault]], as it does when a"
                " page is first used. The kernel looked for a region that covers the address, found none"
                " ([[SEGV_MAPERR]]), and sent [[SIGSEGV]], which ends a process that has no handler for it. Normally"
                " nothing is mapped at 0 ([[mmap_min_addr]]), so this mistake shows at once. That isn't certain: root"
                " may map address 0, and NULL with a large index, such as p[1000000], may reach memory that is mapped."
            ),
            use=access(),
            checks=(
                _signalled("SIGSEGV", "SEGV_MAPERR"),
                Check("that address is 0", lambda f: f["si_addr"] == 0),
                _IN_NONE,
            ),
        ),
        _crash(
            "Write to memory that is read-only",
            "It maps 64 kB read-only and writes to it.",
            Choice(
                "What reason does the kernel give?",
                (
                    "SEGV_ACCERR: there is a region, but it doesn't allow this",
                    "SEGV_MAPERR: no region covers this address",
                ),
                0,
                ("", "A region does cover this address; it just doesn't allow writing."),
            ),
            "There is a [[region]], but its permissions don't allow writing: that is [[SEGV_ACCERR]].",
            prepare=(mmap("memory", _PAGES, prot="PROT_READ"),),
            use=access("memory"),
            checks=(_signalled("SIGSEGV", "SEGV_ACCERR"), _IN_REGION),
        ),
        _crash(
            "Read memory that allows nothing",
            "It maps 64 kB with PROT_NONE, which gives no permission at all, and only reads.",
            Choice(
                "What happens?",
                ("it reads a 0", "it is ended: reading isn't allowed either"),
                1,
                ("Untouched memory does read as 0 where reading is allowed. PROT_NONE allows nothing.", ""),
            ),
            (
                "[[PROT_NONE]] reserves addresses without allowing any use of them. A thread's stack ends at such a"
                " region, so that running over its end shows at once. Allocators also use it to reserve addresses for"
                " later."
            ),
            prepare=(mmap("memory", _PAGES, prot="PROT_NONE"),),
            use=access("memory", how="read"),
            checks=(_signalled("SIGSEGV", "SEGV_ACCERR"), _IN_REGION),
        ),
        _crash(
            "Jump to data",
            "It maps 64 kB readable and writable, and calls it as if it were a function.",
            Choice(
                "Can the processor execute what lies in a region without x?",
                ("no", "yes: bytes are bytes"),
                0,
                ("", "To the memory chip they are, but the page-table entry says whether they may be executed."),
            ),
            (
                "Data is not code: the page-table entry carries a no-execute bit. So an attacker who gets instructions"
                " into a buffer can't simply jump there. Regions with both w and x deserve a closer look."
            ),
            prepare=(mmap("memory", _PAGES),),
            use=access("memory", how="execute"),
            checks=(_signalled("SIGSEGV", "SEGV_ACCERR"), _IN_REGION),
        ),
        _crash(
            "Use memory that was given back",
            "It maps 64 kB, unmaps it, and writes to the old address.",
            Choice(
                "What reason does the kernel give?",
                ("SEGV_MAPERR", "SEGV_ACCERR"),
                0,
                ("", "That code is for a region that exists but doesn't allow the access. This one is gone."),
            ),
            (
                "The pointer still holds the address, but no region covers it any more: it is a [[dangling pointer]]."
                " If something else had been mapped there since, the write would have succeeded, which is worse."
            ),
            prepare=(mmap("memory", _PAGES), munmap("memory")),
            use=access("memory"),
            checks=(_signalled("SIGSEGV", "SEGV_MAPERR"), _IN_NONE),
        ),
        _crash(
            "Run into a guard",
            (
                "It maps 64 kB for reading and writing, makes the last 4 kB a [[guard]], and runs over the end of its"
                " buffer into it."
            ),
            Choice(
                "What does the write into the guard do?",
                ("it succeeds: the region has rw", "it ends the process"),
                1,
                ("The region does, but this page of it is marked as a guard, and the mark takes precedence.", ""),
            ),
            (
                "The reason given is {si_code}. Since Linux 6.13 a guard can be a mark in the [[page table]]: the"
                " region stays whole, with its permissions {perms}, and yet the code is [[SEGV_MAPERR]], because the"
                " mark forbids a page there. This is the exception: SEGV_MAPERR inside a region. Without such marks, a"
                " guard is a region of its own with PROT_NONE, and the code is SEGV_ACCERR. Either way the overrun"
                " stops at the first byte too many."
            ),
            prepare=(mmap("memory", _PAGES), guard("memory", offset=_PAGES - _PAGE, length=_PAGE)),
            use=access("memory", offset=_PAGES - _PAGE),
            checks=(_signalled("SIGSEGV", "SEGV_MAPERR", "SEGV_ACCERR"), _IN_REGION),
        ),
        _crash(
            "Read past the end of a file",
            "It maps two pages of a file that is only one page long, and reads from the second.",
            Choice(
                "What happens?",
                ("it reads a 0", "SIGBUS", "SIGSEGV"),
                1,
                (
                    (
                        "It would within the file's last page, past the end of the file. A whole page beyond that has"
                        " nothing behind it."
                    ),
                    "",
                    "There is a region and it allows reading: the address isn't the problem.",
                ),
            ),
            (
                "The region allows the access, so it isn't SIGSEGV. But the file has no such page to bring in, so the"
                " kernel sends [[SIGBUS]]. A program that has mapped a file can get it when someone truncates the file."
            ),
            prepare=(memfd("file", _PAGE), mmap("memory", 2 * _PAGE, flags="MAP_SHARED", file="file")),
            use=access("memory", offset=_PAGE, how="read"),
            checks=(_signalled("SIGBUS", "BUS_ADRERR"), _IN_REGION),
            signal="SIGBUS",
        ),
        Step(
            title="Catch it, and leave in order",
            text=(
                "The program writes through NULL again, but it has installed a [[signal handler]] with sigaction(2)"
                " that prints a line and exits with status 3."
            ),
            question=Choice(
                "How does it end?",
                ("in its own way: with status 3", "by SIGSEGV, as before"),
                0,
                ("", "That is the default, for a process without a handler."),
            ),
            operations=(access(handler="leave"),),
            checks=(
                _signalled("SIGSEGV", "SEGV_MAPERR"),
                Check("the process exited with status 3", lambda f: f.word("ended") == "exited with status 3"),
                Check("the handler's line is printed", lambda f: "handler:" in f.word("output")),
            ),
            explanation=(
                "SIGSEGV is a [[signal]] like others: by default it ends the process, but a handler can save work or"
                " print where it happened. It must not simply return: the same instruction would run again and fault"
                " again."
            ),
            remarks=_WHERE,
            fresh=True,
            expect=Expect.END,
        ),
        Step(
            title="Catch it, and mend it",
            text=(
                "It maps 64 kB with PROT_NONE and writes to it. This time the handler makes the page writable with"
                " mprotect(2) and returns."
            ),
            question=Choice(
                "What happens then?",
                ("the process is ended", "the write runs again and succeeds: both lines appear"),
                1,
                ("The handler removed the cause of the fault before it returned.", ""),
            ),
            prepare=(mmap("memory", _PAGES, prot="PROT_NONE"),),
            operations=(access("memory", handler="repair"),),
            checks=(
                _signalled("SIGSEGV", "SEGV_ACCERR"),
                _printed(second=True),
                Check("the process is still running", lambda f: not f.word("ended")),
            ),
            explanation=(
                "The instruction ran again, and this time the access was allowed: to the program it looks as if nothing"
                " had happened. The kernel does the same each time a page is first used. Garbage collectors and"
                " emulators do it on purpose, with memory that they have made inaccessible themselves. (An rwxp region"
                " of 4 kB may appear as well: Python needs it to call a Python function as a C signal handler.)"
            ),
            remarks=(_WHERE_IT_LAY,),
            fresh=True,
        ),
    ),
)
