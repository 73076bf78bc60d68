"""A small app with one table, and what it shows on the screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from textual.app import App, ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.terminal.compositor import PartCompositor
from mmexplorer.ui.themes import DEFAULT_THEME, THEMES
from mmexplorer.ui.widgets.table.table import Table


@dataclass(frozen=True, slots=True)
class Item:
    """A row."""

    number: int
    name: str = ""
    size: int = 0
    change: str = ""


COLUMNS: tuple[Column[Item], ...] = (
    Column("number", "NO", 6, lambda item: line(str(item.number)), align="right"),
    Column("size", "SIZE", 6, lambda item: (span(str(item.size), Tone.BRIGHT),), align="right", priority=1),
    Column("double", "DOUBLE", 8, lambda item: line(str(2 * item.size)), align="right", priority=2),
    Column("name", "NAME", 10, lambda item: line(item.name), flexible=True),
)
"""33 cells in total; 24 without DOUBLE; 17 without SIZE."""


def items(*numbers: int) -> tuple[Item, ...]:
    """Return a row for each number."""
    return tuple(Item(number, f"name{number}", number * 10) for number in numbers)


@dataclass
class Keys:
    """The key function of the table, which counts its calls."""

    calls: int = 0

    def __call__(self, item: Item) -> int:
        """Return the number of the row."""
        self.calls += 1
        return item.number


class CountingTable(Table[Item]):
    """Records which lines of the screen are painted."""

    painted: list[int]

    def draw_lines(self, lines: Iterable[int]) -> list[Strip]:
        """Paint some lines and record them."""
        lines = list(lines)
        self.painted += lines
        return super().draw_lines(lines)


_TONES = {"+": Tone.ADDED, "-": Tone.REMOVED}


@dataclass
class Heard:
    """The messages of the table, in order."""

    messages: list[Message] = field(default_factory=list)

    @property
    def highlighted(self) -> list[tuple[int | None, bool]]:
        """The number of the row and whether the user moved there, for each message."""
        told = [message for message in self.messages if isinstance(message, Table.Highlighted)]
        return [(message.row.number if message.row else None, message.by_user) for message in told]

    @property
    def activated(self) -> list[int]:
        """The rows that were opened."""
        return [message.row.number for message in self.messages if isinstance(message, Table.Activated)]

    @property
    def sorted_by(self) -> list[str]:
        """The keys of the columns whose titles were clicked."""
        return [message.column.key for message in self.messages if isinstance(message, Table.HeaderClicked)]


class PartScreen(Screen[None]):
    """Paints the way the program's screens do."""

    def __init__(self) -> None:
        super().__init__(id="_default")
        self._compositor = PartCompositor()


class TableApp(App[None]):
    """One table, and what `extra` adds."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        rows: Sequence[Item] = (),
        columns: Sequence[Column[Item]] = COLUMNS,
        *,
        marked: bool = False,
        extra: Sequence[Widget] = (),
    ) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
        self.keys = Keys()
        self.heard = Heard()
        self.table = CountingTable(
            columns,
            key=self.keys,
            mark=(lambda item: item.change) if marked else None,
            tone=(lambda item: _TONES.get(item.change)) if marked else None,
            empty=line("nothing to see: ", span("no [rows] at all", Tone.WARN)),
            id="table",
        )
        self.table.painted = []
        self._rows = rows
        self._extra = extra

    def get_default_screen(self) -> Screen[None]:
        """Use our compositor."""
        return PartScreen()

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield self.table
        yield from self._extra

    def on_mount(self) -> None:
        """Set the table's rows."""
        self.table.set_rows(self._rows)
        self.table.focus()

    def on_table_highlighted(self, message: Table.Highlighted) -> None:
        """Record the message."""
        self.heard.messages.append(message)

    def on_table_activated(self, message: Table.Activated) -> None:
        """Record the message."""
        self.heard.messages.append(message)

    def on_table_header_clicked(self, message: Table.HeaderClicked) -> None:
        """Record the message."""
        self.heard.messages.append(message)

    @property
    def seen(self) -> list[str]:
        """The lines of the screen, without trailing blanks and the scrollbar."""
        return [strip.crop(0, self.size.width - 1).text.rstrip() for strip in self.screen._compositor.render_strips()]

    @property
    def cursor_line(self) -> int:
        """The screen line with the cursor's bar."""
        return next(y for y, text in enumerate(self.seen) if text.startswith("▌"))
