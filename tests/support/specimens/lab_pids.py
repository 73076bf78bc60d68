"""The processes below one of ours: how a test learns the number of the lab process."""

from pathlib import Path


def descendants(pid: int) -> set[int]:
    """The processes that `pid` started, and those that they started."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            children = {int(each) for each in task.read_text().split()} - found
            found |= children
            waiting += children
    return found
