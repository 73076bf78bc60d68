"""Lessons: steps of labs in an order for a given time; and the progress of a lesson."""

from collections.abc import Mapping

from mmexplorer.labs.outcome import Outcome
from mmexplorer.model.value import NamedTuple, field, frozen, replace


class Stop(NamedTuple):
    """A step of a lab, with the minutes it takes including the talk about it."""

    lab: str
    """The name of the lab."""
    step: str
    """The title of the step. The lab's steps before it are done silently first."""
    minutes: int


@frozen
class Lesson:
    """A sequence of stops. `labs/lessons/` has one per file."""

    name: str
    title: str
    learn: str
    """What one learns, in a sentence or two."""
    stops: tuple[Stop, ...]

    @property
    def minutes(self) -> int:
        """Minutes that it takes."""
        return sum(stop.minutes for stop in self.stops)


@frozen
class Course:
    """The progress of a lesson. Every move returns another one."""

    lesson: Lesson
    index: int = -1
    """The index of the current stop; -1 before the first, the number of stops after the last."""
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    """The outcomes by index of the stop."""

    @property
    def stop(self) -> Stop | None:
        """The current stop; None before the first and after the last."""
        return self.lesson.stops[self.index] if 0 <= self.index < len(self.lesson.stops) else None

    @property
    def over(self) -> bool:
        """Whether the last stop is over."""
        return self.index >= len(self.lesson.stops)

    @property
    def minutes_before(self) -> int:
        """The minutes that the stops before this one take."""
        return sum(stop.minutes for stop in self.lesson.stops[: max(0, self.index)])

    def at(self, index: int) -> "Course":
        """Go to a stop, at most to either end."""
        return replace(self, index=max(-1, min(index, len(self.lesson.stops))))

    def with_outcome(self, outcome: Outcome) -> "Course":
        """Add the outcome of the current stop."""
        return replace(self, outcomes={**self.outcomes, self.index: outcome}) if self.stop is not None else self
