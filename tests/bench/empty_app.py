"""Explore's screen with nothing to show: our widgets in our layout, without any reading."""

from typing import Any

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer

from mmexplorer.present.explore.processes import PROCESS_COLUMNS
from mmexplorer.present.region.table import REGION_COLUMNS
from mmexplorer.present.text.column import Column
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.elf_pane import ElfPane
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.themes import DEFAULT_THEME, THEMES
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.table.table import Table


def _table(columns: tuple[Column[Any], ...]) -> Table[Any]:
    return Table(columns, key=id)


class EmptyApp(App[None]):
    """Composes the same widgets as Explore."""

    CSS = "#panes { height: 1fr; } AddressStrip { height: 2; padding: 0 1; } Details { height: 12; }"
    BINDINGS = bindings("everywhere", "explore")

    def compose(self) -> ComposeResult:
        """Lay out header, panes, strip, details and footer."""
        yield TopLine("Explore")
        with Horizontal(id="panes"):
            for columns in (PROCESS_COLUMNS, REGION_COLUMNS):
                with Pane():
                    yield _table(columns)
            yield ElfPane(lambda _file, image: image)
        yield AddressStrip()
        yield Details()
        yield Prompt()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Use our colours."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME


if __name__ == "__main__":
    EmptyApp().run()
