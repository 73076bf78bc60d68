"""The memory of a region without an ELF file, in the third pane; its pages are read independently of the refreshes."""

import time
from collections.abc import Sequence

from mmexplorer.model.budget import may_read
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.region_memory import RegionMemory, memory_lines
from mmexplorer.present.text.line import Line
from mmexplorer.ui.explore.tabs.inspection import Job, Point, ReadAgain, Shown, Subject, is_large
from mmexplorer.ui.widgets.lines import ScrolledLines

_PARTS = 512
"""Parts of a large region in an outline, for which only the first pages of each are found."""


class MemoryPart(ScrolledLines):
    """Reads another region at once, and the same one again as often as the budget allows."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._memory: RegionMemory | None = None
        self._inspector: Inspector | None = None
        """What reads the pages: another one while a moment of the past is shown."""
        self._read_of: AddressSpace | None = None
        """The address space at the last read of the pages."""
        self._outlined = False
        """Whether an outline of the pages was shown."""
        self._read_at = 0.0
        """The time of that read (monotonic)."""
        self._cost = 0.0
        """The CPU seconds it took."""

    def show_memory(self, memory: RegionMemory) -> None:
        """Show a region; if it is the same one, the page states read before stay until the next read."""
        before = self._memory
        same = before is not None and _identity(before) == _identity(memory)
        if before is not None and same:
            self._memory = memory._replace(states=before.states, held=before.held)
        elif before is not None and memory.row.ghost and before.row.region is memory.row.region:
            self._memory = memory._replace(held=before.row.counter("Rss"))
        else:
            self._memory, self._read_of, self._outlined = memory, None, False
        self.show(self._lines, reset=not same)

    @property
    def _is_gone(self) -> bool:
        return self._memory is not None and self._memory.row.ghost

    def _lines(self, width: int) -> Sequence[Line]:
        return () if self._memory is None else memory_lines(self._memory, width, self.size.height)

    def reading(self, subject: Subject, _point: Point | None, inspector: Inspector) -> Job | None:
        """Return a job that reads the region's pages, or None if it is too soon."""
        if inspector is not self._inspector:
            self._inspector = inspector
            self._forget()
        space, region = subject.space, subject.region
        waited = time.monotonic() - self._read_at
        if (
            region is None
            or self._is_gone
            or region.kernels_own
            or space is self._read_of
            or not (self._read_of is None or may_read(waited, self._cost))
        ):
            return None
        parts = _PARTS if not self._outlined and is_large(region.range, subject.page_size) else 0

        def read() -> Shown:
            begun = time.thread_time()
            states = inspector.pages(space, region, region.range, parts)
            cost = time.thread_time() - begun
            return lambda: self._show_states(subject, states, cost, outline=bool(parts))

        return read

    def _forget(self) -> None:
        """Show no page states until the next read."""
        self._read_of, self._outlined = None, False
        if self._memory is not None:
            self._memory = self._memory._replace(states=None)
            self.show(self._lines)

    def _show_states(self, subject: Subject, states: PageStates | Unavailable, cost: float, *, outline: bool) -> None:
        memory = self._memory
        if memory is None or self._is_gone or memory.row.region is not subject.region or not self.is_attached:
            return
        if outline:
            self._outlined = True
            self.post_message(ReadAgain())
        else:
            self._read_of, self._read_at, self._cost = subject.space, time.monotonic(), cost
        if states != memory.states:
            self._memory = memory._replace(states=states)
            self.show(self._lines)

    def on_resize(self) -> None:
        """Read what was skipped while there was no room for it."""
        self.post_message(ReadAgain())

    def on_show(self) -> None:
        """Read what was skipped while hidden."""
        self.post_message(ReadAgain())


def _identity(memory: RegionMemory) -> tuple[object, object]:
    return memory.space.process.key, memory.row.key
