"""Every key with what it does, made from the registry of actions."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from mmexplorer.present.spans import EMPTY, Line, Tone, line, span
from mmexplorer.ui.actions import ACTIONS, PLACES
from mmexplorer.ui.paint import contents

_KEYS = 14
"""Cells for the keys, so that the sentences stand under each other."""


def help_lines() -> tuple[Line, ...]:
    """Give the help text: a heading a place, a line a key."""
    lines: list[Line] = []
    for place, heading in PLACES.items():
        lines += [EMPTY] if lines else []
        lines.append(line(span(heading, Tone.BRIGHT)))
        lines += [
            line(span(f"  {action.shown:<{_KEYS}}", Tone.ACCENT), action.help)
            for action in ACTIONS
            if action.where == place
        ]
    return tuple(lines)


class HelpScreen(ModalScreen[None]):
    """Closed by the keys one would try: Esc, q, ?, Enter."""

    BINDINGS = [Binding("escape,q,question_mark,enter", "dismiss", "Close", show=False)]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        VerticalScroll {
            width: 112; max-width: 100%; height: auto; max-height: 100%;
            padding: 0 1; border: round $border; background: $surface;
        }
        Static { width: 100%; }
    }
    """

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with VerticalScroll() as box:
            box.border_title = "Keys"
            box.border_subtitle = "Esc closes"
            yield Static(id="keys")

    def on_mount(self) -> None:
        """Write it once the colours are known."""
        self.query_one("#keys", Static).update(contents(self, help_lines()))
