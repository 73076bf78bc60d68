"""The chapter's experiment: a map, mmap of 100 MiB, the map again, munmap, and the map once more."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import mmap, munmap

_SIZE = 100 * MIB
_NOISE = 256 << 10
"""Resident memory that the interpreter may take for itself meanwhile."""

_MERGED = (
    Remark(
        lambda f: f["regions_change"] == 0,
        "No region was added: the new one lies next to one of the same kind and protection, and the kernel merged the"
        " two. The map shows the neighbour, grown.",
    ),
)

LAB = Lab(
    name="mmap",
    title="Ask for memory: mmap",
    row="9, 15, 17",
    learn="mmap gives a process addresses, not memory: the region is there at once, the pages are not.",
    order=70,
    address_space=_SIZE + 2 * MIB,
    needs=(Need.SMALL_PAGES,),
    steps=(
        Step(
            title="Map 100 MiB",
            text=(
                "A process that needs more memory asks the kernel for it with [[mmap]]. The lab process now asks for"
                " 100 MiB of [[anonymous memory]] that it may read and write. Look at the map before and after it: a"
                " new [[region]] appears, or one that was there grows."
            ),
            question=Choice(
                "By how much does the memory that the process really occupies, its [[RSS]], grow?",
                ("by nothing worth mentioning", "by 100 MiB", "by 50 MiB: half of it is written at once"),
                0,
                (
                    "",
                    "That is by how much VmSize grows. Pages come with the first touch.",
                    "Nothing is written by mmap: there are no pages yet.",
                ),
            ),
            operations=(mmap("memory", _SIZE),),
            checks=(
                Check("VmSize grew by exactly 102,400 kB", lambda f: f["vm_size_change"] == _SIZE),
                Check("the map covers the whole range", lambda f: f["covered"] == 1),
                Check("the map has one more region, or as many as before", lambda f: f["regions_change"] in {0, 1}),
                Check("RSS grew by less than 256 kB", lambda f: abs(f["rss_change"]) < _NOISE),
            ),
            explanation=(
                "The kernel answered with the address {start:hex}: from there to {end:hex} the process now has"
                " {length:MiB} of [[address space|virtual address space]]. [[VmSize]] grew by {vm_size_change:kB}, RSS"
                " by {rss_change:kB}, and the [[page table|page tables]] by {page_tables_change:kB}. Getting an address"
                " is not getting memory: the kernel has only noted down that these addresses are allowed. A page is"
                " found for one of them when it is first used; the lab demand-paging shows that."
            ),
            remarks=_MERGED,
            watch="memory",
        ),
        Step(
            title="Give it back",
            text=(
                "[[munmap]] takes a range of addresses away again. It gets the address and the length that mmap gave."
            ),
            question=Number(
                "By how much does VmSize change? Less is a minus.", unit="kB", figure="vm_size_change", scale=1024
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("the map covers nothing or only a part of the range", lambda f: f["covered"] == 0),
                Check("the map is as it was, give or take a merge", lambda f: f["regions_change"] in {-1, 0, 1}),
            ),
            explanation=(
                "The range is gone from the map, and VmSize changed by {vm_size_change:kB}. The number {start:hex} may"
                " still stand in a variable of the program: as a [[dangling pointer]]. The lab crash uses one."
            ),
        ),
        Step(
            title="One byte more",
            text="The lab process asks once more, for 104,857,601 bytes: 100 MiB and one byte.",
            question=Choice(
                "By how much does VmSize grow this time?",
                ("102,400 kB: the byte is rounded off", "102,400 kB and 1 byte", "102,404 kB"),
                2,
                (
                    "Then the last byte would not be there: the kernel rounds up.",
                    "A page is the smallest unit that a page table can describe.",
                    "",
                ),
            ),
            operations=(mmap("memory", _SIZE + 1),),
            checks=(
                Check("VmSize grew by exactly 102,404 kB", lambda f: f["vm_size_change"] == _SIZE + 4096),
                Check("the map covers the whole range", lambda f: f["covered"] == 1),
            ),
            explanation=(
                "mmap counts in [[page|pages]] of 4 kB and rounds up: {vm_size_change:kB} for {length:bytes}."
                " [[malloc]], which counts in bytes, is a function of the C library that cuts such pages into pieces:"
                " another lab."
            ),
            remarks=_MERGED,
            watch="memory",
        ),
    ),
)
