"""The minimal Textual app: one text and the footer."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Footer, Static


class BareApp(App[None]):
    """One text and the footer."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """Lay out both."""
        yield Static("bare")
        yield Footer(show_command_palette=False)


if __name__ == "__main__":
    BareApp().run()
