"""The chapter's program that writes through NULL, in C: line by line, to the words of the shell."""

from mmexplorer.labs.c_program import line_with, source
from mmexplorer.labs.lab import Check, Choice, Expect, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import build, finish, go_to, launch

_FILE = "write_null.c"
_TEXT = source(_FILE)
_STORE = line_with(_TEXT, "*nowhere = 0")
_KILLED_BY_SIGSEGV = 139

STAND_IN = Remark(
    lambda f: f["compiled"] == 0,
    "(No C compiler could be used here: the calls are made by a Python process, at the same lines.)",
)

LAB = Lab(
    name="program-crash",
    title="The chapter's C: wrong address",
    row="11",
    learn="The page fault of one instruction ends a program; the kernel, the shell and the exit status all tell of it.",
    order=49,
    address_space=16 << 20,
    needs=(Need.SMALL_PAGES, Need.SIGINFO),
    source=_FILE,
    steps=(
        Step(
            title="Up to the mistake",
            text=(
                "The C program on the screen is compiled with cc and run. It stops before every statement of main. Its"
                " pointer nowhere is [[NULL]]. Now it goes on until the line that uses it comes next."
            ),
            question=Choice(
                "The pointer is NULL already. Has anything gone wrong yet?",
                ("yes: NULL is an address that isn't allowed", "no: a pointer may hold any number"),
                1,
                (
                    "To hold an address is no use of it: the processor looks nothing up before a load or a store.",
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
                "It has printed its first line and waits before line {line:n}. Of the {regions:n} [[region|regions]] of"
                " its map none holds address 0: the lowest is the program itself, and far above it."
            ),
            remarks=(STAND_IN,),
        ),
        Step(
            title="*nowhere = 0",
            text="It executes the line that is marked, one store of 4 bytes to address 0.",
            question=Choice(
                "What is the next thing that is printed, and by whom?",
                (
                    "the second line, by the program",
                    "the words Segmentation fault, by the kernel",
                    "the words Segmentation fault, by the shell",
                ),
                2,
                (
                    "The store doesn't come to an end, so that the line after it is never reached.",
                    "The kernel prints nothing on a terminal: it ends the process, and writes a line into its own log.",
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
                Check("only the shell's words followed", lambda f: f.word("output") == "Segmentation fault\n"),
            ),
            explanation=(
                "The processor found no entry for address 0 in the [[page table]] and raised a [[page fault]]; the"
                " kernel found no region there ([[SEGV_MAPERR]]) and ended the process with [[SIGSEGV]]. Its parent,"
                " the shell, was told so by wait(2) and wrote what that signal is called; here it is played by the"
                " process that runs the program. In the kernel's log, where it may be read, error 6 means: a write (2),"
                " by a program (4), and no page was there (else 1)."
            ),
            remarks=(STAND_IN,),
            expect=Expect.END,
        ),
        Step(
            title="What the shell keeps of it",
            text=(
                "The program is run again from its beginning to its end. A shell gives a program that a signal has"
                " ended the exit status 128 plus the number of the signal; SIGSEGV is number 11."
            ),
            question=Number("What does echo $? print then?", unit="", figure="shell_status"),
            prepare=(build(_FILE), launch()),
            operations=(finish(),),
            checks=(Check("the status is 139", lambda f: f["shell_status"] == _KILLED_BY_SIGSEGV),),
            explanation=(
                "{shell_status:n}. Both times the output is the same, “before invalid access” and “Segmentation"
                " fault”: nothing of this depends on chance. The lab crash has six more ways to use a wrong address."
            ),
            fresh=True,
            expect=Expect.END,
        ),
    ),
)
