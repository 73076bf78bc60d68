"""The chapter's experiment: a map, mmap of 100 MiB, the map again, munmap, and the map once more."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import mmap, munmap

_SIZE = 100 * MIB
_NOISE = 256 << 10
"""Bytes of RSS that the Python interpreter may use meanwhile."""

_MERGED = (
    Remark(
        lambda f: f["regions_change"] == 0,
        (
            "No region was added: the new one lies next to one of the same kind and protection, so the kernel merged"
            " the two. The map shows that the neighbour grew."
        ),
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
                " 100 MiB of readable and writable [[anonymous memory]]. Compare the map before and after: either a new"
                " [[region]] appears or an existing one grows."
            ),
            question=Choice(
                "By how much does the memory that the process really occupies, its [[RSS]], grow?",
                ("hardly at all", "by 100 MiB", "by 50 MiB: half of it is written at once"),
                0,
                (
                    "",
                    "That is how much VmSize grows. Pages come only when they are first touched.",
                    "mmap writes nothing: there are no pages yet.",
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
                "The kernel answered with the address {start:hex}: from there to {end:hex}, the process now has"
                " {length:MiB} of [[address space|virtual address space]]. [[VmSize]] grew by {vm_size_change:kB}, RSS"
                " by {rss_change:kB}, and the [[page table|page tables]] by {page_tables_change:kB}. Getting an address"
                " is not getting memory: the kernel has only recorded that these addresses are allowed. It finds a page"
                " for an address when that address is first used, as the lab “Memory on demand” shows."
            ),
            remarks=_MERGED,
            watch="memory",
        ),
        Step(
            title="Give it back",
            text=(
                "[[munmap]] removes a range of addresses. It is called with the address that mmap returned and the"
                " length."
            ),
            question=Number(
                "By how much does VmSize change? Use a minus sign if it shrinks.",
                unit="kB",
                figure="vm_size_change",
                scale=1024,
            ),
            operations=(munmap("memory"),),
            checks=(
                Check("VmSize shrank by exactly 102,400 kB", lambda f: f["vm_size_change"] == -_SIZE),
                Check("the map no longer covers the whole range", lambda f: f["covered"] == 0),
                Check(
                    "the map has as many regions as before, give or take one",
                    lambda f: f["regions_change"] in {-1, 0, 1},
                ),
            ),
            explanation=(
                "The range is gone from the map, and VmSize changed by {vm_size_change:kB}. A variable of the program"
                " may still hold {start:hex}: that is a [[dangling pointer]]. The lab “The address that isn't allowed”"
                " uses one."
            ),
        ),
        Step(
            title="One byte more",
            text="The lab process asks again, this time for 104,857,601 bytes: 100 MiB and one byte.",
            question=Choice(
                "By how much does VmSize grow this time?",
                ("102,400 kB: the extra byte is dropped", "102,400 kB and 1 byte", "102,404 kB"),
                2,
                (
                    "Then there would be no room for the last byte: the kernel rounds up.",
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
                " [[malloc]], which counts in bytes, is a function of the C library that cuts such pages into pieces;"
                " it has a lab of its own."
            ),
            remarks=_MERGED,
            watch="memory",
        ),
    ),
)
