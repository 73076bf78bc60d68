"""The details pane: tabs about the region under the cursor, changes, totals and the calls of the lab process."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.process.users import Use
from mmexplorer.present.explore.lab_calls import CALL_COLUMNS, NO_CALLS, CallRow, call_rows
from mmexplorer.present.explore.threads import NO_THREADS, NOT_LISTED, ThreadRow
from mmexplorer.present.explore.titles import no_regions
from mmexplorer.present.explore.totals import TOTAL_COLUMNS, AddedUp, TotalRow
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.changes import CHANGE_COLUMNS, NO_CHANGES, ONE_MOMENT, ChangeRow, with_makers
from mmexplorer.present.region.users import NO_USERS, USER_COLUMNS
from mmexplorer.present.text.border import tab_at, tab_line, tabs_in_sight
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import indented
from mmexplorer.ui.explore.tabs.inspection import ReadAgain, Traced
from mmexplorer.ui.explore.tabs.late_tabs import LateTabs
from mmexplorer.ui.widgets.lines import Lines, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table

if TYPE_CHECKING:  # each comes with its tab
    from mmexplorer.model.memory.bytes import ByteSearch, WordSearch
    from mmexplorer.model.memory.inspection import Inspector
    from mmexplorer.present.explore.fault_rows import TraceMarks
    from mmexplorer.ui.explore.tabs.bytes_tab import BytesTab
    from mmexplorer.ui.explore.tabs.threads_tab import ThreadsTab

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


# A tab is imported when it is first shown.


def _changes() -> Widget:
    table: Table[ChangeRow] = Table(CHANGE_COLUMNS, key=lambda row: row.key, follows=True, id="change-table")
    return Vertical(Lines(id="growth"), table, id="changes")


def _process() -> Widget:
    from mmexplorer.ui.explore.tabs.process_tab import ProcessTab  # noqa: PLC0415

    return ProcessTab(id="process")


def _threads() -> Widget:
    from mmexplorer.ui.explore.tabs.threads_tab import ThreadsTab  # noqa: PLC0415

    return ThreadsTab(id="threads")


def _totals() -> Widget:
    return Table(TOTAL_COLUMNS, key=lambda row: row.group, one_click=True, id="totals")


def _pages() -> Widget:
    from mmexplorer.ui.explore.tabs.pages_tab import PagesTab  # noqa: PLC0415

    return PagesTab(id="pages")


def _walk() -> Widget:
    from mmexplorer.ui.explore.tabs.walk_tab import WalkTab  # noqa: PLC0415

    return WalkTab(id="translation")


def _bytes() -> Widget:
    from mmexplorer.ui.explore.tabs.bytes_tab import BytesTab  # noqa: PLC0415

    return BytesTab(id="bytes")


def _security() -> Widget:
    from mmexplorer.ui.explore.tabs.security_tab import SecurityTab  # noqa: PLC0415

    return SecurityTab(id="security")


def _faults() -> Widget:
    from mmexplorer.ui.explore.tabs.faults_tab import FaultsTab  # noqa: PLC0415

    return FaultsTab(id="faults")


def _users() -> Widget:
    table: Table[Use] = Table(USER_COLUMNS, key=lambda row: row.process.key, empty=NO_USERS, id="user-table")
    return Vertical(Lines(id="used-file"), table, id="users")


def _calls() -> Widget:
    return Table(CALL_COLUMNS, key=lambda row: row.key, empty=NO_CALLS, id="calls")


_MAKERS: Mapping[str, Callable[[], Widget]] = {
    "region": lambda: ScrolledLines(id="region"),
    "changes": _changes,
    "process": _process,
    "threads": _threads,
    "totals": _totals,
    "pages": _pages,
    "translation": _walk,
    "bytes": _bytes,
    "security": _security,
    "faults": _faults,
    "users": _users,
    "calls": _calls,
}


class Details(Pane):
    """The pane at the bottom of Explore."""

    DEFAULT_CSS = "Details LateTabs { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = LateTabs(_MAKERS)
        self._marks: TraceMarks | None = None
        """What of the last trace of faults is shown elsewhere."""

    def compose(self) -> ComposeResult:
        """Lay out the tabs, one of which is visible."""
        yield self._tabs

    def on_resize(self) -> None:
        """Name in the border as many tabs as fit."""
        self._name_tabs()

    @property
    def tab(self) -> str:
        """The visible tab."""
        return self._tabs.current or "region"

    @property
    def front(self) -> Widget | None:
        """The widget in the visible tab."""
        return self._tabs.tab(self.tab)

    def take_focus(self) -> None:
        """Focus the visible tab, or its first focusable widget."""
        tab = self.front
        if tab is not None:
            self.screen.set_focus(tab if tab.can_focus else next(each for each in tab.query("*") if each.can_focus))

    async def show_tab(self, tab: str) -> None:
        """Bring a tab to the front; it gets the focus if the previous tab had it."""
        await self._tabs.make(tab)
        self._bring_forward(tab)

    def show_region(self) -> None:
        """Bring to the front what is known of the thing under the cursor."""
        self._bring_forward("region")

    def _bring_forward(self, tab: str) -> None:
        if not self.is_attached or self._tabs.tab(tab) is None:
            return
        focused = self.screen.focused
        inside = focused is not None and self in focused.ancestors
        self._tabs.current = tab
        if inside:
            self.take_focus()
        self._name_tabs()
        self.post_message(ReadAgain())

    def click_title(self, x: int) -> None:
        """Bring the clicked tab to the front."""
        tab = tab_at(self._tabs_seen, x)
        if tab is not None:
            self.call_later(self.show_tab, tab)

    async def next_tab(self) -> None:
        """Bring the next tab to the front; the first one follows the last."""
        keys = [key for key, _ in TABS]
        await self.show_tab(keys[(keys.index(self.tab) + 1) % len(keys)])

    def show_text(self, compose_text: Callable[[int], Sequence[Line]]) -> None:
        """Show the details of the region under the cursor; `compose_text` gets the line width in cells."""
        self._tabs.when_made("region", lambda tab: tab.show(compose_text))

    def show_process(self, view: ExploreView, filter_text: str, *, one_moment: bool) -> None:
        """Show the changes, totals and threads of the process, or why there are none.

        `filter_text` is the regions' filter; `one_moment`: the view is all that the file has.
        """
        space = view.snapshot.target
        unmapped = None if space is not None and space.regions else no_regions(space, "")
        unchanged, unthreaded = (ONE_MOMENT, NOT_LISTED) if one_moment else (NO_CHANGES, NO_THREADS)
        self._show_changes(None if one_moment else view, view.target, view.changes, unmapped or unchanged)
        self._show_totals(view.map.added_up, no_regions(space, filter_text))
        self._show_threads(view.map.threads, unmapped or unthreaded)

    def _show_changes(
        self, grown: ExploreView | None, process: ProcessKey | None, rows: Sequence[ChangeRow], nothing: Line
    ) -> None:
        """Show the totals of growth and the changes of `process`'s map, and who made them if a trace recorded it.

        `grown` is the view to total, if any; `nothing` says why no change was seen.
        """
        marks = self._marks
        if marks is not None and marks.process == process:
            rows = with_makers(rows, marks.makers, marks.began, marks.ended + _SEEN_AFTER)

        def show(tab: Widget) -> None:
            sums = grown.sums if grown is not None else ()
            tab.query_one("#growth", Lines).show(lambda width: tuple(indented(sums, width)))
            table = tab.query_one("#change-table", Table)
            table.set_empty(nothing)
            table.set_rows(rows)

        self._tabs.when_made("changes", show)

    @on(Traced)
    def keep_marks(self, event: Traced) -> None:
        """Remember what of a trace is shown elsewhere."""
        self._marks = event.marks

    def faulted_pages(self, process: ProcessKey) -> tuple[int, ...]:
        """Return the pages of a process that faulted in the last trace."""
        return self._marks.pages if self._marks is not None and self._marks.process == process else ()

    def search(self, inspector: "Inspector", wanted: "ByteSearch | WordSearch") -> None:
        """Search the memory of the process, and list the matches in the Bytes tab."""
        tab = self._tabs.tab("bytes")
        if tab is not None:
            cast("BytesTab", tab).search(inspector, wanted)

    def _show_threads(self, rows: Sequence[ThreadRow], nothing: Line) -> None:
        """Show the threads of the process; `nothing` says why there are none."""

        def show(tab: "ThreadsTab") -> None:
            tab.set_empty(nothing)
            tab.show_threads(rows)

        self._tabs.when_made("threads", show)

    def _show_totals(self, added: AddedUp, nothing: Line) -> None:
        """Show the totals of the regions by kind, file and name; `nothing` says why there are none."""

        def show(tab: Table[TotalRow]) -> None:
            tab.set_empty(nothing)
            tab.set_rows(added.rows)

        self._tabs.when_made("totals", show)

    def show_users(self, lines: Sequence[Line], rows: Sequence[Use]) -> None:
        """Show who uses a file, below `lines`: what is known about the file and which processes couldn't be read."""

        def show(tab: Widget) -> None:
            tab.query_one("#used-file", Lines).show(lambda _width: tuple(lines))
            table = tab.query_one("#user-table", Table)
            table.set_empty(EMPTY)  # `lines` say what was asked, and why nothing was found
            table.set_rows(rows, reset=True)

        self._tabs.when_made("users", show)

    def show_calls(self, rows: Sequence[CallRow]) -> None:
        """Show the calls of the lab process, newest first."""
        self._tabs.when_made("calls", lambda tab: tab.set_rows(call_rows(rows), reset=True))

    @property
    def _tabs_seen(self) -> Sequence[tuple[str, str]]:
        return tabs_in_sight(TABS, self.tab, self.size.width - _CORNERS)

    def _name_tabs(self) -> None:
        self.set_title(tab_line(self._tabs_seen, self.tab))
        self.hint(line(span("d ", Tone.ACCENT), span("next tab", Tone.DIM)))
