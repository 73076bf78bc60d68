"""Two processes, the same address, different bytes: and what it would be like without that."""

from mmexplorer.labs.lab import Check, Choice, Lab, Need, Remark, Step
from mmexplorer.labs.operations import fork, inside, load, memfd, mmap, munmap, store
from mmexplorer.labs.protocol import Operation

_PAGE = 4096
_AT = 0x200000000
"""An address where Linux puts nothing by itself: above programs that are not moved, below those that are."""


def _map(*, file: str = "", name: str = "page") -> Operation:
    flags = "MAP_SHARED" if file else "MAP_PRIVATE|MAP_ANONYMOUS"
    return mmap(name, _PAGE, flags=f"{flags}|MAP_FIXED_NOREPLACE", file=file, at=_AT)


LAB = Lab(
    name="address-spaces",
    title="Everybody's own addresses",
    row="10, 13",
    learn="An address means nothing without its process: each has page tables of its own.",
    order=40,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="The same address twice",
            text=(
                f"There are two processes. The first one asks for a page at exactly {_AT:#x}, and then the other one"
                " asks for a page at exactly the same address. Neither takes no for an answer: with"
                " MAP_FIXED_NOREPLACE, [[mmap]] gives this address or fails."
            ),
            question=Choice(
                "Does the second process get it?",
                ("no: the address is taken", "yes, and they share the page", "yes"),
                2,
                (
                    "Taken in the other process: each one has a page table, and so addresses, of its own.",
                    "Nothing was shared: they use the same number for two different pages.",
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
                "Both calls gave {start:hex}. Addresses are handed out for each process separately: every one has an"
                " [[address space]] of its own, and in its own this address was free."
            ),
            watch="page",
        ),
        Step(
            title="Different bytes",
            text="The first process writes the letter A there, and the other one the letter B.",
            question=Choice(
                "What does the first process read there now?",
                ("B: it was written later", "A"),
                1,
                ("It was written in another process, to another page that has the same address there.", ""),
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
                "The first reads A, the other B. The processor looks an address up in the [[page table|page tables]]"
                " of the process that is running, and the kernel changes these whenever another process has its turn."
            ),
            watch="page",
        ),
        Step(
            title="What stands behind it",
            text="Nothing is done now but to read the page-table entry for that address in both processes.",
            question=Choice(
                "How many physical pages stand behind this one address?",
                ("1", "2"),
                1,
                ("One page could not hold A and B in the same byte.", ""),
            ),
            operations=(load("page"), inside("other", load("page"))),
            checks=(
                Check("the first has a page of its own", lambda f: f["pages_present"] == 1),
                Check("the other has one, too", lambda f: f["other_pages_present"] == 1),
                Check(
                    "they are not the same frame, where frames may be seen",
                    lambda f: f.numbers.get("same_frames", 0) == 0,
                ),
            ),
            explanation=(
                "Two: each page is mapped by one process alone. This is what keeps them apart: there is no address that"
                " the first could use to reach the other's page. A wild pointer can only hit its own process."
            ),
            remarks=(
                Remark(
                    lambda f: "same_frames" in f.numbers,
                    "The entries name two different [[page frame|page frames]].",
                ),
                Remark(
                    lambda f: "same_frames" not in f.numbers,
                    "Which [[page frame|page frames]] they are is hidden from you (CAP_SYS_ADMIN); that nobody else"
                    " maps them stands in bit 56 of the entries.",
                ),
            ),
            watch="page",
        ),
        Step(
            title="One lets go",
            text="The other process gives its page back with [[munmap]]. Then the first reads from the address again.",
            question=Choice(
                "What does the first read?",
                ("A", "0", "nothing: it ends with SIGSEGV"),
                0,
                (
                    "",
                    "The page is the first process's own, and nobody has cleared it.",
                    "The other process took it away from itself only.",
                ),
            ),
            operations=(inside("other", munmap("page")), load("page")),
            checks=(
                Check("the first reads A", lambda f: f["byte"] == ord("A")),
                Check("its page is still there", lambda f: f["pages_present"] == 1),
                Check("the other has no page there", lambda f: f["other_pages_mapped"] == 0),
            ),
            explanation="Still A. What one process does to its map is no business of the other's.",
            watch="page",
        ),
        Step(
            title="What simple allocation would have done",
            text=(
                "The simplest system has no page tables: one memory, and an address is a place in it for everybody."
                " The two processes now build that for one page. Both map the same page of memory, of a file, at"
                f" {_AT:#x}. The first writes A, and then the other writes B."
            ),
            question=Choice(
                "What does the first process read there now?",
                ("A", "B"),
                1,
                ("This time both map the same memory: there is one page behind the two addresses.", ""),
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
                " or on purpose; two programs made for the same address could not run at the same time; and a program"
                " would have to find one free piece that is large enough. With page tables, sharing is what two"
                " processes agree on, as they did here, and not what happens to them."
            ),
            watch="page",
            fresh=True,
        ),
    ),
)
