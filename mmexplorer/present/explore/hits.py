"""What a question to the regions of all processes has given so far."""

from collections.abc import Mapping
from typing import NamedTuple

from mmexplorer.model.process import ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable


class Hits(NamedTuple):
    """The regions of one process that match."""

    regions: int
    size: int
    """Bytes of address space."""
    first: int | None
    """The start of the lowest; None where none matches."""


class Searched(NamedTuple):
    """How far a question to all processes has come."""

    found: Mapping[ProcessKey, Hits | Unavailable]
    """The answers so far; where there is none, why."""
    of: int
    """How many processes there are to look into."""

    @property
    def done(self) -> bool:
        """Whether every one was looked into."""
        return len(self.found) >= self.of

    @property
    def unread(self) -> int:
        """Processes whose regions could not be read, though they are there."""
        answers = self.found.values()
        return sum(isinstance(each, Unavailable) and each.cause is not Cause.GONE for each in answers)
