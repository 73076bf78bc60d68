"""Lines of spans that are composed anew for the width they have, as many as it takes; scrolled where they don't fit."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from mmexplorer.present.text.line import Line
from mmexplorer.ui.paint import contents

LinesFor = Callable[[int], Sequence[Line]]
"""Composes lines for a width in cells; none of them may be wider."""


class SpanLines(Widget):
    """Shows what `lines_for(width)` gives."""

    DEFAULT_CSS = "SpanLines { width: 1fr; height: auto; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines_for: LinesFor = lambda _width: ()

    def show(self, lines_for: LinesFor) -> None:
        """Show other lines; nothing is painted when they read as before."""
        before = self._lines_for(self.size.width)
        self._lines_for = lines_for
        after = lines_for(self.size.width)
        if after != before:
            self.refresh(layout=len(after) != len(before))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """As many lines as there are at this width."""
        return len(self._lines_for(width))

    def render(self) -> Content:
        """Compose the lines for today's width and colours."""
        return contents(self, self._lines_for(self.size.width))


class ScrolledLines(VerticalScroll):
    """The same in a box that scrolls; the bar at its right says that there is more."""

    DEFAULT_CSS = "ScrolledLines { height: 1fr; padding: 0 0 0 1; scrollbar-size: 0 1; scrollbar-gutter: stable; }"

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        yield SpanLines()

    def show(self, lines_for: LinesFor, top: Callable[[int], int] | None = None) -> None:
        """Show other lines; `top` tells, for a width, which of them is to be the first in sight, None: as it is."""
        lines = self.query_one(SpanLines)
        lines.show(lines_for)
        if top is not None:
            self.call_after_refresh(lambda: self.scroll_to(y=top(lines.size.width), animate=False))
