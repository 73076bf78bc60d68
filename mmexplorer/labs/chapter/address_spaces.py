"""Two processes with different bytes at the same address, and what would happen without separate address spaces."""

from mmexplorer.labs.lab import Check, Choice, Lab, Need, Remark, Step
from mmexplorer.labs.operations import fork, inside, load, memfd, mmap, munmap, store
from mmexplorer.labs.protocol import Operation

_PAGE = 4096
_AT = 0x200000000
"""An address that Linux doesn't use by itself: above programs with fixed addresses, below PIE programs."""


def _map(*, file: str = "", name: str = "page") -> Operation:
    flags = "MAP_SHARED" if file else "MAP_PRIVATE|MAP_ANONYMOUS"
    return mmap(name, _PAGE, flags=f"{flags}|MAP_FIXED_NOREPLACE", file=file, at=_AT)


LAB = Lab(
    name="address-spaces",
    title="Separate address spaces",
    row="10, 13",
    learn="An address means nothing without its process: each process has its own page tables.",
    order=40,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="The same address twice",
            text=(
                f"There are two processes. The first one asks for a page at exactly {_AT:#x}, and then the other one"
                " asks for a page at exactly the same address. Neither accepts another address: with"
                " MAP_FIXED_NOREPLACE, [[mmap]] returns this address or fails."
            ),
            question=Choice(
                "Does the second process get it?",
                ("no: the address is taken", "yes, and they share the page", "yes"),
                2,
                (
                    (
                        "It is taken only in the first process. Each process has its own page table, and so its own"
                        " addresses."
                    ),
                    "Nothing is shared: they use the same number for two different pages.",
                    "",
                ),
            ),
            prepare=(fork("other"),),
            operations=(_map(), inside("other", _map())),
            checks=(
                Check(f"both have a region at {_AT:#x}", lambda f: f["start"] == _AT and f["covered"] == 1),
                Check("no page is there yet, in either", lambda f: f["pages_mapped"] + f["other_pages_mapped"] == 0),
            ),
            explanation=(
                "Both calls returned {start:hex}. Addresses are handed out separately for each process: each has its"
                " own [[address space]], and this address was free in both."
            ),
            watch="page",
        ),
        Step(
            title="Different bytes",
            text="The first process writes the letter A there, then the other one writes the letter B.",
            question=Choice(
                "What does the first process read there now?",
                ("B: it was written later", "A"),
                1,
                ("B was written in the other process, to a different page that has the same address there.", ""),
            ),
            operations=(
                store("page", "A"),
                inside("other", store("page", "B")),
                load("page"),
                inside("other", load("page")),
            ),
            checks=(
                Check("the first reads A", lambda f: f["byte"] == ord("A")),
                Check("the other reads B", lambda f: f["other_byte"] == ord("B")),
            ),
            explanation=(
                "The first reads A, the other B. The processor looks an address up in the [[page table|page tables]] of"
                " the process that is running, and the kernel switches to others when it switches to another process."
            ),
            watch="page",
        ),
        Step(
            title="What is behind it",
            text="This step only reads the byte and the page-table entry for that address in both processes.",
            question=Choice(
                "How many physical pages are there behind this one address?",
                ("1", "2"),
                1,
                ("One page couldn't hold A and B in the same byte.", ""),
            ),
            operations=(load("page"), inside("other", load("page"))),
            checks=(
                Check("the first has a page of its own", lambda f: f["pages_present"] == 1),
                Check("the other has one too", lambda f: f["other_pages_present"] == 1),
                Check(
                    "they are not the same frame, where frames may be seen",
                    lambda f: f.numbers.get("same_frames", 0) == 0,
                ),
            ),
            explanation=(
                "Two: each page is mapped by only one process. This is what keeps them apart: there is no address with"
                " which the first could reach the other's page. A wild pointer can only damage its own process."
            ),
            remarks=(
                Remark(
                    lambda f: "same_frames" in f.numbers,
                    "The entries name two different [[page frame|page frames]].",
                ),
                Remark(
                    lambda f: "same_frames" not in f.numbers,
                    (
                        "Which [[page frame|page frames]] they are is hidden from you (CAP_SYS_ADMIN), but bit 56 of"
                        " the entries shows that no other process maps them."
                    ),
                ),
            ),
            watch="page",
        ),
        Step(
            title="One lets go",
            text="The other process unmaps its page with [[munmap]]. Then the first reads from the address again.",
            question=Choice(
                "What does the first read?",
                ("A", "0", "nothing: it ends with SIGSEGV"),
                0,
                (
                    "",
                    "The page belongs to the first process, and nothing has cleared it.",
                    "The other process only unmapped it for itself.",
                ),
            ),
            operations=(inside("other", munmap("page")), load("page")),
            checks=(
                Check("the first reads A", lambda f: f["byte"] == ord("A")),
                Check("its page is still there", lambda f: f["pages_present"] == 1),
                Check("the other has no page there", lambda f: f["other_pages_mapped"] == 0),
            ),
            explanation="Still A. What one process does to its map doesn't affect the other.",
            watch="page",
        ),
        Step(
            title="What simple allocation would do",
            text=(
                "The simplest system has no page tables: there is one memory, and an address is the same place in it"
                " for every process. The two processes now recreate that for one page. Both map the same page of a file"
                f" in memory at {_AT:#x}. The first writes A, and then the other writes B."
            ),
            question=Choice(
                "What does the first process read there now?",
                ("A", "B"),
                1,
                ("This time both map the same memory: there is only one page behind the address.", ""),
            ),
            prepare=(memfd("memory", _PAGE), fork("other")),
            operations=(
                _map(file="memory"),
                inside("other", _map(file="memory")),
                store("page", "A"),
                inside("other", store("page", "B")),
                load("page"),
                inside("other", load("page")),
            ),
            checks=(
                Check("the first reads B", lambda f: f["byte"] == ord("B")),
                Check("and so does the other", lambda f: f["other_byte"] == ord("B")),
                Check("the page is shared", lambda f: f["pages_shared"] == 1),
                Check("it is the same frame, where frames may be seen", lambda f: f.numbers.get("same_frames", 1) == 1),
            ),
            explanation=(
                "B: its A is lost. With simple allocation this could happen to every byte of every program, by mistake"
                " or on purpose. Two programs made for the same address couldn't run at the same time, and each program"
                " would need one free piece that is large enough. With page tables, two processes share memory only"
                " when it was set up that way, as here."
            ),
            watch="page",
            fresh=True,
        ),
    ),
)
