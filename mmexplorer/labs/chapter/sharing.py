"""The same memory at several addresses and in several processes, and how it is charged."""

from mmexplorer.labs.lab import Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import fork, inside, load, memfd, mmap, munmap, store, touch
from mmexplorer.labs.protocol import Operation

_SIZE = 64 * 4096


def _map(name: str) -> Operation:
    return mmap(name, _SIZE, flags="MAP_SHARED", file="memory")


LAB = Lab(
    name="sharing",
    title="One page, several addresses",
    row="10, 13",
    learn=(
        "Many addresses, in one process or in several, can lead to the same page; Pss divides it equally among them."
    ),
    order=45,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="Two addresses",
            text=(
                "The lab process creates a file in memory, 64 pages long, and maps it twice with MAP_SHARED. It writes"
                " the letter A through the first mapping and reads through the second."
            ),
            question=Choice(
                "What does it read?",
                ("A", "0: the second mapping is separate"),
                0,
                ("", "There are two mappings, but of the same file: both lead to the same page."),
            ),
            prepare=(memfd("memory", _SIZE),),
            operations=(_map("one"), _map("two"), store("one", "A"), load("two")),
            checks=(
                Check("it reads A", lambda f: f["byte"] == ord("A")),
                Check("VmSize grew by twice the size of the file", lambda f: f["vm_size_change"] == 2 * _SIZE),
                Check("one page is there", lambda f: f["pages_mapped"] == 1),
            ),
            explanation=(
                "It reads A: both mappings lead to the pages of the file, so one page has two addresses. [[VmSize]]"
                " counts both: {vm_size_change:kB} for a file of 256 kB."
            ),
            watch="one",
        ),
        Step(
            title="Who pays",
            text="It writes to all 64 pages through the first mapping, and then reads all of them through the second.",
            question=Number("What is the [[Pss]] of the first mapping?", unit="kB", figure="range_pss", scale=1024),
            operations=(touch("one", _SIZE), touch("two", _SIZE, write=False)),
            checks=(
                Check("its Rss is 256 kB", lambda f: f["range_rss"] == _SIZE),
                Check("its Pss is 128 kB", lambda f: f["range_pss"] == _SIZE // 2),
            ),
            explanation=(
                "It is {range_pss:kB}: each page is mapped twice, so each mapping is charged half, although both belong"
                " to the same process. Its [[RSS]] counts every page twice; only [[Pss]] adds up. Writing took one"
                " fault for each page. Reading took far fewer, because a read fault in a file mapping also maps nearby"
                " pages that are in memory, up to 16 in all."
            ),
            watch="one",
        ),
        Step(
            title="Two processes",
            text="It calls [[fork]]. The new process reads all pages through both of its mappings.",
            question=Number("What is the Pss of the first mapping now?", unit="kB", figure="range_pss", scale=1024),
            operations=(
                fork("other"),
                inside("other", touch("one", _SIZE, write=False)),
                inside("other", touch("two", _SIZE, write=False)),
            ),
            checks=(
                Check("its Pss is 64 kB", lambda f: f["range_pss"] == _SIZE // 4),
                Check("so is the other's", lambda f: f["other_range_pss"] == _SIZE // 4),
                Check(
                    "all 64 pages are the same frame in both, where frames may be seen",
                    lambda f: f.numbers.get("same_frames", 64) == 64,  # noqa: PLR2004 - as in the words
                ),
            ),
            explanation=(
                "It is {range_pss:kB}: each page is mapped four times, a quarter for each mapping. The new process had"
                " to read the pages first: fork doesn't copy page-table entries of shared mappings, because faults can"
                " fill them in again. There is no copy on write here: memory mapped with MAP_SHARED stays shared even"
                " when one process writes to it. (Most of the minor faults in the counters are Python's own bookkeeping"
                " for the new process.)"
            ),
            remarks=(
                Remark(
                    lambda f: "same_frames" in f.numbers,
                    (
                        "The page tables of both processes lead to the same [[page frame]] at {same_frames:n} of 64"
                        " addresses."
                    ),
                ),
            ),
            watch="one",
        ),
        Step(
            title="A message",
            text="The other process writes the letter B through its second mapping. The first reads through its first.",
            question=Choice(
                "What does the first process read?",
                ("A", "B"),
                1,
                ("A was there before, and with MAP_SHARED a write doesn't make a copy.", ""),
            ),
            operations=(inside("other", store("two", "B")), load("one")),
            checks=(
                Check("it reads B", lambda f: f["byte"] == ord("B")),
                Check("all 64 pages are still shared", lambda f: f["pages_shared"] == 64),  # noqa: PLR2004 - as above
            ),
            explanation=(
                "It reads B, at once and without a system call: shared memory is the fastest way to pass data to"
                " another process. The code of libraries is shared through the page cache too, but it is mapped with"
                " MAP_PRIVATE: a process that makes such a page writable and writes to it gets its own copy."
            ),
            watch="one",
        ),
        Step(
            title="Letting go",
            text="The other process removes both of its mappings.",
            question=Number("What is the Pss of the first mapping then?", unit="kB", figure="range_pss", scale=1024),
            operations=(inside("other", munmap("one")), inside("other", munmap("two"))),
            checks=(
                Check("its Pss is 128 kB again", lambda f: f["range_pss"] == _SIZE // 2),
                Check("its Rss is 256 kB as before", lambda f: f["range_rss"] == _SIZE),
            ),
            explanation=(
                "It is {range_pss:kB}: the pages stay as long as a process maps them or has the file open, and the"
                " remaining mappings are charged for all of them."
            ),
            watch="one",
        ),
    ),
)
