"""Reads what the visible parts need, independently of the refreshes: one reading at a time, in a thread."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.message import Message

from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.ui.refresh import RefreshLoop

if TYPE_CHECKING:  # imported with its tab
    from mmexplorer.present.explore.fault_rows import TraceMarks

Shown = Callable[[], None]
"""Shows the result of a job; called in the event loop."""
Job = Callable[[], Shown]
"""Reads; called in a thread."""


class Subject(NamedTuple):
    """What the cursor is on."""

    space: AddressSpace
    region: Region | None
    """None in a hole."""
    page_size: int
    faulted: tuple[int, ...] = ()
    """The addresses of the process's pages that faulted in a trace, ascending."""
    nothing: Line = EMPTY
    """Why there isn't even a hole under the cursor; empty if there is one, or a region."""


class Point(NamedTuple):
    """An address in the region, either asked about or under a tab's cursor."""

    address: int
    new: bool
    """Whether the tab should go there, because the address didn't come from the tab itself."""


class ReadAgain(Message):
    """A tab needs another reading of the same subject."""


class PointedAt(Message):
    """A tab's cursor moved to an address, which the other tabs now show too."""

    def __init__(self, address: int, *, follow: bool = False) -> None:
        super().__init__()
        self.address = address
        self.follow = follow
        """Whether to move the region cursor to it."""


class SearchAsked(Message):
    """The user wants to search the memory of the process."""


class Traced(Message):
    """A trace of page faults has ended."""

    def __init__(self, marks: "TraceMarks") -> None:
        super().__init__()
        self.marks = marks
        """What other panes show of it."""


@runtime_checkable
class InspectedTab(Protocol):
    """A tab whose content has to be read."""

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:
        """Return a job that reads for `subject`, whose region contains `point`; None if there is nothing to read."""
        ...


READING = line(span("reading …", Tone.DIM))
"""Shown until the first reading."""


_LARGE = 1 << 18
"""Pages; reading more takes a while, so an outline is shown first."""


def is_large(part: Range, page_size: int) -> bool:
    """Return whether reading all pages of `part` takes long enough to show an outline first."""
    return part.size > _LARGE * page_size


NO_PAST = NoInspector(Unavailable(Cause.GONE, "a moment of the past: of it only the map was kept"))
"""Used for an earlier moment of a live process."""
_NEVER = 3600.0
"""Seconds: it reads after a refresh of the screen, not on its own."""


class Inspection:
    """Runs the jobs. Requests during a reading run right after it, only the last one per part. Owned by the screen."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self._point: int | None = None
        """The last address asked about or under a tab's cursor."""
        self._asked = False
        """Whether it was asked about, and no tab has received it yet."""
        self._seen: frozenset[object] = frozenset()
        """The parts to read for."""
        self._jobs: dict[object, Job] = {}
        """Their jobs that haven't run yet."""
        self._loop: RefreshLoop[Shown] = RefreshLoop(self._look, lambda shown: shown(), _NEVER)
        self._loop.paused = True

    async def run(self) -> None:
        """Run jobs until cancelled."""
        await self._loop.run()

    def point_at(self, address: int, *, asked: bool) -> None:
        """Point the tabs to an address: one `asked` about, or the one under the front tab's cursor."""
        self._point, self._asked = address, self._asked or asked

    def follow(self, parts: Iterable[object], subject: Subject | None) -> None:
        """Read for those of `parts` that need reading.

        A part's earlier job stays queued until it runs or the part submits another.
        """
        inspected = [part for part in parts if isinstance(part, InspectedTab)] if subject is not None else []
        before, self._seen = self._seen, frozenset(inspected)
        for gone in before - self._seen:
            self._jobs.pop(gone, None)
        if subject is None:
            return
        region, told = subject.region, False
        for part in inspected:
            point = None
            if self._point is not None and region is not None and region.start <= self._point < region.end:
                point, told = Point(self._point, part not in before or self._asked), True
            job = part.reading(subject, point, self.inspector)
            if job is not None:
                self._jobs[part] = job
        self._asked = self._asked and not told
        if self._jobs:
            self._loop.now()

    def _look(self) -> Shown:
        jobs = [self._jobs.pop(part, None) for part in tuple(self._jobs)]
        found = [job() for job in jobs if job is not None]

        def show() -> None:
            for shown in found:
                shown()

        return show
