"""System: free with its terms, sar as a table and as charts, and the OOM killer's next victim, live."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.capture.opened import OpenedFile
from mmexplorer.present.system.charts import THEN
from mmexplorer.present.system.free_table import UNIT_WORDS
from mmexplorer.present.system.oom import COLUMNS as OOM_COLUMNS
from mmexplorer.present.system.oom import OomRow, no_ranking, ranking_mark, ranking_title, ranking_tone
from mmexplorer.present.system.view import KBMEMUSED, SystemView, explanation
from mmexplorer.present.text.border import hint
from mmexplorer.present.text.header import RefreshStatus
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.looking_back import OF_THE_PAST, LookingBack, ShownMoment, TimelineScreen
from mmexplorer.ui.refresh import Expected, Share
from mmexplorer.ui.system.charts import Charts
from mmexplorer.ui.system.free_table import FreeTable
from mmexplorer.ui.system.oom_details import OomDetails
from mmexplorer.ui.system.poller import SystemPoller
from mmexplorer.ui.system.process_memory import ProcessMemoryScreen
from mmexplorer.ui.system.sar_pane import SarPane
from mmexplorer.ui.widgets.footer import Footer
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.lines import Lines, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table
from mmexplorer.ui.widgets.timeline_bar import TimelineBar

_PATIENCE = 0.5
"""Seconds after which the screen is painted even without a first view."""


class SystemScreen(TimelineScreen):
    """Composes the panes and fills them; the `SystemPoller` reads."""

    AUTO_FOCUS = "#free-table"
    BINDINGS = bindings("system")
    PANES = (
        ("free", "free"),
        ("sar", "sar"),
        ("charts", "Charts"),
        ("oom", "OOM killer"),
        ("oom-details", "Settings, limits"),
    )
    STOPS: ClassVar[Mapping[str, str]] = {
        "free-table": "free",
        "meaning-text": "free",
        "sar-table": "sar",
        "charts-block": "charts",
        "oom-table": "oom",
        "oom-details-text": "oom-details",
    }
    FIRST_PANE = "free-table"

    def __init__(
        self,
        poller: SystemPoller,
        moment: ShownMoment,
        explored: Callable[[], Snapshot | None],
        open_in_explore: Callable[[ProcessKey], object],
        *,
        file: OpenedFile | None = None,
    ) -> None:
        """Keep `file`, the file shown instead of the live machine."""
        super().__init__()
        self._poller = poller
        self._explored = explored
        """Returns Explore's last snapshot, whose target is the default for `p`."""
        self._open_in_explore = open_in_explore
        self._expects = Expected(poller.loop)
        self._past = LookingBack(moment, self._turn_to_moment, lambda: self._view)
        self._had_past = False
        self._file = file
        self._share = Share()
        self._view: SystemView | None = None
        """The view shown; while paused, older than the poller's."""
        self.paused = False
        """Whether the screen is frozen; the history continues."""

    def compose(self) -> ComposeResult:
        """Lay out three rows of two panes."""
        yield TopLine("System")
        yield Lines(id="pane-tabs")
        with Horizontal(id="free-row"):
            with Pane(id="free"):
                yield FreeTable(id="free-table")
            with Pane(id="meaning"):
                yield ScrolledLines(id="meaning-text")
        with Horizontal(id="sar-row"):
            yield SarPane(id="sar")
            with Pane(id="charts"):
                yield Charts(id="charts-block")
        with Horizontal(id="oom-row"):
            with Pane(id="oom"):
                yield Table(
                    OOM_COLUMNS,
                    key=lambda row: row.candidate.key,
                    tone=ranking_tone,
                    mark=ranking_mark,
                    empty=line(span("Being ranked…", Tone.DIM)),
                    id="oom-table",
                )
            yield OomDetails(id="oom-details")
        yield TimelineBar(name="MEM", id="timeline")
        yield Footer()

    # Polling

    async def on_mount(self) -> None:
        """Start polling everything, and wait briefly for the first view."""
        self._bring_forward("free")
        self._poller.serve(self._see)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._poller.loop.fresh(), _PATIENCE)

    def on_screen_suspend(self) -> None:
        """Read only what is needed to notice a kill while another screen is shown."""
        self._poller.leave()

    def on_screen_resume(self) -> None:
        """Read everything again; at the first call that has already started."""
        if self._poller.viewer is None:
            self._poller.serve(self._see)

    def _see(self, view: SystemView) -> None:
        back, was_back = self._past.is_back(view), self._view is not None and self._past.is_back(self._view)
        if not back:
            self._share.add(view.snapshot.clock, view.snapshot.cost)
        if (back or was_back or not self.paused) and self.has_widgets:
            self._show(view)

    def action_pause(self) -> None:
        """Pause the screen, or continue."""
        self.paused = not self.paused
        latest = self._poller.view if not self.paused else self._view
        if latest is not None:
            self._show(latest)

    def action_read_now(self) -> None:
        """Read everything now, including the ranking."""
        self._poller.now()

    def _show(self, view: SystemView) -> None:
        self._view = view
        with self.app.batch_update():
            self._show_status()
            self.query_one(FreeTable).show_figures(view.snapshot)
            self._set_free_title()
            self._show_meaning()
            self.query_one(SarPane).show(view)
            self._show_charts(view)
            self._show_ranking(view)
        self._show_timeline(view)

    def _show_timeline(self, view: SystemView) -> None:
        bar = self.query_one(TimelineBar)
        bar.display = bool(view.timeline.ticks)
        bar.show_timeline(view.timeline, view.shown)
        if self._past.has_past is not self._had_past:
            self._had_past = self._past.has_past
            self.refresh_bindings()
        if not view.timeline.whole:
            self._poller.loop.now()  # load the rest of a long capture

    def _show_status(self) -> None:
        view = self._view
        if view is None:
            return
        status = RefreshStatus(
            self._poller.loop.interval,
            paused=self.paused,
            share=self._share.value,
            file=self._file.title if self._file is not None else "",
            moment=self._past.text(view, live=self._file is None),
        )
        self.query_one(TopLine).update(view.snapshot.machine, status)

    # Looking back

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Hide keys that would do nothing from the footer and the palette."""
        return self._past.has_past if action in OF_THE_PAST else True

    def action_now(self) -> None:
        """Return to the newest moment, and unpause."""
        self.paused = False
        super().action_now()

    # free

    def action_unit(self) -> None:
        """Switch the free table to the next unit."""
        self.query_one(FreeTable).next_unit()
        self._set_free_title()

    def _set_free_title(self) -> None:
        pane = self.query_one("#free", Pane)
        pane.set_title(line("free"), line(span(UNIT_WORDS[self.query_one(FreeTable).unit], Tone.DIM)))
        pane.hint(hint((("← →", "what a figure means"), ("u", "unit"))))

    def action_why(self) -> None:
        """Explain why sar's kbmemused differs from free's used; a second time, return to the figure at the cursor."""
        self.query_one(FreeTable).ask_why()
        if self.has_class("-narrow") or self.has_class("-low"):
            self._focus_pane("free-table")
        self._show_meaning(reset=True)

    @on(FreeTable.Picked)
    def _explain(self) -> None:
        self._show_meaning(reset=True)

    def _show_meaning(self, *, reset: bool = False) -> None:
        view, topic = self._view, self.query_one(FreeTable).asked
        if view is None:
            return
        text = explanation(topic, view)
        self.query_one("#meaning-text", ScrolledLines).show(lambda _width: text, reset=reset)
        pane = self.query_one("#meaning", Pane)
        if topic == KBMEMUSED:
            pane.set_title(line("Why ", span("kbmemused", Tone.BRIGHT), " isn't ", span("used", Tone.BRIGHT)))
            pane.hint(hint((("w", "back"),)))
        else:
            pane.set_title(line("What ", span(topic, Tone.BRIGHT), " means"))
            pane.hint(hint((("w", "why sar's kbmemused isn't used"),)))

    # sar

    def action_report(self) -> None:
        """Show the next of sar's reports."""
        self.query_one(SarPane).next_report()

    def _show_charts(self, view: SystemView) -> None:
        newest = THEN if self._past.is_back(view) else "now"
        self.query_one(Charts).show_readings(view.history, view.snapshot, newest)
        self.query_one("#charts", Pane).set_title(line("Charts"), line(span("each with its own scale", Tone.DIM)))
        self.query_one("#charts", Pane).hint(hint((("← →", "look back"), ("Esc", "now"))))

    # The OOM killer's ranking

    def _show_ranking(self, view: SystemView) -> None:
        table, ranking = self.query_one("#oom-table", Table), view.ranking
        table.set_empty(no_ranking(ranking))
        rows = () if isinstance(ranking, Unavailable) else ranking
        at_top = table.cursor_row is table.first_row
        table.set_rows(rows)
        if at_top and rows:
            table.move_to(rows[0].candidate.key)  # stay at the top rather than follow the process that was first
        pane = self.query_one("#oom", Pane)
        pane.set_title(*ranking_title(view.snapshot))
        pane.hint(hint((("Enter", "its map in Explore"), ("p", "its memory"), ("⊘", "never chosen"))))
        self._show_details()

    @on(Table.Highlighted, "#oom-table")
    def _show_details(self) -> None:
        if self._view is not None:
            self.query_one(OomDetails).show(self._view, self._under_cursor)

    def action_details(self) -> None:
        """Show the next tab of the details."""
        self.query_one(OomDetails).next_tab()

    @on(Table.Activated, "#oom-table")
    def _open(self, event: Table.Activated) -> None:
        if isinstance(event.row, OomRow):
            self._open_in_explore(event.row.candidate.key)

    @property
    def _under_cursor(self) -> OomRow | None:
        row: object = self.query_one("#oom-table", Table).cursor_row
        return row if isinstance(row, OomRow) else None

    def action_process_memory(self) -> None:
        """Show a breakdown of the memory of the process under the ranking's cursor, else of Explore's."""
        if self._view is not None and self._past.is_back(self._view):
            self.notify("It is read of the process as it is now; N returns to now.", severity="warning")
            return
        row, snapshot = self._under_cursor, self._explored()
        chosen = snapshot.target.process if snapshot is not None and snapshot.target is not None else None
        if row is not None and (self._current_pane == "oom-table" or chosen is None):
            self.app.push_screen(ProcessMemoryScreen(self._poller, row.candidate.key, row.candidate.name))
        elif chosen is not None:
            self.app.push_screen(ProcessMemoryScreen(self._poller, chosen.key, chosen.name))
