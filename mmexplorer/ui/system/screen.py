"""System: free with its terms, sar as a table and as charts, and whom the OOM killer would take, live."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer

from mmexplorer.model.process import ProcessKey
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.system.sar import MemoryRow
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.free_table import UNIT_WORDS
from mmexplorer.present.system.oom import COLUMNS as OOM_COLUMNS
from mmexplorer.present.system.sar import Entry, columns
from mmexplorer.present.system.view import (
    KBMEMUSED,
    SarRows,
    SystemSight,
    explanation,
    gap_before,
    gap_mark,
    no_ranking,
    ranking_mark,
    ranking_title,
    ranking_tone,
    sar_rows,
    sar_title,
)
from mmexplorer.present.text.border import hint
from mmexplorer.present.text.header import Looking
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.refresh import Share
from mmexplorer.ui.system.actions import REPORTS_IN_TURN, SystemActions
from mmexplorer.ui.system.charts import Charts
from mmexplorer.ui.system.facts import Facts
from mmexplorer.ui.system.free_table import FreeTable
from mmexplorer.ui.system.monitor import SystemWatch
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.span_line import SpanLine
from mmexplorer.ui.widgets.table.table import Table
from mmexplorer.ui.widgets.wrapped_text import WrappedText

_PATIENCE = 0.5
"""Seconds after which the screen is painted though nothing was seen yet."""
_NO_ROWS = line(span("The first row comes with the second look: it counts from the first.", Tone.DIM))


class SystemScreen(SystemActions):
    """Composes the panes and fills them; looking is the `SystemWatch`'s business."""

    AUTO_FOCUS = "#free-table"

    def __init__(
        self,
        watch: SystemWatch,
        explored: Callable[[], Snapshot | None],
        open_in_explore: Callable[[ProcessKey], object],
    ) -> None:
        super().__init__(watch, explored, open_in_explore)
        self._share = Share()
        self._sar: SarRows | None = None

    def compose(self) -> ComposeResult:
        """Lay out three rows of two panes."""
        yield TopLine("System")
        yield SpanLine(id="pane-tabs")
        with Horizontal(id="free-row"):
            with Pane(id="free"):
                yield FreeTable(id="free-table")
            with Pane(id="meaning"):
                yield WrappedText(id="meaning-text")
        with Horizontal(id="sar-row"):
            with Pane(id="sar"):
                yield Table(columns(MemoryRow), key=lambda row: row.at, mark=gap_mark, empty=_NO_ROWS, id="sar-table")
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
            yield Facts(id="facts")
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Begin to look; wait a moment for what is seen."""
        self._bring_forward("free")
        self._watch.watch(self._see)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._watch.loop.fresh(), _PATIENCE)

    def on_screen_suspend(self) -> None:
        """Look at no more than a kill needs while another screen is shown."""
        self._watch.unwatch()

    def on_screen_resume(self) -> None:
        """Look at everything again; at the very first time it is looked at already."""
        if self._watch.viewer is None:
            self._watch.watch(self._see)

    def _see(self, sight: SystemSight) -> None:
        self._share.add(sight.snapshot.clock, sight.snapshot.cost)
        if not self.paused:
            self._show(sight)

    def _show(self, sight: SystemSight) -> None:
        self._sight = sight
        with self.app.batch_update():
            self._tell(sight)
            self.query_one(FreeTable).show(sight.snapshot)
            self._entitle_free()
            self._show_meaning()
            self._show_sar(sight, anew=False)
            self._show_charts(sight)
            self._show_ranking(sight)

    def _tell(self, sight: SystemSight) -> None:
        looking = Looking(self._watch.loop.interval, paused=self.paused, share=self._share.value)
        self.query_one(TopLine).tell(sight.snapshot.machine, looking)

    def _entitle_free(self) -> None:
        pane = self.query_one("#free", Pane)
        pane.entitle(line("free"), line(span(UNIT_WORDS[self.query_one(FreeTable).unit], Tone.DIM)))
        pane.hint(hint((("← →", "what a figure means"), ("u", "unit"))))

    def _show_meaning(self, *, anew: bool = False) -> None:
        sight, topic = self._sight, self._topic
        if sight is None:
            return
        text = explanation(topic, sight)
        self.query_one("#meaning-text", WrappedText).show(lambda _width: text, anew=anew)
        pane = self.query_one("#meaning", Pane)
        if topic == KBMEMUSED:
            pane.entitle(line("Why ", span("kbmemused", Tone.BRIGHT), " isn't ", span("used", Tone.BRIGHT)))
            pane.hint(hint((("w", "back"),)))
        else:
            pane.entitle(line("What ", span(topic, Tone.BRIGHT), " means"))
            pane.hint(hint((("w", "why sar's kbmemused isn't used"),)))

    def _show_sar(self, sight: SystemSight, *, anew: bool) -> None:
        letter, kind = REPORTS_IN_TURN[self._report]
        table: Table[Entry] = self.query_one("#sar-table", Table)
        follows = anew or table.cursor_row is None or self._follows(table)
        self._sar = sar_rows(self._sar, sight.history, kind)
        meminfo = sight.snapshot.meminfo
        table.set_empty(line(span(f"— {meminfo}", Tone.DIM)) if isinstance(meminfo, Unavailable) else _NO_ROWS)
        table.set_rows(self._sar.entries, anew=anew)
        if follows and self._sar.entries:
            table.move_to(self._sar.entries[-1].at)
        self.query_one("#sar", Pane).entitle(*sar_title(kind, letter, sight))
        self._hint_sar(table.cursor_row)

    def _follows(self, table: Table[Entry]) -> bool:
        """Whether the newest row is under the cursor and in sight."""
        newest = self._sar.entries[-1] if self._sar is not None and self._sar.entries else None
        return table.cursor_row is newest and table.is_vertical_scroll_end

    def _hint_sar(self, entry: Entry | None) -> None:
        gap = gap_before(self._sar, entry) if self._sar is not None else ()
        keys = hint((("s", "-r memory, -S swap, -B paging"), ("End", "follow the newest")))
        self.query_one("#sar", Pane).hint(gap or keys)

    def _show_charts(self, sight: SystemSight) -> None:
        self.query_one(Charts).show(sight.history, sight.snapshot)
        self.query_one("#charts", Pane).entitle(line("Charts"), line(span("each with its own scale", Tone.DIM)))
        self.query_one("#charts", Pane).hint(hint((("← →", "look back"), ("Esc", "now"))))

    def _show_ranking(self, sight: SystemSight) -> None:
        table, ranking = self.query_one("#oom-table", Table), sight.ranking
        table.set_empty(no_ranking(ranking))
        table.set_rows(() if isinstance(ranking, Unavailable) else ranking)
        pane = self.query_one("#oom", Pane)
        pane.entitle(*ranking_title(sight))
        pane.hint(hint((("Enter", "its map in Explore"), ("p", "its memory"), ("⊘", "never taken"))))
        self.query_one(Facts).show(sight, self._under_cursor)
