"""Bytes of a process's memory, only from pages that are there: reading another would fault it in (kernel.md 5)."""

import os

from mmexplorer.kernel.errors import process_unavailable
from mmexplorer.kernel.files import opened
from mmexplorer.kernel.pages import read_pages
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable


def read_resident(root: str, pid: int, wanted: Range) -> bytes | Unavailable:
    """Read `wanted` from /proc/PID/mem up to the first page that is not in memory; `wanted` begins a page."""
    states = read_pages(pid, wanted, root=root)
    if isinstance(states, Unavailable):
        return states
    end = wanted.start
    for run in states.runs:
        if not run.state.in_memory:
            break
        end = min(run.end, wanted.end)
    if end == wanted.start:
        return Unavailable(Cause.NOT_READ, f"the page at {wanted.start:#x} is not in memory")
    try:
        with opened(f"{root}/{pid}/mem") as descriptor:
            return os.pread(descriptor, end - wanted.start, wanted.start)
    except OSError as error:
        return process_unavailable(error)
