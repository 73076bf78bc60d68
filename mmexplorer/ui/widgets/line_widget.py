"""Widgets that paint line by line, without what Textual does to the lines of any widget."""

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.model.value import NamedTuple
from mmexplorer.ui.paint import crop_extend

_SCREENS = 3
"""Painted lines that are kept, as a multiple of the visible ones."""


class _Look(NamedTuple):
    """What the painted strip of a line depends on, other than the line."""

    left: int
    """Cells of padding."""
    span: tuple[int, int]
    """The first cell that is painted, and the one after the last."""
    background: Color
    filters: tuple[LineFilter, ...]

    def finish(self, strip: Strip) -> Strip:
        """Add the padding, apply the filters, and cut."""
        blank = Style(bgcolor=self.background.rich_color)
        if self.left:
            strip = Strip([Segment(" " * self.left, blank), *strip], self.left + strip.cell_length)
        for line_filter in self.filters:
            strip = strip.apply_filter(line_filter, self.background)
        return crop_extend(strip, *self.span, blank)


class LineWidget(Widget):
    """A widget without border whose lines are as wide as its content."""

    _look_of_finished: _Look | None = None
    _finished: dict[int, tuple[Strip, Strip]]
    """Painted strips by the identity of those they were made of, which are kept alive so that no id is reused."""

    def draw_line(self, y: int) -> Strip:
        """Return one line of the content as it looks; `render_line` may also say which cell is where in the text."""
        return self.render_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint some lines: as `draw_line` returns them, behind the padding.

        If there is neither border nor opacity, Textual's own way would build three strips per line for the same result.
        """
        left, gutter = self.styles.padding.left, self.styles.gutter
        if self.opacity != 1 or gutter.height or gutter.width != left:
            return super().render_lines(crop)
        look = _Look(left, crop.column_span, self.background_colors[1], tuple(self.get_line_filters()))
        if look != self._look_of_finished or len(self._finished) > _SCREENS * self.size.height:
            self._look_of_finished, self._finished = look, {}
        return [self._finish(self.draw_line(y), look) for y in crop.line_range]

    def _finish(self, strip: Strip, look: _Look) -> Strip:
        """Return the strip as it is painted; the same object for the same strip, as when rows scroll."""
        known = self._finished.get(id(strip))
        if known is None:
            known = self._finished[id(strip)] = strip, look.finish(strip)
        return known[1]
