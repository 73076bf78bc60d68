"""Counts the OOM kills in the cgroups of our own labs, which aren't reported as news."""

from collections.abc import Callable
from threading import Lock

_lock = Lock()
_counters: dict[int, Callable[[], int]] = {}
_ended = 0
"""Kills in cgroups that no longer exist."""


def watch(cgroup: int, count: Callable[[], int]) -> None:
    """Start counting the kills in a cgroup, identified by a number."""
    with _lock:
        _counters[cgroup] = count


def leave(cgroup: int) -> None:
    """Count one last time, before the cgroup disappears; do nothing if it isn't watched."""
    global _ended  # noqa: PLW0603 - one count for the whole program
    with _lock:
        count = _counters.pop(cgroup, None)
        if count is not None:
            _ended += count()


def lab_kills() -> int:
    """Return the number of kills since the program started."""
    with _lock:
        return _ended + sum(count() for count in _counters.values())
