"""A scrollbar that repaints only the cells that change.

Textual's own repaints completely for each row scrolled, though its thumb moves by an eighth of a cell at most.
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
from mmexplorer.ui.widgets.line_widget import LineWidget


def thumb(height: int, lines: int, window: int, position: float, parts: int) -> tuple[int, int]:
    """Return the thumb's start and length in the `parts` of a cell that can be drawn, rounded as Textual does.

    Of the `lines`, `window` are visible, from `position` on.
    """
    hidden = lines - window
    if not window or hidden <= 0:
        return 0, 0
    length = max(1.0, window * height / lines)
    return int((height - length) * position / hidden * parts), ceil(length * parts)


class LineScrollBar(ScrollBar):
    """The scrollbar on the right."""

    position: Reactive[float] = Reactive(0.0, repaint=False)
    window_virtual_size: Reactive[int] = Reactive(100, repaint=False)
    window_size: Reactive[int] = Reactive(0, repaint=False)

    def __init__(self, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._shown: Sequence[Segment] = ()
        """One segment per line; empty if all must be drawn again."""
        self._thumb_shown = (0, 0)

    def watch_position(self) -> None:
        """Repaint after the view moved."""
        self._refresh_changed()

    def watch_window_virtual_size(self) -> None:
        """Repaint after the content grew or shrank."""
        self._refresh_changed()

    def watch_window_size(self) -> None:
        """Repaint after the view's height changed."""
        self._refresh_changed()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint some regions, or all of it."""
        if not regions:
            self._shown = ()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
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
        # For a position past the end, until the view has moved back, Textual returns more segments than lines.
        return bar.segments[: self.size.height]

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        if len(self._shown) != self.size.height:
            self._shown = self._drawn()
        return Strip([self._shown[y]])


class HasLineScrollBar(LineWidget):
    """A widget that scrolls by lines."""

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar, created on first access."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = LineScrollBar(self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)  # noqa: SLF001 - as Textual starts its own
        return self._vertical_scrollbar

    def jump_to(self, line: int) -> None:
        """Scroll to a line at once, or as near to it as possible.

        Textual's `scroll_to` does so by validating and watching each of several values, which takes as long as painting
        a few rows.
        """
        self.app.animator.force_stop_animation(self, "scroll_y")
        before, after = self.scroll_y, max(0, min(line, self.max_scroll_y))
        self.set_reactive(Widget.scroll_target_y, after)
        if after != before:
            self.set_reactive(Widget.scroll_y, after)
            self.watch_scroll_y(before, after)

    def set_virtual_size(self, size: Size) -> None:
        """Set the size of the content. Only the scrollbar depends on the height.

        Textual's own way of setting it lays out the whole screen.
        """
        if size.width != self.virtual_size.width or not self.size:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
