"""Lines of spans, wrapped at words and scrolled; a row of figures stays as it is as long as it fits."""

from collections.abc import Callable, Sequence

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mmexplorer.present.text.line import Line
from mmexplorer.ui.paint import Brush, content

_MARGIN = 1
"""Cells at both sides of the text."""


class WrappedText(ScrollView, can_focus=True):
    """Text that changes each second: a `Static` would have the whole screen laid out for each change."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "WrappedText { height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compose_lines: Callable[[int], Sequence[Line]] = lambda _width: ()
        self._wrapped: dict[Line, list[Strip]] = {}
        self._strips: list[Strip] = []
        self._brush = Brush(self)

    def show(self, compose_lines: Callable[[int], Sequence[Line]], *, reset: bool = False) -> None:
        """Show the lines composed for the cells that one may have; `reset`: of another thing, begin at the top."""
        self._compose_lines = compose_lines
        self._write()
        if reset:
            self.scroll_to(y=0, animate=False, force=True)

    @property
    def rows(self) -> int:
        """How many rows the text has in the width it has."""
        return len(self._strips)

    def _write(self) -> None:
        width = self.scrollable_content_region.width - 2 * _MARGIN
        if width < 1:
            return
        kept, self._wrapped, before, self._strips = self._wrapped, {}, self._strips, []
        for line in self._compose_lines(width):
            self._wrapped[line] = wrapped = kept.get(line) or self._wrap(line, width)
            self._strips += wrapped
        if len(self._strips) != self.virtual_size.height:
            self.virtual_size = Size(width, len(self._strips))
        top = self.scroll_offset.y
        for y in range(top, top + self.size.height):
            if before[y : y + 1] != self._strips[y : y + 1]:
                self.refresh(Region(0, y - top, self.size.width, 1))

    def _wrap(self, line: Line, width: int) -> list[Strip]:
        text = content(self, line)
        indent = len(text.plain) - len(text.plain.lstrip(" "))
        # What goes on under an indented beginning stays under it, where there is room.
        indent = indent if 2 * indent < width else 0
        margin = Strip.blank(_MARGIN + indent, self._brush.style())
        wrapped = text[indent:].wrap(width - indent)
        return [Strip.join([margin, Strip(each.render_segments(self.visual_style))]) for each in wrapped] or [margin]

    def on_resize(self) -> None:
        """Wrap for another width."""
        self._wrapped.clear()
        self._write()

    def notify_style_update(self) -> None:
        """Take the colours from the theme again."""
        super().notify_style_update()
        self._brush.forget()
        self._wrapped.clear()
        self._write()

    def render_line(self, y: int) -> Strip:
        """Paint one line of what is seen."""
        at = self.scroll_offset.y + y
        blank = self._brush.style()
        strip = self._strips[at] if at < len(self._strips) else Strip([])
        return strip.adjust_cell_length(self.scrollable_content_region.width, blank)
