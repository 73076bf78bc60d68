"""The descendants of a process, which is how a test finds the lab process."""

import contextlib
import os
from pathlib import Path


def descendants(pid: int) -> set[int]:
    """Return the children of `pid`, and theirs; some may have ended by now."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop()) - found
        found |= children
        waiting += children
    return found


def descendant_pidfds(pid: int) -> list[int]:
    """Open a pidfd of each descendant that hasn't ended and been reaped, as one that was asked for its version has."""
    opened = []
    for each in descendants(pid):
        with contextlib.suppress(ProcessLookupError):
            opened.append(os.pidfd_open(each))
    return opened


def _children(pid: int) -> set[int]:
    """Return the children of a process, or none if it is gone."""
    found: set[int] = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found |= {int(each) for each in task.read_text().split()}
    return found
