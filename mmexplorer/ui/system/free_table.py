"""The table of free(1) with a cursor, the bar that adds up to the total, and the limit that applies."""

from collections.abc import Sequence

from textual import events
from textual.message import Message

from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.present.system.free import Unit
from mmexplorer.present.system.free_table import UNITS, free_block, topic_at
from mmexplorer.present.system.view import KBMEMUSED, TOPICS
from mmexplorer.present.text.line import Line
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines


class FreeTable(Lines, can_focus=True):
    """Keeps the unit and the selected figure."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "FreeTable { height: 1fr; }"
    BINDINGS = bindings("free")

    class Picked(Message):
        """The user asked about another figure; see `asked`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: SystemSnapshot | None = None
        self._before_swap = TOPICS[0]
        self.topic = "available"
        """The figure under the cursor: one of `TOPICS`."""
        self.asked = self.topic
        """The topic to explain: the figure under the cursor, or `KBMEMUSED`."""
        self.unit = Unit.HUMAN

    def show_figures(self, snapshot: SystemSnapshot) -> None:
        """Show other figures."""
        self._snapshot = snapshot
        self.show(self._block)

    def next_unit(self) -> None:
        """Switch to the next unit."""
        self.unit = UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)]
        self.show(self._block)

    def ask_why(self) -> None:
        """Ask why sar's kbmemused differs from free's used; a second time, return to the figure under the cursor."""
        self.asked = KBMEMUSED if self.asked != KBMEMUSED else self.topic

    def _block(self, width: int) -> Sequence[Line]:
        """Return the table, the bar and the limit."""
        if self._snapshot is None:
            return ()
        return free_block(self._snapshot, self.unit, self.topic, width, self.size.height)

    def action_field(self, by: int) -> None:
        """Move to the next figure of the upper row, or the previous one."""
        self._pick(TOPICS[max(0, min(TOPICS.index(self.topic) + by, len(TOPICS) - 1))])

    def action_row(self, by: int) -> None:
        """Move down to swap, or back up to the previous figure."""
        if by > 0 and self.topic != "swap":
            self._before_swap = self.topic
            self._pick("swap")
        elif by < 0 and self.topic == "swap":
            self._pick(self._before_swap)

    def on_click(self, event: events.Click) -> None:
        """Select the clicked figure."""
        offset = event.get_content_offset(self)
        topic = topic_at(offset.x, offset.y) if offset is not None else None
        if topic is not None:
            self._pick(topic)

    def _pick(self, topic: str) -> None:
        self.topic = self.asked = topic
        self.show(self._block)
        self.post_message(self.Picked())
