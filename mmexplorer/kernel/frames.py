"""Which page frames stand behind a range, for those who may know it."""

import os

from mmexplorer.model.region import Range
from mmexplorer.parse.pagemap import ENTRY_SIZE, parse_frames

_AT_MOST = 1 << 13
"""Pages: 32 MiB in pages of 4 kB."""


def read_frames(pid: int, pages: Range, root: str = "/proc") -> tuple[int, ...] | None:
    """Give the page frame number of each page of `pages`, 0 where there is none.

    None where the kernel hides them, as it does without CAP_SYS_ADMIN, for a process that is gone, and for more than
    32 MiB: the states of the pages, `read_pages`, say more then.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    if pages.size > _AT_MOST * page:
        return None
    try:
        descriptor = os.open(f"{root}/{pid}/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        try:
            entries = os.pread(descriptor, pages.size // page * ENTRY_SIZE, pages.start // page * ENTRY_SIZE)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    return parse_frames(entries)
