"""A text in a box over the screen."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from mmexplorer.ui.terminal.current_size import CurrentSize
from mmexplorer.ui.widgets.lines import LinesFor, ScrolledLines


class TextBox(CurrentSize, ModalScreen[None]):
    """Closed by Esc, q and Enter; a subclass adds the key that opened it."""

    BINDINGS = [Binding("escape,q,enter", "dismiss", "Close", show=False)]
    DEFAULT_CSS = """
    TextBox {
        align: center middle;
        ScrolledLines { max-width: 100%; height: auto; max-height: 100%; border: round $border; background: $surface; }
    }
    """

    def __init__(self, title: str, width: int, lines_for: LinesFor) -> None:
        """Keep the contents; `width` is that of the box in cells, if the terminal is wide enough."""
        super().__init__()
        self._box_title = title
        self._box_width = width
        self._lines_for = lines_for

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        box = ScrolledLines()
        box.border_title = self._box_title
        box.border_subtitle = "Esc closes"
        box.styles.width = self._box_width
        box.show(self._lines_for)
        yield box
