"""The region under the cursor, as ELF pane, strip and details show it, and the address asked about."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property, partial

from mmexplorer.model.address import NoAddress, parse_address, region_range
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout, LoadedImage, regions_of
from mmexplorer.model.memory.bytes import parse_pattern
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.explore.live_rows import LIT_SECONDS
from mmexplorer.present.explore.region_details import details_lines
from mmexplorer.present.explore.titles import no_region, nothing_drawn
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.address_strip import Lit, with_touch
from mmexplorer.present.region.answer import answered_at, place_of
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.line import EMPTY, Line
from mmexplorer.ui.explore.address_answer import AddressAnswer
from mmexplorer.ui.explore.capture.comparing import Comparing
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.elf_names import read_names
from mmexplorer.ui.explore.elf_pane import ElfPane
from mmexplorer.ui.explore.lists import Lists
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.explore.tabs.inspection import NO_PAST, READING, Inspection, Subject
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.workers import start_worker

_TOUCH_SECONDS = 2 * LIT_SECONDS
"""A region that is lit after that long is lit for another reason."""


class _Linked(NamedTuple):
    """The regions of a program header."""

    layout: Layout
    of: tuple[LoadedImage, int]
    starts: frozenset[int]


class RegionUnderCursor:
    """Updates these when the screen reports a cursor move or a new view. Owned by the screen."""

    def __init__(
        self,
        screen: PanedScreen,
        lists: Lists,
        poller: ExplorePoller,
        comparing: Comparing,
        *,
        inspector: Inspector,
        wake: Callable[[], object],
        crash: int | None,
    ) -> None:
        """Keep `wake`, which makes the poller run, and `crash`, the address that a signal reported."""
        self._screen = screen
        self._lists = lists
        self._poller = poller
        self._comparing = comparing
        self._wake = wake
        self._crash = crash
        self._inspector = inspector
        self._inspection = Inspection(inspector)
        self._asked = AddressAnswer(self.with_sections)
        self._view: ExploreView | None = None
        self._is_now = True
        self._linked: _Linked | None = None

    async def run(self) -> None:
        """Read for the front tab, until cancelled."""
        await self._inspection.run()

    @cached_property
    def _pane(self) -> ElfPane:
        return self._screen.query_one(ElfPane)

    @cached_property
    def _strip(self) -> AddressStrip:
        return self._screen.query_one(AddressStrip)

    @cached_property
    def _details(self) -> Details:
        return self._screen.query_one(Details)

    @property
    def space(self) -> AddressSpace | None:
        """The address space shown."""
        return self._view.snapshot.target if self._view is not None else None

    @property
    def row(self) -> RegionRow | None:
        """The row under the cursor."""
        return self._lists.row

    def use(self, view: ExploreView) -> None:
        """Use `view` from now on, with no inspector if it is of the past: a process only knows its present memory."""
        self._view = view
        self._is_now = view.shown is None or view.shown.is_newest
        knows = not self._inspector.live or self._is_now
        self._inspection.inspector = self._inspector if knows else NO_PAST

    def show(self) -> None:
        """Make the ELF pane, strip and details follow the cursor."""
        if not self._screen.has_widgets:
            return
        pane, view, space, row = self._pane, self._view, self.space, self.row
        if view is None or space is None:
            pane.show_reason(self._nothing)
            return
        strip = self._strip
        details = self._details
        traced = details.faulted_pages(space.process.key)
        selected = row.range if row is not None else None
        strip.show(
            view.map.extents, selected, self._crash, traced, self._lit(view, space), nothing=nothing_drawn(space)
        )
        answer, parts = self._asked.at(row, space), self._comparing.lines
        clock, live = view.snapshot.clock, self._inspector.live and self._is_now
        details.show_text(lambda width: (*answer.lines, *parts, *details_lines(row, space, clock, width, live=live)))
        if row is None:
            pane.show_reason(self._nothing)
        else:
            pane.show_region(row, space, view)
        pane.mark_section(answer.section)
        self._mark_regions(row, space)
        self.inspect()
        if pane.wants is not None:
            read = partial(read_names, pane, space, self._inspection.inspector)
            start_worker(self._screen, read, group="names", exclusive=True)

    def _lit(self, view: ExploreView, space: AddressSpace) -> Sequence[Lit]:
        """Return what changed; of the memory that the lab process touched, exactly that."""
        touch = self._poller.touched
        if touch is None or touch.pid != space.process.pid or view.snapshot.clock - touch.at > _TOUCH_SECONDS:
            return view.map.lit
        return with_touch(view.map.lit, touch.range)

    def inspect(self) -> None:
        """Read what the front tab and the third pane need for the region under the cursor."""
        view, space, row = self._view, self.space, self.row
        if view is None or space is None:
            self._inspection.follow((), None)
            return
        details = self._details
        seen = (self._pane.inspected, details.front if details.display else None)
        page_size, traced = view.snapshot.machine.page_size, details.faulted_pages(space.process.key)
        region, nothing = (row.region, EMPTY) if row is not None else (None, self._nothing)
        subject = Subject(space, region, page_size, traced, nothing)
        self._inspection.follow(seen, subject)

    @property
    def _nothing(self) -> Line:
        """Why no region is under the cursor."""
        return no_region(self.space, self._lists.regions.filter_text) if self._view is not None else READING

    def point_at(self, address: int) -> None:
        """Make the other tabs show the address under the front tab's cursor."""
        self._inspection.point_at(address, asked=False)

    def go_to(self, address: int) -> None:
        """Move the cursor to the region that contains `address`; for a hole, to the one below it."""
        space = self.space
        if space is None:
            return
        start = answered_at(place_of(address, space))
        if start is not None and not self._lists.move_to(start):
            self._screen.notify("Its region is hidden by the filter.", severity="warning", markup=False)
        self.show()

    def answer(self, text: str) -> str:
        """Go to the address that `text` names and describe it; return an error message, or ""."""
        space = self.space
        if space is None:
            return "no process is looked at"
        address = parse_address(text, space.regions, space.layout)
        if isinstance(address, NoAddress):
            return address.sentence
        self._asked.ask(space.process.key, address)
        self._inspection.point_at(address, asked=True)
        start_worker(self._screen, partial(self._name, space, address), group="name", exclusive=True)
        self.go_to(address)
        return ""

    def search(self, text: str) -> str:
        """Search the memory of the process; return an error in the pattern, or ""."""
        space = self.space
        if not text.strip() or space is None:
            return ""
        wanted = parse_pattern(text, partial(region_range, regions=space.regions, layout=space.layout))
        if isinstance(wanted, NoAddress):
            return wanted.sentence
        self._details.search(self._inspection.inspector, wanted)
        return ""

    def with_sections(self, file: FileId, image: ElfImage) -> ElfImage:
        """Return the file with its sections, or unchanged, after requesting them, if they aren't read yet."""
        target = self._view.target if self._view is not None else None
        if target is None:
            return image
        known = self._poller.image(target, file)
        if known is None:
            self._poller.sections_of = file
            self._wake()
        return known if isinstance(known, ElfImage) else image

    async def _name(self, space: AddressSpace, address: int) -> None:
        """Look up the symbol at the address asked about, and add it to the answer."""
        found = await asyncio.to_thread(lambda: self._inspection.inspector.namer(space)(address))
        self._asked.name(address, found)
        self.show()

    def _loaded_from(self, layout: Layout, of: tuple[LoadedImage, int]) -> frozenset[int]:
        """Return the starts of the regions of a program header; found again only for another one, or another layout."""
        known = self._linked
        if known is None or known.layout is not layout or known.of != of:
            known = self._linked = _Linked(layout, of, frozenset(regions_of(layout, *of)))
        return known.starts

    def _mark_regions(self, row: RegionRow | None, space: AddressSpace) -> None:
        """Mark the regions of one program header: the one picked in the ELF pane, else that of the region."""
        picked = self._pane.picked
        match = row.match if row is not None else None
        of = picked or ((match.loaded, match.index) if match is not None else None)
        starts = self._loaded_from(space.layout, of) if of is not None else frozenset()
        self._lists.regions.table.set_linked(starts if picked is not None or row is None else starts - {row.key})
