"""The address space at a glance, below the panes."""

import asyncio
from collections.abc import Sequence
from functools import partial

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from mmexplorer.model.region import Range
from mmexplorer.present.region.address_strip import (
    Cell,
    Drawing,
    Extent,
    Lit,
    draw,
    mark,
    strip_line,
    with_fault,
    with_lit,
    with_touched,
)
from mmexplorer.present.region.kinds import legend
from mmexplorer.present.text.format import address
from mmexplorer.present.text.line import EMPTY, Line, Tone, span
from mmexplorer.ui.paint import Brush, fit
from mmexplorer.ui.widgets.line_widget import LineWidget
from mmexplorer.ui.workers import start_worker

_ROOM_FOR_ADDRESSES = 100
"""Minimum width in cells to show the first and last address at the ends."""

_ROOM_FOR_LEGEND = 120
"""Minimum width in cells at which an `auto` height has a second row."""

_AT_ONCE = 2_000
"""Regions; a strip of more is drawn in a thread, because it would delay the event loop by milliseconds."""


class AddressStrip(LineWidget):
    """One row that shows every region, and a second with the legend if the widget is high enough."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "AddressStrip { width: 1fr; height: auto; }"

    class Picked(Message):
        """A click on the strip."""

        def __init__(self, strip: "AddressStrip", address: int) -> None:
            super().__init__()
            self.strip = strip
            self.address = address
            """The first address of the clicked cell; inside a region unless a hole was clicked."""

        @property
        def control(self) -> "AddressStrip":
            """The strip, for `on(AddressStrip.Picked, "#strip")`."""
            return self.strip

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._extents: Sequence[Extent] = ()
        self._selected: Range | None = None
        self._fault: int | None = None
        self._touched: Sequence[int] = ()
        self._lit: Sequence[Lit] = ()
        self._nothing: Line = EMPTY
        self._drawing = Drawing()
        self._cells: tuple[Cell, ...] = ()
        self._brush = Brush(self)

    def show(
        self,
        extents: Sequence[Extent],
        selected: Range | None,
        fault: int | None = None,
        touched: Sequence[int] = (),
        lit: Sequence[Lit] = (),
        *,
        nothing: Line = EMPTY,
    ) -> None:
        """Show these regions, ascending, with `selected` marked; paint nothing if they look the same as before.

        `fault` is the address at which a program crashed; a trace saw page faults at those of `touched`; `lit` has the
        changes of the last refresh. `nothing` says why there are no regions.
        """
        if nothing != self._nothing and not extents:
            self.refresh()
        self._nothing = nothing
        marks = (selected, fault, touched, lit)
        same = extents is self._extents
        if same and marks == (self._selected, self._fault, self._touched, self._lit):
            return
        self._extents = extents
        self._selected, self._fault, self._touched, self._lit = marks
        if not same:
            self._scale()
        elif self._mark():
            self.refresh(Region(0, 0, self.size.width, 1))  # the legend stays

    def _scale(self) -> None:
        room = self.size.width - 2 * self._margin
        if len(self._extents) <= _AT_ONCE:
            self._take(draw(self._extents, room))
        elif self.is_attached:
            start_worker(self, partial(self._scale_beside, self._extents, room), exclusive=True, group="scale")

    async def _scale_beside(self, extents: Sequence[Extent], room: int) -> None:
        drawing = await asyncio.to_thread(draw, extents, room)
        if extents is self._extents:
            self._take(drawing)

    def _take(self, drawing: Drawing) -> None:
        others = drawing.kinds != self._drawing.kinds
        self._drawing = drawing
        if self._mark() or others:
            self.refresh()

    def _mark(self) -> bool:
        """Mark the cells; return whether any looks different."""
        cells = with_lit(self._drawing.cells, self._lit)
        if self._selected is not None:
            cells = mark(cells, self._selected)
        if self._touched:
            cells = with_touched(cells, self._touched)
        if self._fault is not None:
            cells = with_fault(cells, self._fault)
        before, self._cells = self._cells, cells
        return cells != before

    @property
    def _ends(self) -> tuple[str, str]:
        if not self._extents or self.size.width < _ROOM_FOR_ADDRESSES:
            return "", ""
        return f"{address(self._extents[0].range.start)} ", f" {address(self._extents[-1].range.end)}"

    @property
    def _margin(self) -> int:
        """Cells on each side of the strip."""
        return max(map(len, self._ends))

    def on_resize(self) -> None:
        """Scale the strip to the new width."""
        self._scale()

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
        super().notify_style_update()
        self._brush.forget()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return 2 if there is room for the legend, else 1."""
        return 2 if width >= _ROOM_FOR_LEGEND else 1

    def render_line(self, y: int) -> Strip:
        """Paint the strip, or the legend below it."""
        line = (self._strip_line, self._legend)[y] if y < 2 else EMPTY  # noqa: PLR2004 - two rows
        return Strip(self._brush.segments(fit(line, self.size.width)))

    @property
    def _strip_line(self) -> Line:
        if not self._extents:
            return self._nothing
        first, last = self._ends
        margin = self._margin
        return (
            *fit((span(first, Tone.DIM),), margin),
            *strip_line(self._cells),
            *fit((span(last, Tone.DIM),), margin, "right"),
        )

    @property
    def _legend(self) -> Line:
        margin = self._margin
        return (span(" " * margin), *legend(self._drawing.kinds, max(0, self.size.width - 2 * margin)))

    def on_click(self, event: events.Click) -> None:
        """Post the address that was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y > 0:
            return
        place = offset.x - self._margin
        if 0 <= place < len(self._cells):
            self.post_message(self.Picked(self, self._cells[place].range.start))
