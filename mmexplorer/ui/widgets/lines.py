"""Widgets of styled lines, either as they are, or wrapped and scrolled."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.present.text.line import EMPTY, Line, plain
from mmexplorer.present.text.wrap import held_together
from mmexplorer.ui.paint import Brush, broken, content, fit, line_regions
from mmexplorer.ui.widgets.line_widget import LineWidget
from mmexplorer.ui.widgets.scroll_bar import HasLineScrollBar

LinesFor = Callable[[int], Sequence[Line]]
"""Composes lines for a width in cells."""

_NOTHING: LinesFor = lambda _width: ()  # noqa: E731 - a value, not a function that is called by name

_MARGIN = 1
"""Cells between a text and its scrollbar; padding would be on the far side of the scrollbar."""


class Lines(LineWidget):
    """Shows the result of `lines_for(width)`; a line that is too long ends in an ellipsis."""

    DEFAULT_CSS = "Lines { width: 1fr; height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines_for = _NOTHING
        self._lines: tuple[Line, ...] = ()
        self._composed_for = Size()
        self._brush = Brush(self)

    def show(self, lines_for: LinesFor) -> None:
        """Show other lines; only those that differ are painted."""
        before, self._lines_for = self._lines, lines_for
        self._compose_lines()
        if len(self._lines) != len(before) and self.styles.auto_dimensions:
            self.refresh(layout=True)
        changed = [y for y in range(self.size.height) if _at(before, y) != _at(self._lines, y)]
        if changed:
            self.refresh(*line_regions(changed, self.size.width))

    def _compose_lines(self) -> None:
        self._composed_for = self.size
        self._lines = tuple(self._lines_for(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of lines at this width."""
        return len(self._lines_for(width))

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
        super().notify_style_update()
        self._brush.forget()

    def draw_line(self, y: int) -> Strip:
        """Paint one line."""
        if self._composed_for != self.size:
            self._compose_lines()
        return _selected(self, Strip(self._brush.segments(fit(_at(self._lines, y), self.size.width))), y)

    def render_line(self, y: int) -> Strip:
        """Return one line for the mouse to select from."""
        return _selectable(self, self.draw_line(y), y)

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return "\n".join(plain(line) for line in self._lines)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text selected with the mouse, and what separates it from the next widget's."""
        return selection.extract(self.text), "\n"


class ScrolledLines(HasLineScrollBar, ScrollView, can_focus=True):
    """Scrolling lines, wrapped at words where they don't fit; a row of figures stays unchanged as long as it fits.

    For text that changes every second: a `Static` would lay out the whole screen for each change.
    """

    DEFAULT_CSS = """
    ScrolledLines { height: 1fr; padding-left: 1; overflow-x: hidden; overflow-y: scroll; scrollbar-size: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines_for = self._above = _NOTHING
        self._reset = False
        self._unwrapped: tuple[Line, ...] = ()
        self._wrapped: dict[Line, list[Strip]] = {}
        self._strips: list[Strip] = []
        self._brush = Brush(self)

    def show(self, lines_for: LinesFor, *, reset: bool = False, above: LinesFor = _NOTHING) -> None:
        """Show other lines; `reset` if they are about something else, which scrolls past the lines `above`."""
        self._lines_for = lines_for
        if reset:
            self._reset, self._above = True, above
        self._write(again=reset)

    @property
    def rows(self) -> int:
        """The number of rows at the current width."""
        return len(self._strips)

    @property
    def text(self) -> str:
        """The text of all rows, including those scrolled out of view."""
        return "\n".join(strip.text for strip in self._strips)

    def _write(self, *, again: bool = True) -> None:
        """Wrap and paint what differs; unless `again`, nothing if the lines are the same as before."""
        width = self.scrollable_content_region.width - _MARGIN
        if width < 1:
            return
        lines_before, self._unwrapped = self._unwrapped, tuple(self._lines_for(width))
        if self._unwrapped == lines_before and not again:
            return
        kept, self._wrapped, before, self._strips = self._wrapped, {}, self._strips, []
        for line in self._unwrapped:
            self._wrapped[line] = wrapped = kept.get(line) or self._wrap(line, width)
            self._strips += wrapped
        if len(self._strips) != self.virtual_size.height:
            self.set_virtual_size(Size(width, len(self._strips)))
            self.jump_to(self.scroll_offset.y)  # not past the end
            if self.styles.auto_dimensions:
                self.refresh(layout=True)
        self._scroll_past_what_is_above(width)
        top = self.scroll_offset.y
        lines = range(self.size.height)
        changed = [y for y in lines if before[top + y : top + y + 1] != self._strips[top + y : top + y + 1]]
        if changed:
            self.refresh(*line_regions(changed, self.scrollable_content_region.width))

    def _scroll_past_what_is_above(self, width: int) -> None:
        if self._reset:
            self._reset = False
            rows = sum(len(self._wrap(line, width)) for line in self._above(width))
            self.jump_to(rows)

    def _wrap(self, line: Line, width: int) -> list[Strip]:
        if sum(cell_len(text) for text, _ in line) <= width:
            return [Strip(self._brush.segments(line))]
        text = content(self, held_together(line))
        indent = len(text.plain) - len(text.plain.lstrip(" "))
        # Continuation lines keep the indent of the first, where there is room.
        indent = indent if 2 * indent < width else 0
        margin = Strip.blank(indent, self._brush.style())
        return [Strip.join([margin, row]) for row in broken(text[indent:], width - indent, self.visual_style)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return the number of rows at this width."""
        width -= self.scrollbar_size_vertical + _MARGIN
        return sum(len(self._wrap(line, width)) for line in self._lines_for(width))

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._wrapped.clear()
        self._write()

    def notify_style_update(self) -> None:
        """Reload the colours after a theme change."""
        super().notify_style_update()
        self._brush.forget()
        self._wrapped.clear()
        self._write()

    def draw_line(self, y: int) -> Strip:
        """Paint one visible line."""
        at = self.scroll_offset.y + y
        strip = self._strips[at] if at < len(self._strips) else Strip([])
        painted = strip.adjust_cell_length(self.scrollable_content_region.width, self._brush.style())
        return _selected(self, painted, at)

    def render_line(self, y: int) -> Strip:
        """Return one visible line for the mouse to select from."""
        return _selectable(self, self.draw_line(y), self.scroll_offset.y + y)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the text selected with the mouse, and what separates it from the next widget's."""
        return selection.extract(self.text), "\n"


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else EMPTY


def _selected(widget: Widget, strip: Strip, y: int) -> Strip:
    """Highlight the selected part of line `y` of the text."""
    span = widget.text_selection.get_span(y) if widget.allow_select and widget.text_selection is not None else None
    if span is None:
        return strip
    start, end = (strip.cell_length if cell < 0 else min(cell, strip.cell_length) for cell in span)
    style = widget.screen.get_component_rich_style("screen--selection")
    selected = Strip(Segment.apply_style(strip.crop(start, end), post_style=style))
    return Strip.join([strip.crop(0, start), selected, strip.crop(end)])


def _selectable(widget: Widget, strip: Strip, y: int) -> Strip:
    """Give each cell of line `y` its offset in the text, which Textual asks for when the mouse is used."""
    return strip.apply_offsets(0, y) if widget.allow_select else strip
