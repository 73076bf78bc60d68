"""What the keys of Explore do: filter, sort, address, pace, and the calls of the lab process."""

from textual import on, work

from mmexplorer.labs.interfaces import LabProcess
from mmexplorer.model.address import NoAddress, parse_address
from mmexplorer.model.amount import parse_size
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.source import MemorySource
from mmexplorer.present.explore.lab_calls import CallRow
from mmexplorer.present.explore.processes import ProcessOptions, ProcessRow
from mmexplorer.present.explore.region_rows import RegionOptions
from mmexplorer.present.explore.view import ExploreView, ViewOptions
from mmexplorer.present.text.format import size
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.explore.elf_pane import ElfPane
from mmexplorer.ui.explore.lab_controls import LabDriver
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.refresh import RefreshLoop
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.prompt import Prompt

INTERVALS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between refreshes that + and - choose from."""

_FILTER_EXAMPLES = {
    "processes": "text   user:root   rss>100M   state:D   !name:python",
    "regions": "text   perm:rw?p   kind:heap   path:libc   size>1M   rss>0   !kind:file",
}


class ExploreActions(PanedScreen):
    """The actions of the registry; the screen that shows things is built on it."""

    BINDINGS = bindings("explore", "lab")

    def __init__(self, source: MemorySource, lab: LabProcess, target: ProcessKey | None, interval: float) -> None:
        super().__init__()
        self._poller = ExplorePoller(source, target)
        self._loop: RefreshLoop[ExploreView] = RefreshLoop(self._poller.poll, self._show, interval)
        self._view: ExploreView | None = None
        self._lab = LabDriver(lab)
        self._lab_region: int | None = None
        """The address that the lab process was just given: the cursor goes there as soon as it is seen."""
        self._visited: list[ProcessKey] = []
        self._could = (False, False)
        self._kernel_threads = False
        self._gaps = False

    def _show(self, view: ExploreView) -> None:
        raise NotImplementedError

    def _show_region(self) -> None:
        raise NotImplementedError

    def _go_to_address(self, address: int) -> None:
        raise NotImplementedError

    @property
    def view(self) -> ExploreView | None:
        """What is shown; None before the first look. The reading thread may be one look ahead."""
        return self._view

    @property
    def _processes(self) -> ListPane:
        return self.query_one("#processes", ListPane)

    @property
    def _regions(self) -> ListPane:
        return self.query_one("#regions", ListPane)

    @property
    def _focused_list(self) -> ListPane:
        """The list that filter and sort are about: the processes while one is among them, else the regions."""
        return self._processes if self._processes.has_pseudo_class("focus-within") else self._regions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Keep keys that would do nothing out of the footer and the palette."""
        if self.query_one(Prompt).is_open:
            return False
        if action in ("lab_touch", "lab_unmap"):
            return self._lab.has_mapping
        if action == "back":
            return bool(self._visited)
        return True

    def _refresh_keys(self) -> None:
        """Have the footer made anew, which is dear, if other keys work than a moment ago."""
        can = (self._lab.has_mapping, bool(self._visited))
        if can != self._could:
            self._could = can
            self.refresh_bindings()

    # Filter and sort

    @on(ListPane.Asked)
    def _ask_again(self) -> None:
        processes, regions = self._processes, self._regions
        self._poller.options = ViewOptions(
            ProcessOptions(processes.filter, processes.sort_key, processes.descending, self._kernel_threads),
            RegionOptions(regions.filter, regions.sort_key, regions.descending, self._gaps),
        )
        self._loop.now()

    def action_filter(self) -> None:
        """Ask for a filter of the list that has the focus."""
        pane = self._focused_list
        self.query_one(Prompt).ask(f"filter {pane.id}", "/", pane.query_text, _FILTER_EXAMPLES[str(pane.id)])

    def action_sort(self) -> None:
        """Sort by the next column."""
        self._focused_list.sort_by_next()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._focused_list.reverse()

    def action_gaps(self) -> None:
        """Show or hide the holes between regions."""
        self._gaps = not self._gaps
        self._ask_again()

    def action_kernel_threads(self) -> None:
        """Show or hide the kernel's threads."""
        self._kernel_threads = not self._kernel_threads
        self._ask_again()

    # The line at the bottom

    @on(Prompt.Changed)
    def _type(self, event: Prompt.Changed) -> None:
        subject, _, name = event.subject.partition(" ")
        if subject == "filter":
            wrong = self.query_one(f"#{name}", ListPane).ask(event.value)
            self.query_one(Prompt).note(f"at {wrong.position + 1}: {wrong.sentence}" if wrong else "")
        else:
            self.query_one(Prompt).note("")

    @on(Prompt.Accepted)
    def _accept(self, event: Prompt.Accepted) -> None:
        subject, _, name = event.subject.partition(" ")
        prompt = self.query_one(Prompt)
        if subject == "address":
            wrong = self._go_to_text(event.value)
        elif subject == "size":
            wrong = self._choose_size(event.value)
        else:
            wrong = self._apply_filter(self.query_one(f"#{name}", ListPane), event.value)
        if wrong:
            prompt.note(wrong)
        else:
            prompt.close()

    def _apply_filter(self, pane: ListPane, text: str) -> str:
        """Filter for good; of the processes the one under the cursor is shown. Give what is wrong, or ""."""
        error = pane.ask(text)
        if error is not None:
            return error.sentence
        if pane is self._processes:
            self._choose_found()
        return ""

    @work(group="choose", exclusive=True)
    async def _choose_found(self) -> None:
        """Show the process on which the cursor stands once the list is filtered."""
        await self._loop.fresh()
        row = self._processes.table.cursor_row
        if isinstance(row, ProcessRow) and not row.ended:
            self._look_at(row.key)

    @on(Prompt.GivenUp)
    def _give_up(self, event: Prompt.GivenUp) -> None:
        subject, _, name = event.subject.partition(" ")
        if subject == "filter":
            self.query_one(f"#{name}", ListPane).ask(event.value)

    def action_clear(self) -> None:
        """Drop the filter of the list that has the focus."""
        self._focused_list.ask("")

    def action_go_to(self) -> None:
        """Ask for an address."""
        self.query_one(Prompt).ask("address", ":", "", "7f3a4c1d0bc8   0x1139   139888   exe+0x1139   libc.so.6+0x27")

    def _go_to_text(self, text: str) -> str:
        """Go where `text` points; give what is wrong with it, or ""."""
        if not text.strip():
            return ""
        view = self.view
        space = view.snapshot.target if view is not None else None
        if space is None:
            return "no process is looked at"
        address = parse_address(text, space.regions, space.layout)
        if isinstance(address, NoAddress):
            return address.sentence
        self._go_to_address(address)
        return ""

    # Pace

    def action_pause(self) -> None:
        """Stop refreshing, or go on."""
        self._poller.paused = self._loop.paused = not self._poller.paused
        self._loop.now()

    def action_read_now(self) -> None:
        """Read everything once, paused or not."""
        self._poller.counters_now = True
        self._loop.now()

    def action_interval(self, step: int) -> None:
        """Refresh more or less often."""
        nearest = min(range(len(INTERVALS)), key=lambda index: abs(INTERVALS[index] - self._loop.interval))
        self._loop.interval = INTERVALS[max(0, min(nearest + step, len(INTERVALS) - 1))]
        self._loop.now()

    # Which process

    def _look_at(self, target: ProcessKey) -> None:
        before = self._poller.target
        if before != target:
            if before is not None:
                self._visited.append(before)
            self._poller.target = target
            self._loop.now()

    def action_back(self) -> None:
        """Look at the process that was shown before."""
        if self._visited:
            self._poller.target = self._visited.pop()
            self._loop.now()

    def action_follow(self) -> None:
        """Go on with the next process of the same name when this one ends, or don't."""
        self._poller.follow = not self._poller.follow
        self.notify(
            "When this process ends, the next of its name is shown."
            if self._poller.follow
            else "When this process ends, its last map stays."
        )

    # Tabs

    def action_sections(self) -> None:
        """Show sections or program headers."""
        self.query_one(ElfPane).switch()
        self._show_region()

    def action_details(self) -> None:
        """Show the next tab of the details."""
        self.query_one(Details).next_tab()

    # The lab process

    @work(group="lab")
    async def action_lab_map(self) -> None:
        """Map memory in the lab process. It is looked at before, to tell what is new from what was there."""
        if self._lab.pid is None:
            await self._lab.start()
        self._select_lab()
        self._poller.counters_now = True
        await self._loop.fresh()
        self._note(await self._lab.map())

    @work(group="lab")
    async def action_lab_touch(self) -> None:
        """Touch the next pages of what was mapped."""
        self._note(await self._lab.touch())

    @work(group="lab")
    async def action_lab_unmap(self) -> None:
        """Unmap what was mapped."""
        self._note(await self._lab.unmap())

    def action_lab_size(self) -> None:
        """Ask how much m maps."""
        self.query_one(Prompt).ask("size", "mmap size", size(self._lab.size), "100M   64K   2G   4096")

    def _choose_size(self, text: str) -> str:
        count = parse_size(text)
        if not count:
            return "a size is a number of bytes, or one with K, M or G: 100M"
        self._lab.size = count
        return ""

    def _note(self, row: CallRow | None) -> None:
        """Show what the lab process answered, and what has become of its map."""
        if row is None:
            return
        details = self.query_one(Details)
        details.show_calls(self._lab.calls)
        details.show_tab("calls")
        self._poller.counters_now = True  # it is ours, and small: what it has touched is to be seen at once
        if row.ok:
            self._lab_region = row.start
        else:
            self.notify(f"{row.call} {row.error}".strip(), severity="error", markup=False)
        self._loop.now()

    def _select_lab(self) -> None:
        pid, target = self._lab.pid, self._poller.target
        if pid is None or (target is not None and target.pid == pid):
            return
        if target is not None:
            self._visited.append(target)
            self.notify(f"This is the lab process, {pid}. Backspace goes back to {target.pid}.", timeout=4)
        self._poller.target_pid = pid
