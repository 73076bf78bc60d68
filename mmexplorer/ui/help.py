"""The help screen: every key with what it does, generated from the registry of actions."""

from collections.abc import Iterator

from textual.binding import Binding

from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped
from mmexplorer.ui.keys import ACTIONS, PLACES
from mmexplorer.ui.widgets.text_box import TextBox

_KEYS = 14
"""Cells for the keys, so that the sentences line up."""
_WIDTH = 112


class HelpScreen(TextBox):
    """Shows one heading per place and one line per key."""

    BINDINGS = [Binding("question_mark", "dismiss", "Close", show=False)]

    def __init__(self) -> None:
        super().__init__("Keys", _WIDTH, lambda width: tuple(_lines(width)))


def _lines(width: int) -> Iterator[Line]:
    for number, (place, heading) in enumerate(PLACES.items()):
        if number:
            yield EMPTY
        yield line(span(heading, Tone.BRIGHT))
        for action in ACTIONS:
            if action.where == place:
                yield from wrapped(line(action.help), width, line(span(f"  {action.shown:<{_KEYS}}", Tone.ACCENT)))
