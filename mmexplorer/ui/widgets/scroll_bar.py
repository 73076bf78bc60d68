"""A scrollbar that paints the cells that look different, and nothing while none does.

Textual's paints all of itself for each row that is scrolled, though its thumb moves by an eighth of a cell at most.
"""

from collections.abc import Sequence
from math import ceil
from typing import Self, cast

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.ui.paint import line_regions


def thumb(height: int, lines: int, window: int, position: float, parts: int) -> tuple[int, int]:
    """Say where the thumb begins and how long it is, in the `parts` of a cell that are drawn, as Textual rounds it.

    `window` of so many lines are seen, from `position` on.
    """
    hidden = lines - window
    if not window or hidden <= 0:
        return 0, 0
    length = max(1.0, window * height / lines)
    return int((height - length) * position / hidden * parts), ceil(length * parts)


class LineScrollBar(ScrollBar):
    """Stands at the right of what is scrolled."""

    position: Reactive[float] = Reactive(0.0, repaint=False)
    window_virtual_size: Reactive[int] = Reactive(100, repaint=False)
    window_size: Reactive[int] = Reactive(0, repaint=False)

    def __init__(self, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._shown: Sequence[Segment] = ()
        """A segment for each line; none where all have to be drawn again."""
        self._thumb_shown = (0, 0)

    def watch_position(self) -> None:
        """The view moved."""
        self._refresh_changed()

    def watch_window_virtual_size(self) -> None:
        """There is more to be scrolled, or less."""
        self._refresh_changed()

    def watch_window_size(self) -> None:
        """The view has another height."""
        self._refresh_changed()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint parts, or all as it is now to be drawn."""
        if not regions:
            self._shown = ()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Take the colours from the theme again."""
        super().notify_style_update()
        self._shown = ()

    def _refresh_changed(self) -> None:
        before = self._shown
        if not before or len(before) != self.size.height:
            self.refresh()
            return
        if self._thumb == self._thumb_shown:
            return
        self._shown = after = self._drawn()
        changed = [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        if changed:
            self.refresh(*line_regions(changed, self.size.width))

    @property
    def _thumb(self) -> tuple[int, int]:
        parts = len(self.renderer.VERTICAL_BARS)
        return thumb(self.size.height, self.window_virtual_size, self.window_size, self.position, parts)

    def _drawn(self) -> Sequence[Segment]:
        self._thumb_shown = self._thumb
        drawing = cast("ScrollBarRender", self.render())
        style = cast("Style", drawing.style)
        colors = [color for color in (style.bgcolor, style.color) if color is not None]
        bar = self.renderer.render_bar(
            self.size.height,
            drawing.virtual_size,
            drawing.window_size,
            drawing.position,
            self.size.width,
            True,
            *colors,
        )
        # Of a position past the end, as it is until the view has moved back, Textual makes more than there are lines.
        return bar.segments[: self.size.height]

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        if len(self._shown) != self.size.height:
            self._shown = self._drawn()
        return Strip([self._shown[y]])


class HasLineScrollBar(Widget):
    """What is scrolled by lines."""

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar; made when it is first asked for."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = LineScrollBar(self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)  # noqa: SLF001 - as Textual starts its own
        return self._vertical_scrollbar

    def set_virtual_size(self, size: Size) -> None:
        """Say how much there is to be scrolled. Nothing but the scrollbar depends on the height.

        Telling all, as Textual does, would lay out the whole screen.
        """
        if size.width != self.virtual_size.width or not self.size:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
