"""The results so far of a search for regions in all processes."""

from collections.abc import Mapping

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple


class Hits(NamedTuple):
    """The matching regions of one process."""

    regions: int
    size: int
    """Bytes of address space."""
    first: int | None
    """The lowest address; None if no region matches."""


class Searched(NamedTuple):
    """The progress of a search through all processes."""

    found: Mapping[ProcessKey, Hits | Unavailable]
    """The results so far, or why there are none."""
    of: int
    """How many processes there are to search."""

    @property
    def done(self) -> bool:
        """Whether all have been searched."""
        return len(self.found) >= self.of

    @property
    def unread(self) -> int:
        """The number of live processes whose regions couldn't be read."""
        answers = self.found.values()
        return sum(isinstance(each, Unavailable) and each.cause is not Cause.GONE for each in answers)
