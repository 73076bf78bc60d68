"""The chapter's C program that writes through NULL, line by line, up to the shell's message."""

from mmexplorer.labs.c_program import line_with, source
from mmexplorer.labs.lab import Check, Choice, Expect, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import build, finish, go_to, launch

_FILE = "write_null.c"
_TEXT = source(_FILE)
_STORE = line_with(_TEXT, "*nowhere = 0")
_KILLED_BY_SIGSEGV = 139

STAND_IN = Remark(
    lambda f: f["compiled"] == 0,
    "(No C compiler could be used here, so a Python process makes the same calls at the same lines.)",
)

LAB = Lab(
    name="program-crash",
    title="The chapter's C: wrong address",
    row="11",
    learn=(
        "A page fault in one instruction ends a program; the kernel's log, the shell and the exit status all show it."
    ),
    order=49,
    address_space=16 << 20,
    needs=(Need.SMALL_PAGES, Need.SIGINFO),
    source=_FILE,
    steps=(
        Step(
            title="Up to the mistake",
            text=(
                "The C program shown here is compiled with cc and run. It can stop before every statement of main. Its"
                " pointer nowhere is [[NULL]]. Now it runs up to the line that uses it."
            ),
            question=Choice(
                "The pointer is already NULL. Has anything gone wrong yet?",
                ("yes: NULL is an address that isn't allowed", "no: a pointer may hold any number"),
                1,
                (
                    (
                        "Holding an address is not using it: the processor translates an address only when it loads or"
                        " stores."
                    ),
                    "",
                ),
            ),
            prepare=(build(_FILE), launch()),
            operations=(go_to(_STORE),),
            checks=(
                Check("it has printed one line", lambda f: f.word("output") == "before invalid access\n"),
                Check("it waits before the store", lambda f: f["line"] == _STORE),
            ),
            explanation=(
                "It has printed its first line and waits before line {line:n}. None of the {regions:n}"
                " [[region|regions]] in its map covers address 0: the lowest is far above it."
            ),
            remarks=(STAND_IN,),
        ),
        Step(
            title="*nowhere = 0",
            text="It executes the marked line, a store of 4 bytes to address 0.",
            question=Choice(
                "What is printed next, and by whom?",
                (
                    "the second line, by the program",
                    "“Segmentation fault”, by the kernel",
                    "“Segmentation fault”, by the shell",
                ),
                2,
                (
                    "The store never completes, so the next line is never reached.",
                    (
                        "The kernel prints nothing on the terminal: it ends the process and may write a line to its own"
                        " log."
                    ),
                    "",
                ),
            ),
            operations=(finish(),),
            checks=(
                Check(
                    "the signal is SIGSEGV with SEGV_MAPERR",
                    lambda f: (f.word("signal"), f.word("si_code")) == ("SIGSEGV", "SEGV_MAPERR"),
                ),
                Check("si_addr is 0", lambda f: f["si_addr"] == 0),
                Check("the address lies in no region", lambda f: f["inside"] == 0),
                Check("the program was ended by SIGSEGV", lambda f: f.word("ended") == "was ended by SIGSEGV"),
                Check("only the shell's message followed", lambda f: f.word("output") == "Segmentation fault\n"),
            ),
            explanation=(
                "The processor found no entry for address 0 in the [[page table]] and raised a [[page fault]]; the"
                " kernel found no region there ([[SEGV_MAPERR]]) and ended the process with [[SIGSEGV]]. Its parent,"
                " the shell, learned this from wait(2) and printed the name of the signal; here the process that runs"
                " the program plays the shell. In the kernel's log, where it can be read, error 6 means a write (2) by"
                " a program (4) to a page that wasn't there (otherwise 1 would be added)."
            ),
            remarks=(STAND_IN,),
            expect=Expect.END,
        ),
        Step(
            title="The exit status",
            text=(
                "The program is run again from start to end. When a signal ends a program, the shell reports the exit"
                " status 128 plus the number of the signal; SIGSEGV is number 11."
            ),
            question=Number("What does echo $? print then?", unit="", figure="shell_status"),
            prepare=(build(_FILE), launch()),
            operations=(finish(),),
            checks=(Check("the status is 139", lambda f: f["shell_status"] == _KILLED_BY_SIGSEGV),),
            explanation=(
                "{shell_status:n}. The output is the same both times, “before invalid access” and “Segmentation fault”:"
                " none of this depends on chance. The lab “The address that isn't allowed” shows six more ways to use a"
                " wrong address."
            ),
            fresh=True,
            expect=Expect.END,
        ),
    ),
)
