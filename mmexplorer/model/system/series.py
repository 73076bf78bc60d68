"""A bounded history of readings, with the gaps in it: a suspended machine leaves a hole, not a line across it."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Point(NamedTuple, Generic[Value]):
    """One reading."""

    at: float
    """Seconds of the clock that goes on while the machine is suspended (CLOCK_BOOTTIME)."""
    value: Value


@dataclass(frozen=True, slots=True)
class Series(Generic[Value]):
    """The newest readings, oldest first."""

    interval: float
    """Seconds that should lie between two readings."""
    limit: int = 3600
    """How many readings are kept."""
    points: tuple[Point[Value], ...] = ()

    def add(self, at: float, value: Value) -> "Series[Value]":
        """Append a reading. One that isn't later than the last starts anew: its clock was set back."""
        kept = self.points if not self.points or at > self.points[-1].at else ()
        return Series(self.interval, self.limit, (*kept, Point(at, value))[-self.limit :])

    def is_gap(self, index: int) -> bool:
        """Whether the machine was suspended, or the display paused, just before that reading."""
        missed = 2.5
        return index > 0 and self.points[index].at - self.points[index - 1].at > missed * self.interval

    def columns(self, count: int) -> tuple[Value | None, ...]:
        """Lay the newest readings out in `count` steps of the interval, up to the last; None where there is none."""
        slots: list[Value | None] = [None] * count
        earlier = count
        for index in range(max(0, len(self.points) - count), len(self.points)):
            back = round((self.points[-1].at - self.points[index].at) / self.interval)
            # A reading that came late leaves a step without one, which is no gap yet.
            first = back if self.is_gap(index) or earlier >= count else max(back, earlier - 1)
            for step in range(back, min(first, count - 1) + 1):
                slots[count - 1 - step] = self.points[index].value
            earlier = back
        return tuple(slots)
