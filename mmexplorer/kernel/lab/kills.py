"""How many processes the OOM killer took in the cgroups of our own labs: nobody is to be told of these as news."""

from collections.abc import Callable
from threading import Lock

_lock = Lock()
_counters: dict[int, Callable[[], int]] = {}
_ended = 0
"""In cgroups that are gone."""


def watch(cgroup: int, count: Callable[[], int]) -> None:
    """Count the kills in a cgroup, which is told by a number, from now on."""
    with _lock:
        _counters[cgroup] = count


def leave(cgroup: int) -> None:
    """Count them a last time: it is about to go. Nothing happens for one that isn't watched."""
    global _ended  # noqa: PLW0603 - one number of the whole program
    with _lock:
        count = _counters.pop(cgroup, None)
        if count is not None:
            _ended += count()


def lab_kills() -> int:
    """Give how many there were since the program began."""
    with _lock:
        return _ended + sum(count() for count in _counters.values())
