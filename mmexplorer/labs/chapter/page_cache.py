"""The page cache: a file is written, synced, read again, dropped and removed."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Limits, Need, Number, Remark, Step
from mmexplorer.labs.operations import close_file, drop_cache, fsync, read_file, temporary_file, write_file

_SIZE = 64 * MIB
_SEEN = _SIZE // 2
"""Bytes; a larger change of the machine's figures is attributed to the lab rather than to other processes."""

_FEW = _SIZE // 10
"""Bytes of tolerance: the kernel may release clean pages at any time, and sometimes releases a few at once."""

_ALL_CACHED = Check(
    "at least nine tenths of the file are in the page cache", lambda f: f["file_cached"] >= _SIZE - _FEW
)
_COUNTED = Check("buff/cache is at least that large", lambda f: f["buff_cache"] >= f["file_cached"])
_NOTHING_FETCHED = Check("almost nothing was read from the disk", lambda f: f["read_bytes"] <= _FEW)
_MACHINE = (
    " On the whole machine, including what other processes did in that time: free {mem_free_change:+kB}, buff/cache"
    " {buff_cache_change:+kB}, available {mem_available_change:+kB}."
)

LAB = Lab(
    name="page-cache",
    title="Free, buff/cache, available",
    row="1, 2, 3, 4",
    learn="Memory that isn't free isn't necessarily in use: some of it caches files, and the kernel can take it back.",
    order=10,
    address_space=2 * _SIZE,
    needs=(Need.SMALL_PAGES, Need.DISK, Need.IO_COUNTERS),
    limits=Limits(touched=_SIZE + MIB),
    surroundings=True,
    steps=(
        Step(
            title="Write a file",
            text=(
                "The lab process creates a file on a disk, without a name so that it vanishes with the process, and"
                " writes 64 MiB. The kernel doesn't wait for the disk: it puts the data into the [[page cache]]."
                " Compare what free(1) shows before and after: free, buff/cache and available."
            ),
            question=Choice(
                "Which of the three does this change least?",
                (
                    "available: free plus what the kernel could release",
                    "free: a file doesn't take memory",
                    "buff/cache",
                ),
                0,
                (
                    "",
                    "It does: the data has to be somewhere until it is on the disk, and that is memory.",
                    "It grows by what was written, because the file is in it now.",
                ),
            ),
            operations=(temporary_file("file"), write_file("file", _SIZE)),
            checks=(_ALL_CACHED, _COUNTED, _NOTHING_FETCHED),
            explanation=(
                (
                    "{file_cached:kB} of the file are in memory, although the process holds none of it: the cache"
                    " belongs to the kernel. It makes free smaller and [[buff/cache]] larger, while [[available]] stays"
                    " about the same, because these pages can be released."
                )
                + _MACHINE
            ),
            remarks=(
                Remark(
                    lambda f: abs(f["mem_available_change"]) > _SEEN,
                    (
                        "Other processes took or returned memory at the same time, so available isn't the same here. On"
                        " an idle machine it is."
                    ),
                ),
                Remark(
                    lambda f: f["file_dirty"] > 0,
                    "{file_dirty:kB} of the file are [[dirty page|dirty]]: these have to be written to the disk first.",
                ),
            ),
        ),
        Step(
            title="To the disk",
            text="fsync(2) makes the kernel write the dirty pages to the disk, and waits for it.",
            question=Choice(
                "Does the page cache release the pages after that?",
                ("no", "yes"),
                0,
                (
                    "",
                    (
                        "They are clean now, but the memory isn't needed elsewhere, and the next reader would have to"
                        " fetch them again."
                    ),
                ),
            ),
            operations=(fsync("file"),),
            checks=(
                _ALL_CACHED,
                Check("no page of the file is still dirty", lambda f: f.numbers.get("file_dirty", 0) == 0),
            ),
            explanation=(
                (
                    "The disk and the memory now hold the same bytes: the pages are clean, and they stay,"
                    " {file_cached:kB}. Now the kernel can release them at once when a page is needed. Unused memory"
                    " helps no one."
                )
                + _MACHINE
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
                (
                    "{read_bytes:kB}: the data was still there from writing. That is what the cache is for: what looks"
                    " like wasted memory in free(1) is the reason why a program starts faster the second time."
                )
                + _MACHINE
            ),
        ),
        Step(
            title="Drop it",
            text=(
                "When memory runs short, the kernel releases clean pages of files by itself ([[reclaim]]). A process"
                " can also ask for it, for its own file, with posix_fadvise(2) and POSIX_FADV_DONTNEED."
            ),
            question=Number(
                "How much of the file is in the page cache then?",
                unit="kB",
                figure="file_cached",
                scale=1024,
                within=_FEW >> 10,
            ),
            operations=(drop_cache("file"),),
            checks=(Check("almost nothing of the file is in the page cache", lambda f: f["file_cached"] <= _FEW),),
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
            text="The process reads the file again.",
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
                (
                    "{read_bytes:kB}, and after that {file_cached:kB} are in the page cache again: reading fills it as"
                    " writing does. A process that maps a file uses the same pages; there a fault that has to wait for"
                    " the disk is a [[major fault]]."
                )
                + _MACHINE
            ),
        ),
        Step(
            title="Remove it",
            text="The process closes the file. It has no name in any directory, so closing removes it.",
            question=Choice(
                "What happens to its pages in the cache?",
                ("they are free at once: the file no longer exists", "they stay until memory runs short"),
                0,
                ("", "That is true of files that still exist, but this one has lost its last reference."),
            ),
            operations=(close_file("file"),),
            checks=(Check("the process no longer has a file open", lambda f: f["files_open"] == 0),),
            explanation=(
                (
                    "No one could read these pages again, so the kernel discards the pages of a removed file, even"
                    " dirty ones."
                )
                + _MACHINE
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
