"""A bordered part of a screen with a title at the left, a summary at the right and hints below."""

from textual.containers import Vertical
from textual.content import Content

from mmexplorer.present.spans import EMPTY, Line, span
from mmexplorer.ui.paint import content


class Pane(Vertical):
    """Holds the widgets of one subject; the border lights up while one of them has the focus."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-blurred;
        border-title-color: $text;
        border-subtitle-color: $text-muted;
        border-title-align: left;
        border-subtitle-align: left;
        &:focus-within { border: round $border; }
    }
    """

    _upper = _lower = Content()
    """What stands in the border: writing it paints the whole pane, even if it reads as before."""

    def entitle(self, title: Line, summary: Line = EMPTY) -> None:
        """Write the title into the upper border; the summary follows it, set off by a line."""
        full = (*title, span(" ─ "), *summary) if summary else title
        text = content(self, full)
        if not text.is_same(self._upper):
            self._upper = self.border_title = text

    def hint(self, hint: Line) -> None:
        """Write what one can do here into the lower border."""
        text = content(self, hint)
        if not text.is_same(self._lower):
            self._lower = self.border_subtitle = text
