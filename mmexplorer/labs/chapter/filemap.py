"""Mapped files: shared and private mappings, when a write reaches the file, and what happens past its end."""

from mmexplorer.labs.lab import Check, Choice, Expect, Lab, Need, Number, Step
from mmexplorer.labs.operations import access, load, memfd, mmap, msync, read_byte, store, touch, truncate

_SIZE = 64 * 4096
_PRIVATE = "MAP_PRIVATE"

LAB = Lab(
    name="filemap",
    title="A file as memory",
    row="9, 12",
    learn="A shared mapping is the file itself; a private one shows the file too, until a write copies a page.",
    order=62,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP, Need.SIGINFO),
    steps=(
        Step(
            title="Write through a shared mapping",
            text=(
                "The lab process makes a file of 64 pages full of zeroes and maps it with MAP_SHARED. It writes the"
                " letter H into memory. Then, without saving anything, it reads the first byte of the file with"
                " pread(2), as another program would."
            ),
            question=Choice(
                "What does pread return?",
                ("0: nothing has been written to the file yet", "H", "an error: the file is mapped"),
                1,
                (
                    (
                        "There is one copy of a file's page in memory, in the page cache, and both the mapping and"
                        " pread use it."
                    ),
                    "",
                    "A file can be mapped and read at the same time.",
                ),
            ),
            prepare=(memfd("file", _SIZE),),
            operations=(
                mmap("shared", _SIZE, flags="MAP_SHARED", file="file"),
                store("shared", "H"),
                read_byte("file"),
            ),
            checks=(Check("pread returns H", lambda f: f["byte"] == ord("H")),),
            explanation=(
                "The mapping leads to the pages in the [[page cache]], and pread copies from the same pages, so every"
                " process sees a write at once. When it reaches the disk is a separate question."
            ),
            watch="shared",
        ),
        Step(
            title="To the disk",
            text="msync(2) with MS_SYNC asks the kernel to write the changes to the file's disk, and waits for it.",
            question=Choice(
                "Who notices a difference?",
                (
                    "other processes: only now do they see the H",
                    "no one",
                    "anyone who reads the file after a power failure",
                ),
                2,
                (
                    "They could already see it, as the previous step showed.",
                    "That would be true only if the machine could never fail.",
                    "",
                ),
            ),
            operations=(msync("shared"), read_byte("file")),
            checks=(Check("the file holds H", lambda f: f["byte"] == ord("H")),),
            explanation=(
                "The byte is the same: {byte:n}, the letter H. msync and fsync are about the disk, not about who"
                " sees what. (This file exists only in memory, so there is nothing to wait for.)"
            ),
            watch="shared",
        ),
        Step(
            title="A private mapping",
            text="It maps the same file again, with MAP_PRIVATE, and reads the first byte there.",
            question=Choice(
                "What does it read?",
                ("0: a private mapping has pages of its own", "H"),
                1,
                ("It gets its own pages only by writing; until then it shows the file's.", ""),
            ),
            operations=(mmap("private", _SIZE, flags=_PRIVATE, file="file"), load("private")),
            checks=(
                Check("it reads H", lambda f: f["byte"] == ord("H")),
                Check("no page was copied", lambda f: f["pages_copied"] == 0),
            ),
            explanation=(
                "Private doesn't mean separate: the mapping shows the file's pages until the process writes through it."
                " The code of programs and libraries is mapped like this."
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
                "{pages_copied:n}: the write caused a [[page fault]], the kernel copied this one page for the process"
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
                    "Not for this page any more: it was copied.",
                    "Both copies of that byte have been overwritten.",
                    "",
                ),
            ),
            operations=(store("shared", "J"), load("private")),
            checks=(Check("it reads P", lambda f: f["byte"] == ord("P")),),
            explanation=(
                "Its copy has nothing to do with the file any more. In the other 63 pages it would have seen the change"
                " on this system, although mmap(2) leaves open whether a private mapping sees later writes to pages it"
                " hasn't copied."
            ),
            watch="private",
        ),
        Step(
            title="Truncate the file",
            text=(
                "The file is cut to one page with ftruncate(2), while both mappings still cover 64 pages. Then the"
                " process reads the second page of the shared one."
            ),
            question=Choice(
                "What happens?",
                ("it reads 0", "SIGSEGV: there is no page", "SIGBUS"),
                2,
                (
                    "It would within the file's last page, past its end, but not in a page that the file doesn't have.",
                    "The region exists and allows reading; it is the file that has no page to bring in.",
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
                "[[SIGBUS]]: the pages beyond the new end were removed from every mapping at once. A program that maps"
                " files which others may truncate has to be prepared for it; read(2) would just have returned 0."
            ),
            fresh=True,
            expect=Expect.END,
        ),
    ),
)
