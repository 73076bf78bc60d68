"""The terms used in the current step, with their meanings."""

from collections.abc import Mapping

from textual.binding import Binding

from mmexplorer.present.labs.page import glossary_lines
from mmexplorer.ui.widgets.text_box import TextBox

_WIDTH = 84


class GlossaryScreen(TextBox):
    """Also closed by the key that opened it."""

    BINDINGS = [Binding("t", "dismiss", "Close", show=False)]

    def __init__(self, terms: Mapping[str, str]) -> None:
        super().__init__("Terms", _WIDTH, lambda width: tuple(glossary_lines(terms, width)))
