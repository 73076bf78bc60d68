"""Explore: processes, the regions of one process and the ELF file behind one region, side by side and live."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, partial

from textual import events, on, work
from textual.app import ComposeResult

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.process.users import Use
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.explore.processes import ProcessRow
from mmexplorer.present.explore.totals import TotalRow, total_filter
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.text.format import size
from mmexplorer.ui.explore.capture.comparing import ELSEWHERE, Comparing
from mmexplorer.ui.explore.capture.recording import RECORD, WRITE
from mmexplorer.ui.explore.capture.recording_controls import RecordingControls
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.elf_pane import ElfPane
from mmexplorer.ui.explore.expected import ExpectedRows
from mmexplorer.ui.explore.file_users import FileUsers
from mmexplorer.ui.explore.idle_keys import Possible, refusals, why_idle
from mmexplorer.ui.explore.lab_controls import LabControls
from mmexplorer.ui.explore.lists import Lists
from mmexplorer.ui.explore.pace import Pace
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.explore.questions import Questions
from mmexplorer.ui.explore.region_under_cursor import RegionUnderCursor
from mmexplorer.ui.explore.tabs.inspection import PointedAt, ReadAgain, SearchAsked, Traced
from mmexplorer.ui.failures import forever
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.looking_back import LookingBack, ShownMoment, TimelineScreen
from mmexplorer.ui.modes import Services, Start
from mmexplorer.ui.refresh import Paced, RefreshLoop
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.widgets.footer import Footer
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.shared_row import SharedRow
from mmexplorer.ui.widgets.table.table import Table
from mmexplorer.ui.widgets.timeline_bar import TimelineBar

_PATIENCE = 0.5
"""Seconds after which the screen is painted even without a first view."""
_BETWEEN_STEPS = 0.02
"""Seconds between two steps of a search of all processes, during which keys are handled."""
_FOLLOWS = 0.1
"""Seconds without a key press until ELF pane, strip, details and links follow the cursor."""
_FOLLOWS_AT_LEAST = 4
"""While a key repeats, they follow after this many such pauses."""
_UNTIL_PAGES = 0.005
"""Seconds until they are painted: mostly enough to read the pages of the region, which are then in the same frame."""
_UNTIL_FILES = 0.15
"""Seconds between the first sample and the next: long enough to paint."""


def _after(seconds: float, call: Callable[[], object]) -> None:
    """Call later in the event loop. Textual's timers are tasks, each of which costs as much as painting a few rows."""
    asyncio.get_running_loop().call_later(seconds, call)


class ExploreScreen(TimelineScreen):
    """Composes the panes and connects them; `ExplorePoller` reads, the widgets paint."""

    BINDINGS = bindings("explore", "lab")
    PANES = (("processes", "Processes"), ("regions", "Regions"), ("elf", "ELF"), ("details", "Details"))
    FIRST_PANE = "regions"
    AUTO_FOCUS = "#region-table"
    DEFAULT_CLASSES = "-at-regions"
    _expects: ExpectedRows

    def __init__(self, services: Services, start: Start, moment: ShownMoment) -> None:
        super().__init__()
        self._filter = start.filter
        self._file = start.file
        live = start.file is None
        self._poller = ExplorePoller(services.memory, start.target, services.past, live=live, moment=moment)
        self._loop: RefreshLoop[ExploreView] = RefreshLoop(self._poller.poll, self._show, start.interval)
        self._pace = Pace(self._poller, self._loop)
        self._expects = ExpectedRows(self._loop, lambda: self._lists.focused is self._processes)
        self._comparing = Comparing(self, services.elsewhere, self._ask_again, self._turn_to_regions)
        self._lists = Lists(self, self._poller, self._comparing, self._expects.ask)
        crash = start.file.address if start.file is not None else None
        self._past = LookingBack(moment, self._turn_to_moment, lambda: self.view)
        self._cursor = RegionUnderCursor(
            self,
            self._lists,
            self._poller,
            self._comparing,
            inspector=services.inspector,
            wake=self._loop.now,
            crash=crash,
        )
        self._recording = RecordingControls(self, services.recorder, self._poller, self._loop.now)
        self._users = FileUsers(self, services.memory)
        self._lab = LabControls(self, services.lab, self._poller, self._loop)
        self._following = Paced(self._follow_soon, _after, seconds=_FOLLOWS, pauses=_FOLLOWS_AT_LEAST)
        self.view: ExploreView | None = None
        """The view shown; None before the first poll. The reading thread may be one poll ahead."""
        self._unseen: ExploreView | None = None
        """The newest view, while another mode is shown."""
        self._could = self._possible
        self._questions = Questions(
            self,
            {
                "address": self._go_to_text,
                "search": self._cursor.search,
                "size": self._lab.choose_size,
                RECORD: self._recording.start,
                WRITE: self._recording.write,
                ELSEWHERE: self._comparing.find,
            },
            self._choose_found,
        )
        self._begun = False
        """Whether the first view was shown."""

    def compose(self) -> ComposeResult:
        """Lay out header, panes, strip, details and footer."""
        yield TopLine("Explore")
        if self._file is not None:
            yield Lines(id="verdict")
        yield Lines(id="pane-tabs")
        with SharedRow(first="regions", id="panes"):
            yield from self._lists.compose()
            yield ElfPane(self._cursor.with_sections, id="elf")
        yield AddressStrip(id="strip")
        yield TimelineBar(id="timeline")
        yield Details(id="details")
        yield Prompt(id="prompt")
        yield Footer()

    @cached_property
    def _top_line(self) -> TopLine:
        return self.query_one(TopLine)

    @cached_property
    def _timeline(self) -> TimelineBar:
        return self.query_one(TimelineBar)

    @cached_property
    def _elf(self) -> ElfPane:
        return self.query_one(ElfPane)

    @cached_property
    def _details(self) -> Details:
        return self.query_one(Details)

    @cached_property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @property
    def _space(self) -> AddressSpace | None:
        """The address space shown."""
        return self.view.snapshot.target if self.view is not None else None

    @property
    def _processes(self) -> ListPane:
        return self._lists.processes

    @property
    def _regions(self) -> ListPane:
        return self._lists.regions

    # Polling

    async def on_mount(self) -> None:
        """Start polling, and wait briefly for the first view."""
        if self._filter:
            self._processes.ask(self._filter)
            self._focus_pane("processes")
        else:
            self._bring_forward("regions")
        if self._file is not None:
            self.query_one("#verdict", Lines).show(self._file.verdict_lines)
        self._refresh_forever()
        self._inspect_forever()
        # Painting empty panes would delay the first poll, only to be painted over at once.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loop.first(), _PATIENCE)

    @work(exclusive=True, group="refresh")
    async def _refresh_forever(self) -> None:
        await forever(self.app, self._loop.run)

    @work(exclusive=True, group="inspect")
    async def _inspect_forever(self) -> None:
        await self._cursor.run()

    def on_screen_suspend(self) -> None:
        """Poll only for the history while another mode is shown. Under a dialog nothing changes."""
        if self.is_of_other_mode:
            self._pace.suspend()

    def on_screen_resume(self) -> None:
        """Show what was seen meanwhile, and poll as before."""
        if self._unseen is not None:
            self._paint(self._unseen)
        self._pace.resume()

    # Showing a view

    def _show(self, view: ExploreView) -> None:
        if not self.has_widgets:
            return
        self._pace.add(view)
        if self.is_of_other_mode:
            self._unseen = view
        else:
            self._paint(view)

    def _paint(self, view: ExploreView) -> None:
        self._unseen = None
        self.view = view
        self._cursor.use(view)
        self._show_status()
        self._show_processes(view)
        self._show_regions(view)
        self._cursor.show()
        self._show_timeline(view)
        self._refresh_keys()
        if self._begun or view.earlier is not None:
            return
        self._begun = True
        if self._file is not None and self._file.address is not None:
            self._cursor.go_to(self._file.address)
        elif self._file is None:
            # The first frame left out the files behind the regions, because opening them would delay it.
            _after(_UNTIL_FILES, self._loop.now)

    def _show_status(self) -> None:
        view = self.view
        if view is not None:
            file = self._file.title if self._file is not None else ""
            moment = self._past.text(view, live=self._file is None)
            status = self._pace.status(view, file=file, moment=moment, recording=self._recording.status)
            self._top_line.update(view.snapshot.machine, status)

    def _show_timeline(self, view: ExploreView) -> None:
        bar = self._timeline
        bar.display = bool(view.timeline.ticks)
        bar.show_timeline(view.timeline, view.shown)
        self._recording.report_failure()
        if not view.timeline.whole:
            self._loop.now()  # load the rest of a long capture

    def _show_processes(self, view: ExploreView) -> None:
        self._lists.show_processes(view)
        if view.searched is not None and not view.searched.done:
            self._poller.searching = True
            _after(_BETWEEN_STEPS, self._loop.now)

    def _show_regions(self, view: ExploreView) -> None:
        self._lists.show_regions(view)
        self._comparing.show(view)
        self._lab.follow(view.snapshot.target, self._regions.table)
        details = self._details
        details.show_process(
            view, self._regions.filter_text, one_moment=self._file is not None and not self._past.has_past
        )
        self._poller.threads = details.tab == "threads"

    @on(ReadAgain)
    def _inspect(self) -> None:
        self._cursor.inspect()

    @on(SearchAsked)
    def _ask_search(self) -> None:
        self._questions.ask_pattern()

    @on(Traced)
    def _show_traced(self) -> None:
        self._cursor.show()
        if self.view is not None:
            self._show_regions(self.view)

    @on(PointedAt)
    def _point_at(self, event: PointedAt) -> None:
        self._cursor.point_at(event.address)
        if event.follow:
            self._cursor.go_to(event.address)

    # Links between the panes

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Look at the chosen process, or make the other panes follow the cursor among the regions."""
        if event.table is self._lists.of_regions.table:
            self._following.ask()
        elif event.by_user and isinstance(event.row, ProcessRow):
            self._look_at(event.row.key)

    @on(Table.Activated, "#process-table")
    def _enter_process(self, event: Table.Activated) -> None:
        # A filter may have moved the cursor to a row that nobody has chosen.
        if isinstance(event.row, ProcessRow):
            self._look_at(event.row.key)
            if event.row.hits is not None:
                self._show_hits(event.row.hits)
        self._focus_pane("regions")

    def _show_hits(self, found: Hits) -> None:
        """Go to the first region that the process filter matches, and apply that filter to the regions."""
        self._lists.filter_as_searched()
        self._go_to_first(found)

    def _go_to_first(self, found: Hits) -> None:
        self._expects.then(partial(self._lists.go_to_first, found))

    def open(self, target: ProcessKey) -> None:
        """Show a process chosen on another screen; Backspace returns."""
        self._look_at(target)
        self._focus_pane("regions")

    def _follow_soon(self) -> None:
        """Let the other panes follow the cursor once it is painted."""
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        self._cursor.show()
        self.frames.wait(_UNTIL_PAGES)

    @on(Table.Activated, "#region-table")
    @on(Table.Activated, "#difference-table")
    def _enter_region(self) -> None:
        self._focus_pane("elf")

    @on(ElfPane.SegmentPicked)
    def _follow_segment(self) -> None:
        self._cursor.show()

    @on(ElfPane.Jump)
    def _jump(self, event: ElfPane.Jump) -> None:
        self._cursor.go_to(event.address)
        self._focus_pane("regions")

    @on(AddressStrip.Picked)
    def _pick(self, event: AddressStrip.Picked) -> None:
        self._cursor.go_to(event.address)

    # Keys that work

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Hide keys that would do nothing from the footer and the palette."""
        return not self._prompt.is_open and action not in refusals(self._possible)

    def on_key(self, event: events.Key) -> None:
        """Say why a key that nothing handled does nothing."""
        if not self._prompt.is_open and (why := why_idle(event.key, refusals(self._possible))):
            self.notify(why, markup=False)

    @property
    def _possible(self) -> Possible:
        return Possible(
            live=self._file is None,
            past=self._past.has_past,
            record=self._recording.can_record,
            compare=self._comparing.has_elsewhere,
            back=self._poller.can_go_back,
            unmap=self._lab.has_mapping,
        )

    def _refresh_keys(self) -> None:
        """Redraw the footer if a key became available or unavailable."""
        possible = self._possible
        if possible != self._could:
            self._could = possible
            self.refresh_bindings()

    # Filter and sort

    def _ask_again(self) -> None:
        self._lists.ask_again()

    def action_filter(self) -> None:
        """Ask for a filter for the focused list."""
        self._questions.ask_filter(self._lists.focused)

    def action_sort(self) -> None:
        """Offer all columns to sort by."""
        self._lists.pick_sort()

    def action_sort_next(self, step: int) -> None:
        """Sort by the next visible column, or the previous one."""
        self._lists.focused.sort_by_next(step)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._lists.focused.reverse()

    def action_holes(self) -> None:
        """Show or hide the holes between regions."""
        self._lists.toggle_holes()

    def action_mark(self) -> None:
        """Measure growth from now on."""
        self._lists.mark()
        self.notify("Growth is measured from now on.")

    def action_kernel_threads(self) -> None:
        """Show or hide kernel threads."""
        self._lists.toggle_kernel_threads()

    # The prompt

    @on(Prompt.Changed)
    def _type(self, event: Prompt.Changed) -> None:
        self._questions.type(event)

    @on(Prompt.Accepted)
    def _accept(self, event: Prompt.Accepted) -> None:
        self._questions.accept(event)

    def _choose_found(self) -> None:
        """Show the process under the cursor once the list is filtered."""
        self._expects.then(self._look_at_found)

    def _look_at_found(self) -> None:
        row = self._processes.table.cursor_row
        if isinstance(row, ProcessRow) and not row.ended:
            self._look_at(row.key)

    @on(Prompt.GivenUp)
    def _give_up(self, event: Prompt.GivenUp) -> None:
        self._questions.give_up(event)

    def action_clear(self) -> None:
        """Clear the focused list's filter; if it has none, return from a difference to the regions."""
        pane = self._lists.focused
        if self._comparing.is_on and not pane.query_text:
            self._comparing.leave()
        else:
            pane.ask("")

    def action_go_to(self) -> None:
        """Ask for an address."""
        self._questions.ask_address()

    def _go_to_text(self, text: str) -> str:
        """Go to the address that `text` names; return an error message, or ""."""
        if not text.strip():
            return ""
        wrong = self._cursor.answer(text)
        if wrong:
            return wrong
        details = self._details
        details.show_region()
        if not details.display:
            self.call_later(self._focus_pane, "details")
        return ""

    # Comparing

    @property
    def _stops(self) -> Mapping[str, str]:
        """The Tab stops: while comparing, the difference instead of the regions."""
        of_regions = "difference" if self._comparing.is_on else "regions"
        return {of_regions if name == "regions" else name: name for name, _ in self.PANES}

    def action_mark_a(self) -> None:
        """Remember the current view as A, then once more with freshly read counters."""
        self._comparing.remember(self.view)
        if self._is_now:
            self._complete_a()

    @work(group="mark", exclusive=True)
    async def _complete_a(self) -> None:
        self._poller.counters_now = True
        await self._loop.fresh()
        self._comparing.complete(self.view)

    async def action_compare(self) -> None:
        """Compare the current view with A, or return to the regions."""
        await self._comparing.toggle()
        if self._comparing.is_on and self._is_now:
            self._pace.read_now()

    def action_compare_with(self) -> None:
        """Ask for something else to compare with."""
        self._comparing.ask()

    @property
    def _is_now(self) -> bool:
        """Whether the view is of the present, so that there is something to read."""
        return self._file is None and self._poller.moment.at is None

    def _turn_to_regions(self) -> None:
        """Focus the regions, or the difference that replaces them, unless the prompt is open."""
        if not self._prompt.is_open:
            self._focus_pane("regions")

    # Recording

    def action_record(self) -> None:
        """Ask for a file to record to, or stop recording."""
        self._recording.record(self._space.process if self._space is not None else None)

    def action_write_recent(self) -> None:
        """Ask for a file to write the last minutes to."""
        self._recording.write_recent(self._space.process if self._space is not None else None)

    # Pace

    def action_pause(self) -> None:
        """Pause refreshing, or continue."""
        self._pace.pause()

    def action_read_now(self) -> None:
        """Read everything once, even when paused."""
        self._pace.read_now()

    def action_interval(self, step: int) -> None:
        """Refresh more or less often."""
        self._pace.change_interval(step)

    # Choosing the process

    def _look_at(self, target: ProcessKey) -> None:
        if self._poller.choose(target):
            self._expects.process.ask()

    def action_back(self) -> None:
        """Return to the previous process."""
        self._poller.back()
        self._expects.process.ask()

    def action_follow(self) -> None:
        """Toggle following: whether the next process of the same name replaces this one when it ends."""
        self._poller.follow = not self._poller.follow
        self.notify(
            "When this process ends, the next of its name is shown."
            if self._poller.follow
            else "When this process ends, its last map stays."
        )

    # Tabs

    async def action_sections(self) -> None:
        """Show the next part of the ELF file."""
        if not self._elf.has_file:
            self.notify("There are no sections: no ELF file is shown.")
            return
        await self._elf.switch()
        self.query_one(SharedRow).share_again()
        self._cursor.show()

    async def action_details(self) -> None:
        """Show the next tab of the details."""
        await self._details.next_tab()

    async def action_show(self, tab: str) -> None:
        """Show one of the details tabs and focus it."""
        await self._details.show_tab(tab)
        self._focus_pane("details")
        self._cursor.inspect()

    @on(Table.Activated, "#totals")
    def _enter_total(self, event: Table.Activated) -> None:
        if isinstance(event.row, TotalRow):
            self._regions.ask(total_filter(event.row, self._regions.filter_text))
            self._focus_pane("regions")

    # The users of a file

    @work(group="users", exclusive=True)
    async def action_users(self) -> None:
        """List the processes that map the file behind the region under the cursor, or hold it open."""
        row, space = self._cursor.row, self._space
        if self.view is None or row is None or row.region is None or space is None:
            self.notify("There is no region under the cursor, and so no file.")
        else:
            await self._users.list_users(space, row.region, self.view.snapshot.machine.page_size)

    @on(Table.Activated, "#user-table")
    def _enter_user(self, event: Table.Activated) -> None:
        if isinstance(event.row, Use):
            self._look_at(event.row.process.key)
            self._go_to_first(Hits(event.row.regions, event.row.size, event.row.first))
            self._focus_pane("regions")

    # The lab process

    @work(group="lab")
    async def action_lab_map(self) -> None:
        """Map memory in the lab process."""
        await self._lab.map()

    @work(group="lab")
    async def action_lab_touch(self) -> None:
        """Touch the next pages of the mapping."""
        await self._lab.touch()

    @work(group="lab")
    async def action_lab_unmap(self) -> None:
        """Unmap the newest mapping."""
        await self._lab.unmap()

    def action_lab_size(self) -> None:
        """Ask how much m maps."""
        self._questions.ask_size(size(self._lab.size))
