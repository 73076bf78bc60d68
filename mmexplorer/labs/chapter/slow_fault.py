"""A page fault in slow motion: a thread waits for a page, and the learner chooses its contents."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import load, mmap, read_and_wait, resolve, userfault
from mmexplorer.labs.protocol import Operation

_PAGE = 4096
_SIZE = 16 * _PAGE
_EXAMPLE = 42
_BYTES = 256


def _own(number: int) -> tuple[Operation, ...]:
    return (resolve("memory", abs(number) % _BYTES),)


LAB = Lab(
    name="slow-fault",
    title="You are the page-fault handler",
    row="11, 14",
    learn="A thread that touches a missing page stops until one has been put there, and then goes on.",
    order=82,
    address_space=32 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.USERFAULTFD),
    steps=(
        Step(
            title="Your turn",
            text=(
                "The lab process maps 64 kB and asks, with userfaultfd(2), to receive the [[page fault|page faults]] of"
                " this range itself. Normally the kernel resolves them in about a microsecond, unnoticed. Now that is"
                " up to you."
            ),
            question=Choice(
                "How many pages of the range are in memory?",
                ("none", "16: all of them", "1, to start with"),
                0,
                (
                    "",
                    "Nothing has been touched yet; mmap only brings addresses.",
                    "A page comes only when it is touched.",
                ),
            ),
            operations=(mmap("memory", _SIZE), userfault("memory")),
            checks=(Check("no page is in memory", lambda f: f["pages_mapped"] == 0),),
            explanation="{pages_mapped:n}: the range has addresses and a handler, but no pages.",
            watch="memory",
        ),
        Step(
            title="A thread reads",
            text="A second thread of the lab process reads the first byte of the range.",
            question=Choice(
                "What does the thread do now?",
                ("it has read a 0", "it waits in the middle of the instruction", "it gets SIGSEGV"),
                1,
                (
                    "The kernel would have shown it a page of zeroes, but it was told to ask first.",
                    "",
                    "The address lies in a readable region; only the page is missing.",
                ),
            ),
            operations=(read_and_wait("memory"),),
            checks=(
                Check("the lab process received the fault", lambda f: f["fault_at"] == f["start"]),
                Check("the thread has not gone on", lambda f: f["answered"] == 0),
                Check("no page is in memory", lambda f: f["pages_mapped"] == 0),
            ),
            explanation=(
                "The kernel sent the address, {fault_at:hex}, and put the thread to sleep. In a [[major fault]] a"
                " thread sleeps in the same way, until the disk has delivered. How long this one takes is up to you."
            ),
            remarks=(
                Remark(
                    lambda f: f["vm_size_change"] > MIB,
                    (
                        "(VmSize grew by {vm_size_change:kB} for the thread: glibc gave it a stack and an arena. It"
                        " uses hardly any of that.)"
                    ),
                ),
            ),
            watch="memory",
        ),
        Step(
            title="Your page",
            text=(
                "Choose a byte. The lab process fills a page with it and passes it to the kernel for the missing"
                " address (UFFDIO_COPY)."
            ),
            question=Number("Which byte, from 0 to 255?", unit="", figure=""),
            operations=(resolve("memory", _EXAMPLE),),
            own=_own,
            checks=(
                Check("the thread has read the byte that was chosen", lambda f: f["byte"] == f["given"]),
                Check("one page is in memory", lambda f: f["pages_mapped"] == 1),
            ),
            explanation=(
                "The thread went on and read {byte:n}. The program noticed nothing: it read a byte, and that took a"
                " while. The fault handler chooses what a page contains when it is first used. The kernel chooses"
                " zeroes, the bytes of a file, or what was swapped out. A virtual machine that moves to another host"
                " while it runs can fetch its pages over the network in this way."
            ),
            watch="memory",
        ),
        Step(
            title="The next byte",
            text="The thread reads the same page at byte 100.",
            question=Choice(
                "Are you asked again?",
                ("yes, for every byte", "yes, for every read", "no: the page is there"),
                2,
                (
                    "A fault is about a page, not a byte.",
                    "Once the [[page table]] has an entry, the processor doesn't ask.",
                    "",
                ),
            ),
            operations=(load("memory", offset=100),),
            checks=(Check("one page is in memory", lambda f: f["pages_mapped"] == 1),),
            explanation="It has read {byte:n}, at once: the processor found the page in the page table.",
            watch="memory",
        ),
    ),
)
