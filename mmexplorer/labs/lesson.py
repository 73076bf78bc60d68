"""What a lesson is: steps of labs in an order for a given time, and how far one is that is being given."""

from collections.abc import Mapping
from typing import NamedTuple

from mmexplorer.labs.outcome import Outcome
from mmexplorer.model.value import field, frozen, replace


class Stop(NamedTuple):
    """A step of a lab, and the time it takes with what is said about it."""

    lab: str
    """The name of the lab."""
    step: str
    """The title of the step. The steps before it are done on the way, without a word."""
    minutes: int


@frozen
class Lesson:
    """Stops in an order. `labs/lessons/` has one a file."""

    name: str
    title: str
    learn: str
    """What one knows after it, in a sentence or two."""
    stops: tuple[Stop, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(stop.minutes for stop in self.stops)


@frozen
class Course:
    """A lesson as far as it has been given. Every move gives another one."""

    lesson: Lesson
    index: int = -1
    """The stop that is shown; -1 before the first, the number of stops after the last."""
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    """What happened at the stops that were made."""

    @property
    def stop(self) -> Stop | None:
        """Where it is; None before the first stop and after the last."""
        return self.lesson.stops[self.index] if 0 <= self.index < len(self.lesson.stops) else None

    @property
    def over(self) -> bool:
        """Whether the last stop lies behind it."""
        return self.index >= len(self.lesson.stops)

    @property
    def minutes_before(self) -> int:
        """How long the stops before this one take."""
        return sum(stop.minutes for stop in self.lesson.stops[: max(0, self.index)])

    def at(self, index: int) -> "Course":
        """Go to a stop; beyond either end to that end."""
        return replace(self, index=max(-1, min(index, len(self.lesson.stops))))

    def with_outcome(self, outcome: Outcome) -> "Course":
        """Take what happened at this stop."""
        return replace(self, outcomes={**self.outcomes, self.index: outcome}) if self.stop is not None else self
