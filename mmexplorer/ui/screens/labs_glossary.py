"""The terms of the step on the screen, each with what it means."""

from collections.abc import Iterator, Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from mmexplorer.present.flow import wrapped
from mmexplorer.present.spans import EMPTY, Line, Tone, line, span
from mmexplorer.ui.widgets.span_lines import ScrolledLines


class GlossaryScreen(ModalScreen[None]):
    """Closed by the keys one would try: Esc, q, t, Enter."""

    BINDINGS = [Binding("escape,q,t,enter", "dismiss", "Close", show=False)]
    DEFAULT_CSS = """
    GlossaryScreen {
        align: center middle;
        ScrolledLines {
            width: 84; max-width: 100%; height: auto; max-height: 100%;
            padding: 0 1; border: round $border; background: $surface;
        }
    }
    """

    def __init__(self, terms: Mapping[str, str]) -> None:
        super().__init__()
        self._terms = terms

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        box = ScrolledLines()
        box.border_title = "Terms"
        box.border_subtitle = "Esc closes"
        yield box

    def on_mount(self) -> None:
        """Write it."""
        box = self.query_one(ScrolledLines)
        box.show(lambda width: tuple(_entries(self._terms, width)))
        box.focus()


def _entries(terms: Mapping[str, str], width: int) -> Iterator[Line]:
    if not terms:
        yield line("This page uses no term that the glossary explains.")
    for place, (term, meaning) in enumerate(terms.items()):
        if place:
            yield EMPTY
        yield line(span(term, Tone.ACCENT))
        yield from wrapped(line(meaning), width, line("  "))
