"""The two lists of Explore, processes and regions: their rows, filters, sort orders and options."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from textual.screen import Screen

from mmexplorer.model.changes import is_other_program
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.query import Query, text_about
from mmexplorer.model.region import Region
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.explore.processes import (
    PROCESS_COLUMNS,
    PROCESS_FILTER,
    SEARCH_COLUMNS,
    ProcessOptions,
    process_tone,
)
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.titles import no_processes, no_regions, process_hint, process_title, region_title
from mmexplorer.present.explore.view import ExploreView, ViewOptions
from mmexplorer.present.region.fields import MAPS_FIELDS, REGION_FIELDS
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.region.table import REGION_COLUMNS, region_mark, region_tone
from mmexplorer.present.text.border import filter_hint
from mmexplorer.present.text.column import Column
from mmexplorer.ui.explore.capture.comparing import Comparing
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.explore.tabs.inspection import READING
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.shared_row import SharedRow
from mmexplorer.ui.widgets.sort_picker import SortPicker
from mmexplorer.ui.widgets.table.table import Table

_SHORT, _SHORT_STILL = 5, 7
"""Most processes for which the list goes above the other panes, and for which it stays there."""
_AROUND_ROWS = 3
"""Rows of a pane besides those of its list: border and header."""


class Lists:
    """Owns the two lists, and passes their options to the poller. Owned by the screen."""

    def __init__(
        self, screen: Screen[None], poller: ExplorePoller, comparing: Comparing, wake: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._poller = poller
        self._comparing = comparing
        self._wake = wake
        self._shown_target: ProcessKey | None = None
        self._regions_before: Sequence[Region] = ()
        self._kernel_threads = False
        self._holes = False
        self._marks = 0
        self._searching = False
        """Whether the process filter also matches regions."""

    def compose(self) -> Iterator[ListPane]:
        """Create the two panes."""
        yield ListPane(
            Table(PROCESS_COLUMNS, key=lambda row: row.key, tone=process_tone, empty=READING, id="process-table"),
            PROCESS_COLUMNS,
            PROCESS_FILTER,
            "rss",
            changed=self.ask_again,
            id="processes",
        )
        yield ListPane(
            Table(
                REGION_COLUMNS,
                key=lambda row: row.key,
                tone=region_tone,
                mark=region_mark,
                empty=READING,
                id="region-table",
            ),
            REGION_COLUMNS,
            REGION_FIELDS,
            "start",
            changed=self.ask_again,
            id="regions",
        )

    @cached_property
    def processes(self) -> ListPane:
        """The process list."""
        return self._screen.query_one("#processes", ListPane)

    @cached_property
    def regions(self) -> ListPane:
        """The region list."""
        return self._screen.query_one("#regions", ListPane)

    @cached_property
    def _row_of_panes(self) -> SharedRow:
        return self._screen.query_one(SharedRow)

    @property
    def focused(self) -> ListPane:
        """The list to filter and sort: processes if they have the focus, else regions."""
        return self.processes if self.processes.has_pseudo_class("focus-within") else self.of_regions

    @property
    def of_regions(self) -> ListPane:
        """The list of regions, or while comparing, of the difference that replaces it."""
        return self._comparing.pane if self._comparing.is_on else self.regions

    @property
    def row(self) -> RegionRow | None:
        """The region under the cursor; in a difference, the one in B."""
        row: RegionRow | None = self._comparing.row if self._comparing.is_on else self.regions.table.cursor_row
        return row

    def move_to(self, start: int) -> bool:
        """Move the cursor to a region; return False if it isn't listed."""
        found = self.regions.table.move_to(start)
        return self._comparing.move_to(start) if self._comparing.is_on else found

    def ask_again(self) -> None:
        """Pass the current options to the poller and refresh."""
        processes, regions = self.processes, self.regions
        self._show_columns_of(processes.filter)
        self._poller.options = ViewOptions(
            ProcessOptions(processes.filter, processes.sort_key, processes.descending, self._kernel_threads),
            RegionOptions(regions.filter, regions.sort_key, regions.descending, self._holes),
            self._marks,
            self._comparing.options,
        )
        self._wake()

    def toggle_holes(self) -> None:
        """Show or hide the holes between regions; in a difference, the unchanged regions."""
        if self._comparing.is_on:
            self._comparing.toggle_unchanged()
            return
        self._holes = not self._holes
        self.ask_again()

    def mark(self) -> None:
        """Measure growth from now on."""
        self._marks += 1
        self.ask_again()

    def toggle_kernel_threads(self) -> None:
        """Show or hide kernel threads."""
        self._kernel_threads = not self._kernel_threads
        self.ask_again()

    def pick_sort(self) -> None:
        """Offer all columns to sort by."""
        pane = self.focused

        def chosen(column: Column[Any] | None) -> None:
            if column is not None:
                pane.sort_by(column)

        self._screen.app.push_screen(SortPicker(pane.sortable, pane.sort_key), chosen)

    def show_processes(self, view: ExploreView) -> None:
        """Show the processes, with the cursor on the target."""
        pane = self.processes
        pane.table.set_empty(no_processes(pane.filter_text, view.searched))
        pane.table.set_rows(view.processes.shown)
        at = pane.table.cursor_row
        if view.target is not None and (at is None or at.key != view.target):
            pane.table.move_to(view.target)
        pane.set_title(*process_title(view.processes, view.searched))
        pane.hint(process_hint(pane.query_text, view.snapshot.machine))
        self._place_processes(view)

    def _place_processes(self, view: ExploreView) -> None:
        """Put a short list above the other panes; filters and small changes in length don't move it."""
        count = view.processes.listed
        row = self._row_of_panes
        before = row.above.get("processes", 0)
        short = 0 < count <= (_SHORT_STILL if before else _SHORT)
        row.put_above("processes", max(before, count + _AROUND_ROWS) if short else 0)

    def show_regions(self, view: ExploreView) -> None:
        """Show the regions of the target."""
        pane, space = self.regions, view.snapshot.target
        another, self._shown_target = self._shown_target != view.target, view.target
        pane.table.set_empty(no_regions(space, pane.filter_text))
        before, self._regions_before = self._regions_before, space.regions if space is not None else ()
        pane.table.set_rows(view.map.regions.shown, reset=another)
        if not another and space is not None and is_other_program(before, space.regions):
            self._go_to_first_region(view.map.regions.shown)
        pane.set_class(space is not None and space.ended_at is not None, "-ended")
        pane.set_title(*region_title(space, view.map.totals, view.map.listed, view.snapshot.clock))
        pane.hint(filter_hint(pane.query_text, (("/", "filter"), (":", "address"), ("o", "holes"))))

    def _go_to_first_region(self, rows: Sequence[RegionRow]) -> None:
        """Go to the first region that isn't gone: after an exec only `[vsyscall]` is still there to keep the cursor."""
        first = next((row.key for row in rows if row.region is not None and not row.ghost), None)
        if first is not None:
            self.regions.table.move_to(first)

    def filter_as_searched(self) -> None:
        """Filter the regions by the region terms of the process filter."""
        self.regions.ask(text_about(self.processes.filter_text, MAPS_FIELDS.fields))

    def go_to_first(self, found: Hits) -> None:
        """Move the cursor to the first region found."""
        if found.first is not None:
            self.move_to(found.first)

    def _show_columns_of(self, query: Query) -> None:
        """Show the number and total size of matching regions while the process filter has region terms."""
        searching = bool(query.about(MAPS_FIELDS.fields).terms)
        if searching is not self._searching:
            self._searching = searching
            self.processes.set_columns(SEARCH_COLUMNS if searching else PROCESS_COLUMNS)
            self._row_of_panes.share_again()
