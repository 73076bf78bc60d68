"""What is read for the tab in front, beside the looks of the screen: one reading at a time, in a thread."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

from textual.message import Message

from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
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

    def reading(self, subject: Subject, point: int | None, inspector: Inspector) -> Job | None:
        """Give what reads for `subject`; `point` is the address in its region that was pointed at. None: nothing to."""
        ...


def nothing() -> None:
    """Show nothing new."""


_PAST = NoInspector(Unavailable(Cause.GONE, "a moment of the past: of it only the map was kept"))
_NEVER = 3600.0
"""Seconds: it reads when the screen has looked, not by itself."""


class Inspection:
    """Owned by the screen. What is asked for while a reading is under way is read right after it, the last of it."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self.point: int | None = None
        """The address that was asked for or pointed at last."""
        self._job: Job | None = None
        self._loop: RefreshLoop[Shown] = RefreshLoop(self._look, lambda shown: shown(), _NEVER)
        self._loop.paused = True

    async def run(self) -> None:
        """Read what is asked for, until cancelled."""
        await self._loop.run()

    def follow(self, tab: object, subject: Subject | None, *, past: bool = False) -> None:
        """Read for `tab`, if there is something to be read for it; nothing is read of what is `past`."""
        if subject is None or not isinstance(tab, InspectedTab):
            self._job = None
            return
        region = subject.region
        inside = self.point is not None and region is not None and region.start <= self.point < region.end
        self._job = tab.reading(subject, self.point if inside else None, _PAST if past else self.inspector)
        if self._job is not None:
            self._loop.now()

    def _look(self) -> Shown:
        job, self._job = self._job, None
        return nothing if job is None else job()
