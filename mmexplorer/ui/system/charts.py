"""Line charts over time, with a cursor for earlier readings."""

from collections.abc import Sequence

from textual import events

from mmexplorer.model.system.history import SarHistory
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.present.system.charts import axis_line, chart_lines, curves, read_out, reading_at, readings_in
from mmexplorer.present.text.line import Line
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines


class Charts(Lines, can_focus=True):
    """The cursor stays on its reading as that scrolls left, until it leaves the chart."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Charts { height: 1fr; }"
    BINDINGS = bindings("charts")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._history: SarHistory | None = None
        self._snapshot: SystemSnapshot | None = None
        self._newest = "now"
        self._at: float | None = None
        """The clock of the reading under the cursor; None for the newest."""

    def show_readings(self, history: SarHistory, snapshot: SystemSnapshot, newest: str = "now") -> None:
        """Show other readings; `newest` is the label of the last one."""
        self._history, self._snapshot, self._newest = history, snapshot, newest
        self.show(self._block)

    @property
    def back(self) -> int | None:
        """The cursor's distance from the newest reading in intervals; None at the newest, or off the chart."""
        if self._at is None or self._history is None or not self._history.points:
            return None
        back = round((self._history.points[-1].at - self._at) / self._history.interval)
        return back if 0 < back < readings_in(self.size.width) else None

    def _block(self, width: int) -> Sequence[Line]:
        """Return the charts, the time axis and the read-out."""
        history, snapshot = self._history, self._snapshot
        if history is None or snapshot is None:
            return ()
        drawn = chart_lines(curves(history, snapshot, readings_in(width)), width, self.size.height, self.back)
        return (*drawn, axis_line(width, history.interval, self._newest), read_out(history, self.back, self._newest))

    def action_look_back(self, by: int) -> None:
        """Move the cursor back by `by` readings."""
        self._go_to((self.back or 0) + by)

    def action_now(self) -> None:
        """Go back to the newest reading."""
        self._go_to(0)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked reading."""
        offset = event.get_content_offset(self)
        back = reading_at(offset.x, self.size.width) if offset is not None else None
        if back is not None:
            self._go_to(back)

    def _go_to(self, back: int) -> None:
        if self._history is None or not self._history.points:
            return
        back = min(back, readings_in(self.size.width) - 1)
        self._at = self._history.points[-1].at - back * self._history.interval if back > 0 else None
        self.show(self._block)
