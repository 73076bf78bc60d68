"""The details pane: tabs about the region under the cursor, changes, totals and the calls of the lab process."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from mmexplorer.model.process import ProcessKey
from mmexplorer.model.users import Use
from mmexplorer.present.explore.lab_calls import CALL_COLUMNS, NO_CALLS, CallRow, call_rows
from mmexplorer.present.explore.threads import ThreadRow
from mmexplorer.present.explore.totals import NO_TOTALS, TOTAL_COLUMNS, TotalRow
from mmexplorer.present.region.changes import CHANGE_COLUMNS, NO_CHANGES, ChangeRow, with_makers
from mmexplorer.present.region.users import NO_USERS, USER_COLUMNS
from mmexplorer.present.text.border import tab_at, tab_line, tabs_in_sight
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.ui.explore.tabs.bytes_tab import BytesTab
from mmexplorer.ui.explore.tabs.faults_tab import FaultsTab
from mmexplorer.ui.explore.tabs.inspection import ReadAgain
from mmexplorer.ui.explore.tabs.pages_tab import PagesTab
from mmexplorer.ui.explore.tabs.process_tab import ProcessTab
from mmexplorer.ui.explore.tabs.security_tab import SecurityTab
from mmexplorer.ui.explore.tabs.threads_tab import ThreadsTab
from mmexplorer.ui.explore.tabs.walk_tab import WalkTab
from mmexplorer.ui.widgets.lines import Lines, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table

TABS = (
    ("region", "Region"),
    ("changes", "Changes"),
    ("process", "Process"),
    ("threads", "Threads"),
    ("totals", "Totals"),
    ("pages", "Pages"),
    ("translation", "Walk"),
    ("bytes", "Bytes"),
    ("security", "Security"),
    ("faults", "Faults"),
    ("users", "Users"),
    ("calls", "Lab calls"),
)


_SEEN_AFTER = 1.5
"""Seconds within which a refresh sees the last event of a trace."""
_CORNERS = 4
"""Cells of the top border that the tabs can't use."""


class Details(Pane):
    """The pane at the bottom of Explore."""

    DEFAULT_CSS = "Details ContentSwitcher { height: 1fr; }"

    def compose(self) -> ComposeResult:
        """Lay out the tabs, one of which is visible."""
        with ContentSwitcher(initial="region"):
            yield ScrolledLines(id="region")
            with Vertical(id="changes"):
                yield Lines(id="growth")
                yield Table(CHANGE_COLUMNS, key=lambda row: row.key, empty=NO_CHANGES, follows=True, id="change-table")
            yield ProcessTab(id="process")
            yield ThreadsTab(id="threads")
            yield PagesTab(id="pages")
            yield WalkTab(id="translation")
            yield BytesTab(id="bytes")
            yield SecurityTab(id="security")
            yield FaultsTab(id="faults")
            yield Table(TOTAL_COLUMNS, key=lambda row: row.group, empty=NO_TOTALS, one_click=True, id="totals")
            with Vertical(id="users"):
                yield Lines(id="used-file")
                yield Table(USER_COLUMNS, key=lambda row: row.process.key, empty=NO_USERS, id="user-table")
            yield Table(CALL_COLUMNS, key=lambda row: row.key, empty=NO_CALLS, id="calls")

    def on_resize(self) -> None:
        """Name in the border as many tabs as fit."""
        self._name_tabs()

    @property
    def tab(self) -> str:
        """The visible tab."""
        return self.query_one(ContentSwitcher).current or "region"

    @property
    def front(self) -> Widget:
        """The widget in the visible tab."""
        return self.query_one(f"#{self.tab}")

    def take_focus(self) -> None:
        """Focus the visible tab, or its first focusable widget."""
        tab = self.front
        self.screen.set_focus(tab if tab.can_focus else next(each for each in tab.query("*") if each.can_focus))

    def show_tab(self, tab: str) -> None:
        """Bring a tab to the front; it gets the focus if the previous tab had it."""
        focused = self.screen.focused
        inside = focused is not None and self in focused.ancestors
        self.query_one(ContentSwitcher).current = tab
        if inside:
            self.take_focus()
        self._name_tabs()
        self.post_message(ReadAgain())

    def click_title(self, x: int) -> None:
        """Bring the clicked tab to the front."""
        tab = tab_at(self._tabs_seen, x)
        if tab is not None:
            self.show_tab(tab)

    def next_tab(self) -> None:
        """Bring the next tab to the front; the first one follows the last."""
        keys = [key for key, _ in TABS]
        self.show_tab(keys[(keys.index(self.tab) + 1) % len(keys)])

    def show_text(self, compose_text: Callable[[int], Sequence[Line]]) -> None:
        """Show the details of the region under the cursor; `compose_text` gets the line width in cells."""
        self.query_one("#region", ScrolledLines).show(compose_text)

    def show_changes(self, process: ProcessKey | None, sums: Sequence[Line], rows: Sequence[ChangeRow]) -> None:
        """Show the totals of growth and the changes of `process`'s map, and who made them if a trace recorded it."""
        self.query_one("#growth", Lines).show(lambda _width: tuple(sums))
        marks = self.query_one(FaultsTab).marks
        if marks is not None and marks.process == process:
            rows = with_makers(rows, marks.makers, marks.began, marks.ended + _SEEN_AFTER)
        self.query_one("#change-table", Table).set_rows(rows)

    def faulted_pages(self, process: ProcessKey) -> tuple[int, ...]:
        """Return the pages of a process that faulted in the last trace."""
        marks = self.query_one(FaultsTab).marks
        return marks.pages if marks is not None and marks.process == process else ()

    def show_threads(self, rows: Sequence[ThreadRow]) -> None:
        """Show the threads of the process."""
        self.query_one(ThreadsTab).show_threads(rows)

    def show_totals(self, rows: Sequence[TotalRow]) -> None:
        """Show the totals of the regions by kind, file and name."""
        self.query_one("#totals", Table).set_rows(rows)

    def show_users(self, lines: Sequence[Line], rows: Sequence[Use]) -> None:
        """Show who uses a file, below `lines`: what is known about the file and which processes couldn't be read."""
        self.query_one("#used-file", Lines).show(lambda _width: tuple(lines))
        self.query_one("#user-table", Table).set_rows(rows, reset=True)

    def show_calls(self, rows: Sequence[CallRow]) -> None:
        """Show the calls of the lab process, newest first."""
        self.query_one("#calls", Table).set_rows(call_rows(rows), reset=True)

    @property
    def _tabs_seen(self) -> Sequence[tuple[str, str]]:
        return tabs_in_sight(TABS, self.tab, self.size.width - _CORNERS)

    def _name_tabs(self) -> None:
        self.set_title(tab_line(self._tabs_seen, self.tab))
        self.hint(line(span("d ", Tone.ACCENT), span("next tab", Tone.DIM)))
