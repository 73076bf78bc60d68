"""The translation of the address under the cursor as a picture, and the processes that map the same frame."""

import asyncio

from textual import work

from mmexplorer.model.memory.inspection import Inspector, Walk
from mmexplorer.model.memory.translation import Sharer
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.memory.walk import sharer_lines, walk_lines
from mmexplorer.present.region.names import address_names
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.ui.explore.tabs.inspection import READING, Job, Point, Shown, Subject
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import ScrolledLines

_SHOW_EVERY = 0.2
_HOLE = line(span("A hole is translated to nothing: no entry of a table leads on from here.", Tone.DIM))


class WalkTab(ScrolledLines):
    """Shows one address: the last one pointed at if it is in the region, else the region's start."""

    BINDINGS = bindings("translation")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject: Subject | None = None
        self._walk: Walk | None = None
        self._inspector: Inspector | None = None
        self._named = ""
        self._sharing: tuple[Line, ...] = ()
        self._shared_frame: int | Unavailable | None = None

    def on_mount(self) -> None:
        """Say that nothing has been read yet."""
        self.show(lambda _width: (READING,))

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:
        """Return a job that translates the address."""
        self._subject, self._inspector = subject, inspector
        region = subject.region
        if region is None:
            self._walk = None
            self.show(lambda _width: (subject.nothing or _HOLE,))
            return None
        address = region.start if point is None else point.address

        def read() -> Shown:
            walk = inspector.walk(subject.space, region, address)
            name = address_names(subject.space, inspector.namer(subject.space))(address)
            return lambda: self._show(subject, walk, name)

        return read

    def _show(self, subject: Subject, walk: Walk | Unavailable, name: str) -> None:
        if subject is not self._subject:
            return
        if isinstance(walk, Unavailable):
            self._walk = None
            self.show(lambda _width: (line(span(f"— {walk}", Tone.DIM)),))
            return
        self._walk, self._named = walk, name
        if walk.translation.frame != self._shared_frame:
            self._sharing = ()
        self._draw(walk)

    def _draw(self, walk: Walk) -> None:
        space = self._subject.space if self._subject is not None else None
        self.show(lambda width: (*walk_lines(walk, self._named, width, space), EMPTY, *self._sharing))

    @work(group="sharers", exclusive=True)
    async def action_sharers(self) -> None:
        """List the processes that map the same frame."""
        subject, walk, inspector = self._subject, self._walk, self._inspector
        if subject is None or walk is None or inspector is None or subject.region is None:
            return
        region, found = subject.region, list[Sharer]()
        self._shared_frame = walk.translation.frame
        task = asyncio.create_task(
            asyncio.to_thread(lambda: found.extend(inspector.sharers(subject.space, region, walk.translation)))
        )
        while not task.done():
            await asyncio.wait({task}, timeout=_SHOW_EVERY)
            self._show_sharers(walk, found, ended=False)
        await task
        self._show_sharers(walk, found, ended=True)

    def _show_sharers(self, walk: Walk, found: list[Sharer], *, ended: bool) -> None:
        if self._walk is not None and self._walk.translation.frame == walk.translation.frame:
            self._sharing = tuple(sharer_lines(walk, tuple(found), ended=ended))
            self._draw(walk)
