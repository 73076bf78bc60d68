"""The memory that files occupy: written, on the disk, read again, dropped, and gone with the file."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import close_file, drop_cache, fsync, read_file, temporary_file, write_file

_SIZE = 64 * MIB
_SEEN = _SIZE // 2
"""A change of the whole machine that is large enough to tell ours from what others do meanwhile."""

_FEW = _SIZE // 10
"""The kernel may release clean pages whenever it likes: of a few of ours it sometimes does so at once."""

_ALL_CACHED = Check(
    "all of the file but a tenth at most is in the page cache", lambda f: f["file_cached"] >= _SIZE - _FEW
)
_COUNTED = Check("buff/cache holds at least as much", lambda f: f["buff_cache"] >= f["file_cached"])
_NOTHING_FETCHED = Check("next to nothing was read from the disk", lambda f: f["read_bytes"] <= _FEW)
_MACHINE = (
    " On the whole machine, with all that others did meanwhile: free {mem_free_change:kB}, buff/cache"
    " {buff_cache_change:kB}, available {mem_available_change:kB}."
)

LAB = Lab(
    name="page-cache",
    title="Free, buff/cache, available",
    row="1, 2, 3, 4",
    learn="Memory that is not free need not be in use: most of it holds files, and the kernel can have it back.",
    order=10,
    address_space=2 * _SIZE,
    needs=(Need.SMALL_PAGES, Need.DISK, Need.IO_COUNTERS),
    limits=Limits(touched=_SIZE + MIB),
    surroundings=True,
    steps=(
        Step(
            title="Write a file",
            text=(
                "The lab process makes a file on a disk, one that has no name and goes with it, and writes 64 MiB. The"
                " kernel doesn't wait for the disk: it puts what was written into the [[page cache]]. Watch what"
                " free(1) shows: free, buff/cache and available, before and after."
            ),
            question=Choice(
                "Which of the three changes least?",
                ("available: free and what the kernel could release", "free: files are no memory", "buff/cache"),
                0,
                (
                    "",
                    "They are: what was written has to be somewhere until it is on the disk, and that is memory.",
                    "It grows by what was written: that is where the file is now.",
                ),
            ),
            operations=(temporary_file("file"), write_file("file", _SIZE)),
            checks=(_ALL_CACHED, _COUNTED, _NOTHING_FETCHED),
            explanation=(
                "{file_cached:kB} of the file are in memory, though the process holds none of it: the cache belongs to"
                " the kernel. free gets smaller by it, [[buff/cache]] larger, and [[available]] stays about the same,"
                " because these pages can be released." + _MACHINE
            ),
            remarks=(
                Remark(
                    lambda f: f["file_dirty"] > 0,
                    "{file_dirty:kB} of the file are [[dirty page|dirty]]: they have to reach the disk before that.",
                ),
            ),
        ),
        Step(
            title="To the disk",
            text="fsync(2) has the kernel bring to the disk what is dirty, and waits for it.",
            question=Choice(
                "Does the page cache give the pages back after that?",
                ("no", "yes"),
                0,
                (
                    "",
                    (
                        "They are clean now, but nobody needs the room: the next reader would only have to fetch them"
                        " again."
                    ),
                ),
            ),
            operations=(fsync("file"),),
            checks=(
                _ALL_CACHED,
                Check("no page of the file is dirty any more", lambda f: f.numbers.get("file_dirty", 0) == 0),
            ),
            explanation=(
                "The disk and the memory now hold the same bytes: the pages are clean, and they stay, {file_cached:kB}."
                " Only now could the kernel release them at once, for anybody who needs a page. Memory that is unused"
                " does nobody any good." + _MACHINE
            ),
        ),
        Step(
            title="Read it",
            text="The process reads the 64 MiB from the beginning to the end.",
            question=Number(
                "How much has to be fetched from the disk?",
                unit="kB",
                figure="read_bytes",
                scale=1024,
                within=_FEW >> 10,
            ),
            operations=(read_file("file"),),
            checks=(_ALL_CACHED, _NOTHING_FETCHED),
            explanation=(
                "{read_bytes:kB}: it was still there from the writing. That is what the cache is for; what seems"
                " a waste of memory in free(1) is why the second start of a program is faster than the first."
                + _MACHINE
            ),
        ),
        Step(
            title="Drop it",
            text=(
                "When memory gets short the kernel releases clean pages of files by itself ([[reclaim]]). The process"
                " can also ask for it, for its own file: posix_fadvise(2) with POSIX_FADV_DONTNEED."
            ),
            question=Number(
                "How much of the file is in the page cache then?",
                unit="kB",
                figure="file_cached",
                scale=1024,
                within=_FEW >> 10,
            ),
            operations=(drop_cache("file"),),
            checks=(Check("next to nothing of the file is in the page cache", lambda f: f["file_cached"] <= _FEW),),
            explanation="{file_cached:kB}. Nothing is lost: the disk has it all." + _MACHINE,
            remarks=(
                Remark(
                    lambda f: f["mem_free_change"] > _SEEN and f["buff_cache_change"] < -_SEEN,
                    "The pages went from buff/cache to free at once.",
                ),
            ),
        ),
        Step(
            title="Read it again",
            text="The process reads the file once more.",
            question=Number(
                "How much has to be fetched from the disk now?",
                unit="kB",
                figure="read_bytes",
                scale=1024,
                within=_FEW >> 10,
            ),
            operations=(read_file("file"),),
            checks=(
                Check("nine tenths of it or more were read from the disk", lambda f: f["read_bytes"] >= _SIZE - _FEW),
                _ALL_CACHED,
            ),
            explanation=(
                "{read_bytes:kB}, and after that {file_cached:kB} are in the page cache again: reading fills it as"
                " writing does. A process that only maps a file uses the same pages: a fault that has to wait for the"
                " disk is a [[major fault]]." + _MACHINE
            ),
        ),
        Step(
            title="Remove it",
            text="The process closes the file. It had no name in any directory, so that this removes it.",
            question=Choice(
                "What becomes of its pages in the cache?",
                ("they are free at once: no file is left that they could hold", "they stay until memory gets short"),
                0,
                ("", "That holds for files that still exist; this one has lost its last reference."),
            ),
            operations=(close_file("file"),),
            checks=(Check("the process has no file open any more", lambda f: f["files_open"] == 0),),
            explanation=(
                "A cache of nothing is of no use to anybody: the kernel throws the pages of a removed file away, dirty"
                " ones too." + _MACHINE
            ),
            remarks=(
                Remark(
                    lambda f: f["mem_free_change"] > _SEEN and f["buff_cache_change"] < -_SEEN,
                    "The 65,536 kB are free again.",
                ),
            ),
        ),
    ),
)
