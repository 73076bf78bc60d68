"""What is read for the parts that are seen, beside the looks of the screen: one reading at a time, in a thread."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol, runtime_checkable

from textual.message import Message

from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.refresh import RefreshLoop

Shown = Callable[[], None]
"""Shows what was read; called by the event loop."""
Job = Callable[[], Shown]
"""Reads; called in a thread."""


class Subject(NamedTuple):
    """What the cursor is on."""

    space: AddressSpace
    region: Region | None
    """None in a hole."""
    page_size: int
    faulted: tuple[int, ...] = ()
    """The pages of the process on which a trace saw faults, by address, ascending."""


class Point(NamedTuple):
    """An address in the region that was asked for or pointed at."""

    address: int
    new: bool
    """Whether the tab is to go there: it was not the tab itself that pointed at it."""


class ReadAgain(Message):
    """A tab wants to show something else of the same subject."""


class PointedAt(Message):
    """The cursor of a tab is on an address, which the other tabs are about from now on."""

    def __init__(self, address: int, *, follow: bool = False) -> None:
        super().__init__()
        self.address = address
        self.follow = follow
        """Whether the region of it is to be shown."""


@runtime_checkable
class InspectedTab(Protocol):
    """A tab that shows what has to be read for it."""

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:
        """Give what reads for `subject`, in whose region `point` is. None: there is nothing to read."""
        ...


READING = line(span("reading …", Tone.DIM))
"""What a tab says until something was read for it."""


_LARGE = 1 << 18
"""Pages. Of more, which take a while to read, an outline is shown first."""


def is_large(part: Range, page_size: int) -> bool:
    """Whether reading all pages of it takes long enough for an outline to be worth showing."""
    return part.size > _LARGE * page_size


_PAST = NoInspector(Unavailable(Cause.GONE, "a moment of the past: of it only the map was kept"))
_NEVER = 3600.0
"""Seconds: it reads when the screen has looked, not by itself."""


class Inspection:
    """Owned by the screen. What is asked for while a reading is under way is read right after it, the last of it."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self._point: int | None = None
        """The address that was asked for or pointed at last."""
        self._asked = False
        """Whether it was asked for, and no tab was told yet."""
        self._seen: frozenset[object] = frozenset()
        """The parts that are read for."""
        self._jobs: dict[object, Job] = {}
        """What each of them asked for and was not read yet."""
        self._loop: RefreshLoop[Shown] = RefreshLoop(self._look, lambda shown: shown(), _NEVER)
        self._loop.paused = True

    async def run(self) -> None:
        """Read what is asked for, until cancelled."""
        await self._loop.run()

    def point_at(self, address: int, *, asked: bool) -> None:
        """Let the tabs be about an address: one that was `asked` for, or that the tab in front has its cursor on."""
        self._point, self._asked = address, self._asked or asked

    def follow(self, parts: Iterable[object], subject: Subject | None, *, past: bool = False) -> None:
        """Read for those of `parts` that there is something to be read for; nothing is read of what is `past`.

        What one asked for before and was not read yet stays asked for while it has nothing else to ask.
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
            job = part.reading(subject, point, _PAST if past else self.inspector)
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
