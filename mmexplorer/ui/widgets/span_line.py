"""One line of spans that is composed anew for the width it has."""

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from mmexplorer.present.text.line import EMPTY, Line
from mmexplorer.ui.paint import content


class SpanLine(Widget):
    """Shows what `compose_line(width)` gives; `show` when that has changed."""

    DEFAULT_CSS = "SpanLine { height: 1; width: 100%; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compose_line: Callable[[int], Line] = lambda _width: EMPTY

    def show(self, compose_line: Callable[[int], Line]) -> None:
        """Show another line; nothing is painted when it reads as before."""
        before = self._compose_line(self.size.width)
        self._compose_line = compose_line
        if compose_line(self.size.width) != before:
            self.refresh()

    def render(self) -> Content:
        """Compose the line for today's width."""
        return content(self, self._compose_line(self.size.width))
