"""The changes of one address space over time: what is lit, what is struck out, and what the Changes tab lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmexplorer.model.changes import Change

LIMIT = 1_000
"""Changes remembered. A process that unmaps 65,000 regions at once pushes out its own older ones."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change and when it was seen."""

    change: Change
    taken_at: float
    """Seconds since the epoch, for showing."""
    clock: float
    """Seconds of the monotonic clock, for its age."""


@dataclass(frozen=True, slots=True)
class History:
    """At most `LIMIT` events, the oldest first."""

    events: tuple[Event, ...] = ()

    def advance(self, changes: Sequence[Change], taken_at: float, clock: float) -> "History":
        """Give the history with what one refresh found; the very same object when it found nothing."""
        if not changes:
            return self
        seen = tuple(Event(change, taken_at, clock) for change in changes[-LIMIT:])
        return History((self.events + seen)[-LIMIT:])

    def fresh(self, clock: float, seconds: float) -> tuple[Event, ...]:
        """Give the events of the last `seconds`, the oldest first; `clock` is now on the monotonic clock."""
        events = self.events
        first = len(events)
        while first and clock - events[first - 1].clock <= seconds:
            first -= 1
        return events[first:]
