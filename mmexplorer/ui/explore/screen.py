"""Explore: processes, the regions of one of them and the ELF file behind one of those, side by side and live."""

import asyncio
from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer

from mmexplorer.labs.interfaces import LabProcess
from mmexplorer.model.address import Inside, locate
from mmexplorer.model.elf import ElfImage
from mmexplorer.model.layout import regions_of
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import MemorySource
from mmexplorer.present.explore.no_elf import NO_REGION, no_elf
from mmexplorer.present.explore.processes import PROCESS_COLUMNS, PROCESS_FIELDS, ProcessRow, process_tone
from mmexplorer.present.explore.region_details import region_lines
from mmexplorer.present.explore.titles import (
    filter_hint,
    no_processes,
    no_regions,
    process_title,
    region_title,
    state_lines,
    what_can_be_seen,
)
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.address import address_line
from mmexplorer.present.region.columns import REGION_COLUMNS
from mmexplorer.present.region.row import REGION_FIELDS, RegionRow, region_mark, region_tone
from mmexplorer.present.text.header import RefreshStatus
from mmexplorer.present.text.line import plain
from mmexplorer.ui.explore.actions import ExploreActions
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.elf_pane import ElfPane
from mmexplorer.ui.refresh import Share
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.table.table import Table

_PATIENCE = 0.5
"""Seconds after which the screen is painted though nothing was seen yet."""
_UNTIL_FILES = 0.15
"""Seconds between the first look and the next: long enough for painting."""


class ExploreScreen(ExploreActions):
    """Composes the panes and ties them to each other; `ExplorePoller` reads, the widgets paint."""

    PANES = (("processes", "Processes"), ("regions", "Regions"), ("elf", "ELF"), ("details", "Details"))
    FIRST_PANE = "regions"
    AUTO_FOCUS = "#region-table"
    DEFAULT_CLASSES = "-at-regions"

    def __init__(self, source: MemorySource, lab: LabProcess, target: ProcessKey | None, interval: float) -> None:
        super().__init__(source, lab, target, interval)
        self._share = Share()
        self._shown_target: ProcessKey | None = None

    def compose(self) -> ComposeResult:
        """Lay out header, panes, strip, details and footer."""
        yield TopLine("Explore")
        yield Lines(id="pane-tabs")
        with Horizontal(id="panes"):
            yield ListPane(
                Table(PROCESS_COLUMNS, key=lambda row: row.key, tone=process_tone, id="process-table"),
                PROCESS_COLUMNS,
                PROCESS_FIELDS,
                "rss",
                id="processes",
            )
            yield ListPane(
                Table(REGION_COLUMNS, key=lambda row: row.key, tone=region_tone, mark=region_mark, id="region-table"),
                REGION_COLUMNS,
                REGION_FIELDS,
                "start",
                id="regions",
            )
            yield ElfPane(id="elf")
        yield AddressStrip(id="strip")
        yield Details(id="details")
        yield Prompt(id="prompt")
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Begin to look; wait a moment for what is seen."""
        self._bring_forward("regions")
        self._refresh_forever()
        # Painting panes without rows would hold up the first look, and be painted over by it at once.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loop.first(), _PATIENCE)

    @work(exclusive=True, group="refresh")
    async def _refresh_forever(self) -> None:
        await self._loop.run()

    def on_screen_suspend(self) -> None:
        """Don't look while another screen is shown."""
        self._loop.paused = True

    def on_screen_resume(self) -> None:
        """Look again; at the very first time a look is under way already."""
        if self._loop.paused:
            self._loop.paused = self._poller.paused
            self._loop.now()

    # Showing what was seen

    def _show(self, view: ExploreView) -> None:
        if not self.is_attached:
            return  # the app is closing, and its widgets are gone before its workers
        self._view = view
        self._share.add(view.snapshot.clock, view.snapshot.cost.target)
        with self.app.batch_update():
            self.query_one(TopLine).update(view.snapshot.machine, self._refresh_status(view))
            self._show_processes(view)
            self._show_regions(view)
            self._show_region()
        self._refresh_keys()
        if view.earlier is None:
            # The first picture left out the files behind the regions: opening them would hold up its painting.
            self.set_timer(_UNTIL_FILES, self._loop.now)

    def _refresh_status(self, view: ExploreView) -> RefreshStatus:
        counters = view.snapshot.target.counters if view.snapshot.target is not None else None
        age = view.snapshot.clock - counters.taken_at if isinstance(counters, Counters) else None
        return RefreshStatus(self._loop.interval, paused=self._poller.paused, share=self._share.value, age=age)

    def _show_processes(self, view: ExploreView) -> None:
        pane = self._processes
        pane.table.set_empty(no_processes(pane.filter_text))
        pane.table.set_rows(view.processes.shown)
        at = pane.table.cursor_row
        if view.target is not None and (at is None or at.key != view.target):
            pane.table.move_to(view.target)
        pane.set_title(*process_title(view.processes))
        pane.hint(filter_hint(pane.query_text, (("/", "filter"), ("s", "sort"))))

    def _show_regions(self, view: ExploreView) -> None:
        pane, space = self._regions, view.snapshot.target
        another, self._shown_target = self._shown_target != view.target, view.target
        pane.table.set_empty(no_regions(space, pane.filter_text))
        pane.table.set_rows(view.map.regions.shown, reset=another)
        if self._lab_region is not None and space is not None and space.process.pid == self._lab.pid:
            self._follow_lab(self._lab_region, space)
        pane.set_class(space is not None and space.ended_at is not None, "-ended")
        pane.set_title(*region_title(space, view.map.totals, view.map.listed))
        pane.hint(filter_hint(pane.query_text, (("/", "filter"), (":", "address"), ("o", "holes"))))
        details = self.query_one(Details)
        details.show_changes(view.changes)
        details.show_totals(view.map.kinds)

    def _follow_lab(self, address: int, space: AddressSpace) -> None:
        """Put the cursor on the region that the lab process was just given, or on its ghost."""
        place = locate(space.regions, address)
        key = place.region.start if isinstance(place, Inside) else ("gone", address)
        if self._regions.table.move_to(key):
            self._lab_region = None

    def _show_region(self) -> None:
        """Let ELF pane, strip and details follow the cursor."""
        view, row = self.view, self._regions.table.cursor_row
        space = view.snapshot.target if view is not None else None
        if view is None or space is None:
            self.query_one(ElfPane).show_reason(NO_REGION)
            return
        self.query_one(AddressStrip).show(view.map.extents, row.range if row is not None else None)
        details = self.query_one(Details)
        if row is None:
            self.query_one(ElfPane).show_reason(NO_REGION)
            details.show_text(lambda _width: (*state_lines(space), *what_can_be_seen(space)))
            return
        details.show_text(lambda width: (*state_lines(space), *region_lines(row, space, width)))
        self._show_file(row, space, view.snapshot.machine.page_size)
        self._mark_regions(row, space)

    def _mark_regions(self, row: RegionRow, space: AddressSpace) -> None:
        """Mark what came from one program header: the one a person is at in the ELF pane, else that of the region."""
        picked = self.query_one(ElfPane).picked
        of = picked or ((row.match.loaded, row.match.index) if row.match is not None else None)
        starts = frozenset(regions_of(space.layout, *of)) if of is not None else frozenset()
        self._regions.table.set_linked(starts if picked is not None else starts - {row.key})

    def _show_file(self, row: RegionRow, space: AddressSpace, page_size: int) -> None:
        pane = self.query_one(ElfPane)
        file = row.region.file if row.region is not None else None
        image = row.match.loaded.image if row.match is not None else space.files.get(file) if file else None
        if not isinstance(image, ElfImage):
            pane.show_reason(no_elf(row, space))
            return
        if file is not None and pane.shows_sections:
            image = self._with_sections(space.process.key, file, image)
        loaded, index = (row.match.loaded, row.match.index) if row.match is not None else (None, None)
        pane.show_file(image, loaded, index, page_size)

    def _with_sections(self, target: ProcessKey, file: FileId, image: ElfImage) -> ElfImage:
        """Give the file with its sections if they are read, else as it is and have them read."""
        known = self._poller.image(target, file)
        if known is None:
            self._poller.sections_of = file
            self._loop.now()
        return known if isinstance(known, ElfImage) else image

    # Links between the panes

    @on(Table.Highlighted, "#process-table")
    def _choose_process(self, event: Table.Highlighted) -> None:
        if event.by_user and isinstance(event.row, ProcessRow):
            self._look_at(event.row.key)

    @on(Table.Activated, "#process-table")
    def _enter_process(self, event: Table.Activated) -> None:
        # A filter may have moved the cursor to a row that nobody chose yet.
        if isinstance(event.row, ProcessRow):
            self._look_at(event.row.key)
        self._focus_pane("regions")

    def open(self, target: ProcessKey) -> None:
        """Look at a process that was chosen elsewhere; Backspace returns."""
        self._look_at(target)
        self._focus_pane("regions")

    @on(Table.Highlighted, "#region-table")
    def _choose_region(self) -> None:
        self._show_region()

    @on(Table.Activated, "#region-table")
    def _enter_region(self) -> None:
        self._focus_pane("elf")

    @on(ElfPane.SegmentPicked)
    def _follow_segment(self) -> None:
        self._show_region()

    @on(ElfPane.Jump)
    def _jump(self, event: ElfPane.Jump) -> None:
        self._go_to_address(event.address)
        self._focus_pane("regions")

    @on(AddressStrip.Picked)
    def _pick(self, event: AddressStrip.Picked) -> None:
        self._go_to_address(event.address)

    def _go_to_address(self, address: int) -> None:
        """Put the cursor on the region of `address`; say where it lies in any case."""
        view = self.view
        space = view.snapshot.target if view is not None else None
        if space is None:
            return
        self.notify(plain(address_line(address, space)), markup=False)
        place = locate(space.regions, address)
        if isinstance(place, Inside) and not self._regions.table.move_to(place.region.start):
            self.notify("Its region is hidden by the filter.", severity="warning", markup=False)
        self._show_region()
