from mmexplorer.model.process.users import CachedPages, Share, Unseen, Use, UsedFile, Users
from mmexplorer.model.region import FileId
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.region.users import USER_COLUMNS, unseen_lines, users_lines
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import process

FILE = UsedFile("/usr/lib/libc.so.6", FileId("fe:00", 7), (1, 7))
DENIED = Unavailable(Cause.DENIED, "permission denied")
MAPS = Use(process(pid=5), 2, 8192, writable=False, share=Share(8192, 4096), descriptors=(), first=0x1000)
WRITES = Use(process(pid=6), 1, 4096, writable=True, share=DENIED, descriptors=(1, 2, 3, 4, 5, 6, 7), first=0)
HOLDS = Use(process(pid=7), 0, 0, writable=False, share=DENIED, descriptors=(3,))


def lines(*uses: Use, cached: CachedPages | Unavailable = DENIED) -> list[str]:
    return [plain(each) for each in users_lines(Users(FILE, cached, uses, 40, ()), 4096)]


def cells(use: Use) -> list[str]:
    return [plain(column.text(use)) for column in USER_COLUMNS[:-1]]


def test_what_is_cached_and_how_many_use_it() -> None:
    assert lines(MAPS, HOLDS, cached=CachedPages(3, 1, 0, 0, 2))[1:] == [
        "page cache 3 pages (12K), 1 dirty, 0 being written, 2 evicted not long ago",
        "2 of 40 processes map it or hold it open; the PSS is 4K",
    ]
    assert lines(HOLDS)[1:] == ["page cache — permission denied", "1 of 40 processes map it or hold it open"]


def test_a_sum_says_of_how_many_it_is() -> None:
    assert lines(MAPS, WRITES)[2].endswith("; the PSS of the 1 whose smaps was read is 4K")


def test_the_cells_of_a_user() -> None:
    assert cells(MAPS) == ["5", "2", "8K", "8K", "4K", "", "private"]
    assert cells(WRITES) == ["6", "1", "4K", "—", "—", "1, 2, 3, 4, 5 and 2 more", "shared, writable"]
    assert cells(HOLDS) == ["7", "0", "0", "—", "—", "3", ""]


def test_what_could_not_be_seen_is_said() -> None:
    unseen = tuple(Unseen(pid, "other", what, DENIED) for pid in range(4) for what in ("maps", "descriptors"))
    told = [plain(each) for each in unseen_lines(unseen)]
    assert told[0] == "Not everything of 4 processes was seen, which may use it, too:"
    assert told[1] == "  0 other: maps: permission denied"
    assert told[6] == "  and 3 more"
    assert "the kernel itself" in told[-1]
    assert len(list(unseen_lines(()))) == 1
