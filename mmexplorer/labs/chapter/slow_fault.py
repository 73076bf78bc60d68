"""A page fault in slow motion: a thread waits for a page, and the learner says what is in it."""

from mmexplorer.labs.lab import Check, Choice, Lab, Need, Number, Step
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
    learn="A thread that touches a page that isn't there stands still until somebody has put one there, and goes on.",
    order=82,
    address_space=32 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.USERFAULTFD),
    steps=(
        Step(
            title="Somebody else's task",
            text=(
                "The lab process maps 64 kB and asks with userfaultfd(2) that the [[page fault|page faults]] of this"
                " range be sent to itself. As a rule the kernel resolves them, in about a microsecond, and nobody sees"
                " it. Now that is up to you."
            ),
            question=Choice(
                "How many pages of the range are in memory?",
                ("none", "16: all of them", "1, to begin with"),
                0,
                ("", "Nothing was touched yet; mmap brings addresses.", "A page comes when one is touched."),
            ),
            operations=(mmap("memory", _SIZE), userfault("memory")),
            checks=(Check("no page is in memory", lambda f: f["pages_mapped"] == 0),),
            explanation="{pages_mapped:n}: the range has addresses and a handler, and no page.",
            watch="memory",
        ),
        Step(
            title="A thread reads",
            text="A second thread of the lab process reads one byte, the first of the range.",
            question=Choice(
                "What does the thread do now?",
                ("it has read a 0", "it stands still in the middle of the instruction", "it gets SIGSEGV"),
                1,
                (
                    "The kernel would have put a page of zeroes there; but it was told to ask.",
                    "",
                    "The address lies in a region that may be read: only the page is missing.",
                ),
            ),
            operations=(read_and_wait("memory"),),
            checks=(
                Check("the fault came to the lab process", lambda f: f["fault_at"] == f["start"]),
                Check("the thread has not gone on", lambda f: f["answered"] == 0),
                Check("no page is in memory", lambda f: f["pages_mapped"] == 0),
            ),
            explanation=(
                "The kernel sent the address, {fault_at:hex}, and put the thread to sleep. It is the same with a"
                " [[major fault]], except that the kernel waits for the disk. How long this one takes is up to you."
            ),
            watch="memory",
        ),
        Step(
            title="Your page",
            text=(
                "Choose a byte. The lab process fills a page with it and gives it to the kernel for the address that is"
                " waited for (UFFDIO_COPY)."
            ),
            question=Number("Which byte, from 0 to 255?", unit="", figure=""),
            operations=(resolve("memory", _EXAMPLE),),
            own=_own,
            checks=(
                Check("the thread has read the byte that was chosen", lambda f: f["byte"] == f["given"]),
                Check("one page is in memory", lambda f: f["pages_mapped"] == 1),
            ),
            explanation=(
                "The thread went on and has read {byte:n}. To the program nothing has happened: it read a byte, and it"
                " took a while. What is in a page when it is first seen is the handler's choice. The kernel chooses"
                " zeroes, the bytes of a file, or what was in the swap area; virtual machines that move to another host"
                " while they run fetch it over the network, in just this way."
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
                    "A fault is about a page, not about a byte.",
                    "Once the [[page table]] has an entry, the processor needs nobody.",
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
