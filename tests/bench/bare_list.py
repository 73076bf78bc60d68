"""A list in bare Textual: one widget that paints two lines for each `j`."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class BareList(Widget, can_focus=True):
    """Lines, one of which has the cursor."""

    BINDINGS: ClassVar = [("j", "down", "Down")]
    cursor = 0

    def action_down(self) -> None:
        """Move the cursor a line down; from the last line to the first."""
        before, self.cursor = self.cursor, (self.cursor + 1) % self.size.height
        self.refresh(*(Region(0, y, self.size.width, 1) for y in (before, self.cursor)))

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        return Strip([Segment(f"line {y}".ljust(self.size.width), Style(reverse=y == self.cursor))])


class BareListApp(App[None]):
    """Only the list."""

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield BareList()


if __name__ == "__main__":
    BareListApp().run()
