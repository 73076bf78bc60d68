"""The terms of the step on the screen, each with what it means."""

from collections.abc import Iterator, Mapping

from textual.binding import Binding

from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped
from mmexplorer.ui.widgets.text_box import TextBox

_WIDTH = 84


class GlossaryScreen(TextBox):
    """Each term above its meaning."""

    BINDINGS = [Binding("t", "dismiss", "Close", show=False)]

    def __init__(self, terms: Mapping[str, str]) -> None:
        super().__init__("Terms", _WIDTH, lambda width: tuple(_entries(terms, width)))


def _entries(terms: Mapping[str, str], width: int) -> Iterator[Line]:
    if not terms:
        yield line("This page uses no term that the glossary explains.")
    for place, (term, meaning) in enumerate(terms.items()):
        if place:
            yield EMPTY
        yield line(span(term, Tone.ACCENT))
        yield from wrapped(line(meaning), width, line("  "))
