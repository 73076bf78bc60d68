"""Which page frames stand behind a range, for those who may know it."""

import os

from mmexplorer.kernel.files import opened
from mmexplorer.kernel.machine import page_size
from mmexplorer.model.region import Range
from mmexplorer.parse.pagemap import ENTRY_SIZE, parse_frames

_AT_MOST = 1 << 13
"""Pages: 32 MiB in pages of 4 kB."""


def read_frames(pid: int, pages: Range, root: str = "/proc") -> tuple[int, ...] | None:
    """Give the page frame number of each page of `pages`, 0 where there is none.

    None where the kernel hides them, as it does without CAP_SYS_ADMIN, for a process that is gone, and for more than
    32 MiB: the states of the pages, `read_pages`, say more then.
    """
    page = page_size()
    if pages.size > _AT_MOST * page:
        return None
    try:
        with opened(f"{root}/{pid}/pagemap") as descriptor:
            entries = os.pread(descriptor, pages.size // page * ENTRY_SIZE, pages.start // page * ENTRY_SIZE)
    except OSError:
        return None
    return parse_frames(entries)
