"""What the keys of the System screen do."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import on

from mmexplorer.model.process import ProcessKey
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.present.system.oom import OomRow
from mmexplorer.present.system.sar import REPORTS, Entry, columns
from mmexplorer.present.system.view import KBMEMUSED, SystemSight
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.system.facts import Facts
from mmexplorer.ui.system.free_table import FreeTable
from mmexplorer.ui.system.monitor import SystemWatch
from mmexplorer.ui.system.process_memory import ProcessMemoryScreen
from mmexplorer.ui.widgets.table.table import Table

REPORTS_IN_TURN = tuple(REPORTS.items())
"""What `s` walks through."""


class SystemActions(PanedScreen):
    """The actions of the registry; the screen that shows things is built on it."""

    BINDINGS = bindings("system")
    PANES = (
        ("free", "free"),
        ("sar", "sar"),
        ("charts", "Charts"),
        ("oom", "OOM killer"),
        ("facts", "Settings, limits"),
    )
    STOPS: ClassVar[Mapping[str, str]] = {
        "free-table": "free",
        "meaning-text": "free",
        "sar-table": "sar",
        "charts-block": "charts",
        "oom-table": "oom",
        "facts-text": "facts",
    }
    FIRST_PANE = "free-table"

    def __init__(
        self,
        watch: SystemWatch,
        explored: Callable[[], Snapshot | None],
        open_in_explore: Callable[[ProcessKey], object],
    ) -> None:
        super().__init__()
        self._watch = watch
        self._explored = explored
        """What Explore saw last: which process was chosen there."""
        self._open_in_explore = open_in_explore
        self._sight: SystemSight | None = None
        """What is shown; older than what the watch has seen while paused."""
        self._topic = "available"
        self._report = 0
        self.paused = False
        """Whether the screen stands still; the history goes on."""

    def _show(self, sight: SystemSight) -> None:
        raise NotImplementedError

    def _show_sar(self, sight: SystemSight, *, anew: bool) -> None:
        raise NotImplementedError

    # Panes

    def on_descendant_focus(self) -> None:
        """Bring what was clicked to the front."""
        if self.focused is not None:
            self._bring_forward(self.STOPS[self._current_pane])

    # free and sar

    def action_unit(self) -> None:
        """Write the table of free in the next unit."""
        self.query_one(FreeTable).next_unit()
        self._entitle_free()

    def _entitle_free(self) -> None:
        raise NotImplementedError

    @on(FreeTable.Picked)
    def _explain(self, event: FreeTable.Picked) -> None:
        self._topic = event.topic
        self._show_meaning(anew=True)

    def action_why(self) -> None:
        """Explain why sar's kbmemused isn't free's used; once more: back to the figure under the cursor."""
        self._topic = KBMEMUSED if self._topic != KBMEMUSED else self.query_one(FreeTable).topic
        if self.has_class("-narrow") or self.has_class("-low"):
            self._focus_pane("free-table")
        self._show_meaning(anew=True)

    def _show_meaning(self, *, anew: bool = False) -> None:
        raise NotImplementedError

    def action_report(self) -> None:
        """Show the next of sar's reports."""
        self._report = (self._report + 1) % len(REPORTS_IN_TURN)
        self.query_one("#sar-table", Table).set_columns(columns(REPORTS_IN_TURN[self._report][1]))
        if self._sight is not None:
            self._show_sar(self._sight, anew=True)

    @on(Table.Highlighted, "#sar-table")
    def _tell_of_gap(self) -> None:
        # The row in the message may be of a report that is no longer shown.
        table: Table[Entry] = self.query_one("#sar-table", Table)
        self._hint_sar(table.cursor_row)

    def _hint_sar(self, entry: Entry | None) -> None:
        raise NotImplementedError

    # Pace

    def action_pause(self) -> None:
        """Let the screen stand still, or go on."""
        self.paused = not self.paused
        latest = self._watch.sight if not self.paused else self._sight
        if latest is not None:
            self._show(latest)

    def action_read_now(self) -> None:
        """Read everything at once, the ranking too."""
        self._watch.now()

    # Processes

    def action_details(self) -> None:
        """Show the next tab of the facts."""
        self.query_one(Facts).next_tab()

    @on(Table.Highlighted, "#oom-table")
    def _choose(self) -> None:
        if self._sight is not None:
            self.query_one(Facts).show(self._sight, self._under_cursor)

    @on(Table.Activated, "#oom-table")
    def _open(self, event: Table.Activated) -> None:
        if isinstance(event.row, OomRow):
            self._open_in_explore(event.row.candidate.key)

    @property
    def _under_cursor(self) -> OomRow | None:
        row: object = self.query_one("#oom-table", Table).cursor_row
        return row if isinstance(row, OomRow) else None

    def action_process_memory(self) -> None:
        """Take the memory of a process apart: the one under the cursor of the ranking, else the one of Explore."""
        row, snapshot = self._under_cursor, self._explored()
        chosen = snapshot.target.process if snapshot is not None and snapshot.target is not None else None
        if row is not None and (self._current_pane == "oom-table" or chosen is None):
            self.app.push_screen(ProcessMemoryScreen(self._watch, row.candidate.key, row.candidate.name))
        elif chosen is not None:
            self.app.push_screen(ProcessMemoryScreen(self._watch, chosen.key, chosen.name))
