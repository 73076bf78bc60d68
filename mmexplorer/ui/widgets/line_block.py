"""A block of lines that fits its place: composed anew for another size, painted where it reads differently."""

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.present.text.line import EMPTY, Line
from mmexplorer.ui.paint import Brush, fit


class LineBlock(Widget):
    """The subclass composes the lines; one that is too long ends in an ellipsis."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._brush = Brush(self)

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:
        """Give the lines for a block of that many cells and rows."""
        raise NotImplementedError

    def recompose_lines(self) -> None:
        """Paint the lines that read differently now."""
        if not self.size:
            return
        before, self._lines = self._lines, tuple(self.compose_lines(self.size.width, self.size.height))
        for y in range(self.size.height):
            if _at(before, y) != _at(self._lines, y):
                self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        """Compose for the new size."""
        self.recompose_lines()

    def notify_style_update(self) -> None:
        """Take the colours from the theme again."""
        super().notify_style_update()
        self._brush.forget()

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        return Strip(self._brush.segments(fit(_at(self._lines, y), self.size.width)))


def _at(lines: tuple[Line, ...], y: int) -> Line:
    return lines[y] if y < len(lines) else EMPTY
