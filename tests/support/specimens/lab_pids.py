"""The descendants of a process, which is how a test finds the lab process."""

from pathlib import Path


def descendants(pid: int) -> set[int]:
    """Return the children of `pid`, and theirs."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            children = {int(each) for each in task.read_text().split()} - found
            found |= children
            waiting += children
    return found
