"""What is read for the tab in front, beside the looks of the screen: one reading at a time, in a thread."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

from textual.message import Message

from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.region import Region
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


def nothing() -> None:
    """Show nothing new."""


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
        self._tab: object = None
        self._job: Job | None = None
        self._loop: RefreshLoop[Shown] = RefreshLoop(self._look, lambda shown: shown(), _NEVER)
        self._loop.paused = True

    async def run(self) -> None:
        """Read what is asked for, until cancelled."""
        await self._loop.run()

    def point_at(self, address: int, *, asked: bool) -> None:
        """Let the tabs be about an address: one that was `asked` for, or that the tab in front has its cursor on."""
        self._point, self._asked = address, self._asked or asked

    def follow(self, tab: object, subject: Subject | None, *, past: bool = False) -> None:
        """Read for `tab`, if there is something to be read for it; nothing is read of what is `past`.

        What the same tab asked for before and was not read yet stays asked for while it has nothing else to ask.
        """
        another = tab is not self._tab
        if another:
            self._tab, self._job = tab, None
        if subject is None or not isinstance(tab, InspectedTab):
            self._job = None
            return
        region = subject.region
        point = None
        if self._point is not None and region is not None and region.start <= self._point < region.end:
            point = Point(self._point, another or self._asked)
            self._asked = False
        job = tab.reading(subject, point, _PAST if past else self.inspector)
        if job is not None:
            self._job = job
            self._loop.now()

    def _look(self) -> Shown:
        job, self._job = self._job, None
        return nothing if job is None else job()
