"""Reclaim of clean file pages, and the major faults that read them again."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Step
from mmexplorer.labs.operations import drop_cache, fsync, madvise, mmap, temporary_file, touch, write_file

_SIZE = 4 * MIB
_PAGES = _SIZE // 4096
_FEW = _PAGES // 10

LAB = Lab(
    name="reclaim",
    title="Taken away and brought back",
    row="7",
    learn="Clean file pages can be taken away at any time; the next touch then has to read from the disk.",
    order=15,
    address_space=_SIZE + MIB,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.DISK),
    limits=Limits(touched=8 * _SIZE),
    steps=(
        Step(
            title="Map a file and read it",
            text=(
                "The lab process has written a file of 4 MiB, 1,024 pages, to a disk, and maps it. With MADV_RANDOM it"
                " says that it will read in random order, and it reads one byte in each page. All pages are still in"
                " the [[page cache]] from writing."
            ),
            question=Choice(
                "How many faults have to wait for the disk ([[major fault|major faults]])?",
                ("1,024", "about 64: 16 pages each", "none"),
                2,
                (
                    "Each page is touched for the first time through this mapping, but it is already in memory.",
                    "One fault may map sixteen pages at a time, but none of them has to wait.",
                    "",
                ),
            ),
            prepare=(temporary_file("file"), write_file("file", _SIZE), fsync("file")),
            operations=(
                mmap("memory", _SIZE, prot="PROT_READ", flags="MAP_SHARED", file="file"),
                madvise("memory", "MADV_RANDOM"),
                touch("memory", _SIZE, write=False),
            ),
            checks=(
                Check("almost no major faults", lambda f: f["touch_maj_flt"] <= _FEW),
                Check("all 1,024 pages are in memory", lambda f: f["pages_mapped"] == _PAGES),
            ),
            explanation=(
                "{touch_maj_flt:n}, and {touch_min_flt:n} [[minor fault|minor faults]]: the kernel only had to find the"
                " pages in the page cache and enter them into the [[page table]]."
            ),
            watch="memory",
        ),
        Step(
            title="Taken away",
            text=(
                "When memory runs short, the kernel takes away pages that haven't been used for a while ([[reclaim]])."
                " MADV_PAGEOUT asks it to do so now with this range; then the file's pages are dropped from the cache."
            ),
            question=Choice(
                "What has to be written to the disk for that?",
                ("4 MiB", "nothing: the disk has it all", "4 MiB, to the swap area"),
                1,
                ("The pages are clean: fsync has already written them.", "", "Swap is for memory that has no file."),
            ),
            operations=(madvise("memory", "MADV_PAGEOUT"), drop_cache("file")),
            checks=(
                Check("almost no page of the range is in memory", lambda f: f["pages_mapped"] <= _FEW),
                Check("VmSize is the same", lambda f: f["vm_size_change"] == 0),
            ),
            explanation=(
                "{pages_mapped:n} of 1,024 pages are left in the range. The process isn't notified, and nothing in its"
                " map has changed: the addresses are as good as before."
            ),
            watch="memory",
        ),
        Step(
            title="Brought back",
            text="It reads one byte in each of the 1,024 pages again.",
            question=Number(
                "How many major faults does that take?", unit="faults", figure="touch_maj_flt", within=_PAGES // 10
            ),
            operations=(touch("memory", _SIZE, write=False),),
            checks=(
                Check("921 major faults or more", lambda f: f["touch_maj_flt"] >= _PAGES - _FEW),
                Check("all 1,024 pages are in memory", lambda f: f["pages_mapped"] == _PAGES),
            ),
            explanation=(
                "{touch_maj_flt:n}: the pages had to be read from the disk one by one, because MADV_RANDOM keeps the"
                " kernel from reading ahead. A minor fault takes about a microsecond, a major one as long as the disk"
                " takes: a machine gets slow before it runs out of memory."
            ),
            watch="memory",
        ),
    ),
)
