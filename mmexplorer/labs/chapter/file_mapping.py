"""A file as memory: shared and private mappings, when the file has it, and what happens past its end."""

from mmexplorer.labs.lab import Check, Choice, Expect, Lab, Need, Number, Step
from mmexplorer.labs.operations import access, load, memfd, mmap, msync, read_byte, store, touch, truncate

_SIZE = 64 * 4096
_PRIVATE = "MAP_PRIVATE"

LAB = Lab(
    name="filemap",
    title="A file as memory",
    row="9, 12",
    learn="A shared mapping is the file itself; a private one begins as the file, and a write makes a copy of a page.",
    order=62,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.SIGINFO),
    steps=(
        Step(
            title="Write through a shared mapping",
            text=(
                "The lab process makes a file of 64 pages full of zeroes and maps it with MAP_SHARED. It writes the"
                " letter H into memory. Then it reads the first byte of the file with pread(2), as another program"
                " would, without having saved anything."
            ),
            question=Choice(
                "What does pread give?",
                ("0: nothing was written to the file yet", "H", "an error: the file is mapped"),
                1,
                (
                    (
                        "There is one copy of a file's page in memory, in the page cache; the mapping and pread both"
                        " use it."
                    ),
                    "",
                    "A file may be mapped and read at the same time.",
                ),
            ),
            prepare=(memfd("file", _SIZE),),
            operations=(
                mmap("shared", _SIZE, flags="MAP_SHARED", file="file"),
                store("shared", "H"),
                read_byte("file"),
            ),
            checks=(Check("pread gives H", lambda f: f["byte"] == ord("H")),),
            explanation=(
                "The mapping leads to the pages of the [[page cache]], and pread copies from the same pages: a write is"
                " seen by everybody at once. When it reaches the disk is another question."
            ),
            watch="shared",
        ),
        Step(
            title="To the disk",
            text="msync(2) with MS_SYNC asks that what was written be brought to the file's disk, and waits.",
            question=Choice(
                "For whom does that make a difference?",
                (
                    "for other processes: only now do they see the H",
                    "for nobody",
                    "for whoever reads the file after the power failed",
                ),
                2,
                (
                    "They saw it before: that was the step before.",
                    "It would make none if the machine could not fail.",
                    "",
                ),
            ),
            operations=(msync("shared"), read_byte("file")),
            checks=(Check("the file holds H", lambda f: f["byte"] == ord("H")),),
            explanation=(
                "The byte is the same, {byte:n}. msync and fsync are about the disk, not about who sees what. (This"
                " file lives in memory alone: there is nothing to wait for.)"
            ),
            watch="shared",
        ),
        Step(
            title="A private mapping",
            text="It maps the same file once more, with MAP_PRIVATE, and reads the first byte there.",
            question=Choice(
                "What does it read?",
                ("0: a private mapping has pages of its own", "H"),
                1,
                ("It gets pages of its own only by writing; until then it shows the file's.", ""),
            ),
            operations=(mmap("private", _SIZE, flags=_PRIVATE, file="file"), load("private")),
            checks=(
                Check("it reads H", lambda f: f["byte"] == ord("H")),
                Check("no page was copied", lambda f: f["pages_copied"] == 0),
            ),
            explanation=(
                "Private doesn't mean separate: the mapping shows the pages of the file as long as nobody writes"
                " through it. The code of programs and libraries is mapped like this."
            ),
            watch="private",
        ),
        Step(
            title="Write through the private one",
            text="It writes P through the private mapping. Then it reads the file with pread.",
            question=Number("How many pages of the mapping are copies now?", unit="pages", figure="pages_copied"),
            operations=(store("private", "P"), read_byte("file")),
            checks=(
                Check("the file still holds H", lambda f: f["byte"] == ord("H")),
                Check("one page was copied", lambda f: f["pages_copied"] == 1),
            ),
            explanation=(
                "{pages_copied:n}: the write was a [[page fault]], the kernel copied this one page for the process"
                " ([[copy on write]]), and the P is in the copy. The file holds {byte:n}, the H, as before. A copy is"
                " [[anonymous memory]], counted as Anonymous in smaps."
            ),
            watch="private",
        ),
        Step(
            title="Who sees a later write",
            text="Now J is written through the shared mapping, to the same first byte. The private one is read.",
            question=Choice(
                "What does the private mapping show?",
                ("J: it is the same file", "H", "P: its own copy"),
                2,
                (
                    "For this page it isn't any more: it was copied.",
                    "That byte is in nobody's memory any more.",
                    "",
                ),
            ),
            operations=(store("shared", "J"), load("private")),
            checks=(Check("it reads P", lambda f: f["byte"] == ord("P")),),
            explanation=(
                "Its copy has nothing to do with the file any more. Of its other 63 pages it would have seen the"
                " change: whether a private mapping sees later writes to pages that it hasn't copied is left open by"
                " mmap(2)."
            ),
            watch="private",
        ),
        Step(
            title="A shorter file",
            text=(
                "The file is cut to one page with ftruncate(2), while both mappings still cover 64 pages. Then the"
                " process reads the second page of the shared one."
            ),
            question=Choice(
                "What happens?",
                ("it reads 0", "SIGSEGV: there is nothing", "SIGBUS"),
                2,
                (
                    "Within the last page, beyond the end of the file, it would; not in a page that the file hasn't.",
                    "The region is there and allows it: it is the file that has no page to bring in.",
                    "",
                ),
            ),
            prepare=(
                memfd("file", _SIZE),
                mmap("shared", _SIZE, flags="MAP_SHARED", file="file"),
                touch("shared", _SIZE),
                truncate("file", 4096),
            ),
            operations=(access("shared", offset=4096, how="read"),),
            checks=(
                Check(
                    "the signal is SIGBUS with BUS_ADRERR",
                    lambda f: f.word("signal") == "SIGBUS" and f.word("si_code") == "BUS_ADRERR",
                ),
                Check("the address lies in a region", lambda f: f["inside"] == 1),
            ),
            explanation=(
                "[[SIGBUS]]: the pages behind the new end were taken out of every mapping at once. A program that maps"
                " files which others may shorten has to be ready for it; read(2) would only have returned 0."
            ),
            fresh=True,
            expect=Expect.END,
        ),
    ),
)
