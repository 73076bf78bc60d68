"""Widgets that paint line by line, without what Textual does to the lines of any widget."""

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.model.typed import Self
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


class _Finish:
    """Turns the strips of lines into what is painted, all in one look."""

    def __init__(self, look: _Look) -> None:
        self.look = look
        self.strips: dict[int, tuple[Strip, Strip]] = {}
        """Painted strips by the identity of those they were made of, which are kept alive so that no id is reused."""
        self._blank = Style(bgcolor=look.background.rich_color)
        self._unchanged: dict[int, Style | None] = {}
        """The styles that the filters leave as they are, by identity: in most terminals, all of them."""

    def __call__(self, strip: Strip) -> Strip:
        """Return a strip as it is painted; the same object for the same strip, as when rows scroll."""
        known = self.strips.get(id(strip))
        if known is None:
            known = self.strips[id(strip)] = strip, self._painted(strip)
        return known[1]

    def _painted(self, strip: Strip) -> Strip:
        """Add the padding, apply the filters, and cut."""
        look = self.look
        if look.left:
            strip = Strip([Segment(" " * look.left, self._blank), *strip], look.left + strip.cell_length)
        if not all(self._stays(style) for style in {id(style): style for _, style, _ in strip}.values()):
            for line_filter in look.filters:
                strip = strip.apply_filter(line_filter, look.background)
        start, end = look.span
        return strip if start == 0 and strip.cell_length == end else crop_extend(strip, start, end, self._blank)

    def _stays(self, style: Style | None) -> bool:
        """Return whether the filters leave a style as it is."""
        if id(style) in self._unchanged:
            return True
        before = [Segment(" ", style)]
        if any(each.apply(before, self.look.background) != before for each in self.look.filters):
            return False
        self._unchanged[id(style)] = style
        return True


class LineWidget(Widget):
    """A widget without border whose lines are as wide as its content."""

    _finish: _Finish | None = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint some regions, or all of it.

        Textual tells the screen of regions by three messages, which take longer than painting a line.
        """
        if not regions or not repaint or layout or recompose or not self.is_mounted or not self.is_attached:
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        screen = self.screen
        self._set_dirty(*regions)
        if self.display and self in screen._compositor:  # noqa: SLF001 - as the screen does at the last message
            screen._dirty_widgets.add(self)  # noqa: SLF001
            screen.check_idle()
        return self

    def draw_lines(self, lines: Iterable[int]) -> list[Strip]:
        """Return some lines."""
        return [self.draw_line(y) for y in lines]

    def draw_line(self, y: int) -> Strip:
        """Return one line of the content as it looks; `render_line` may also say which cell is where in the text."""
        return self.render_line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint some lines: as `draw_line` returns them, behind the padding.

        If there is neither border nor opacity, Textual's own way would build three strips per line for the same result.
        """
        padding, gutter = self.styles.padding, self.styles.gutter
        if self.opacity != 1 or gutter.height or gutter.width != padding.width:
            return super().render_lines(crop)
        look, finish = (
            _Look(padding.left, crop.column_span, self.background_colors[1], tuple(self.get_line_filters())),
            self._finish,
        )
        if finish is None or look != finish.look or len(finish.strips) > _SCREENS * self.size.height:
            finish = self._finish = _Finish(look)
        return [finish(strip) for strip in self.draw_lines(crop.line_range)]
