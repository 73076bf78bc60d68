"""The ELF file behind the region under the cursor: the loader's table, program headers, sections.

For a region without one, it shows the memory itself.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.loader import LOADER_COLUMNS, LoaderRow, how_opened, loader_rows
from mmexplorer.present.elf.names import DYNAMIC_COLUMNS, SYMBOL_COLUMNS, DynamicRow, SymbolRow
from mmexplorer.present.elf.sections import SECTION_COLUMNS, SectionRow, section_rows
from mmexplorer.present.elf.segments import SEGMENT_COLUMNS, SegmentRow, segment_rows
from mmexplorer.present.explore.region_memory import RegionMemory
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.match_reason import no_elf_reason
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.ui.explore.memory_part import MemoryPart
from mmexplorer.ui.explore.tabs.late_tabs import LateTabs
from mmexplorer.ui.widgets.pane import Pane, framed
from mmexplorer.ui.widgets.table.layout import Needs
from mmexplorer.ui.widgets.table.table import Table

PARTS = (
    ("segments", "program headers"),
    ("sections", "sections"),
    ("symbols", "symbols"),
    ("dynamic", "dynamic section"),
)
"""The parts that take turns below the loader's table: id and name."""

_MAKERS: Mapping[str, Callable[[], Table[Any]]] = {
    "segments": lambda: Table(SEGMENT_COLUMNS, key=lambda row: row.key, id="segments"),
    "sections": lambda: Table(SECTION_COLUMNS, key=lambda row: row.key, id="sections"),
    "symbols": lambda: Table(SYMBOL_COLUMNS, key=lambda row: row.key, id="symbols"),
    "dynamic": lambda: Table(DYNAMIC_COLUMNS, key=lambda row: row.key, id="dynamic"),
}

_MEMORY = Needs(26, 60)
"""For a region's memory while it has the focus; otherwise moving among the regions would move the panes."""


class ElfPane(Pane):
    """Shows one file, and posts where the user wants to go."""

    DEFAULT_CSS = """
    ElfPane #loader { height: 7; border-bottom: solid $border-blurred; }
    ElfPane LateTabs { height: 1fr; }
    ElfPane #memory { display: none; }
    ElfPane.-memory {
        #loader, LateTabs { display: none; }
        #memory { display: block; }
    }
    """

    class Jump(Message):
        """An address was opened."""

        def __init__(self, address: int) -> None:
            super().__init__()
            self.address = address

    class SegmentPicked(Message):
        """The user moved the cursor to another program header; see `picked`."""

    def __init__(self, with_sections: Callable[[FileId, ElfImage], ElfImage], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._with_sections = with_sections
        """Returns a file with its sections, or unchanged until they are read."""
        self._parts = LateTabs(_MAKERS)
        self._loaded: LoadedImage | None = None
        self._shown: tuple[object, ...] = ()
        self._how_opened = ""
        self._marked: int | None = None
        self._named: dict[str, LoadedImage] = {}
        """The file that the symbol and dynamic section tables belong to, by part."""

    def compose(self) -> ComposeResult:
        """Lay out the tables; program headers, sections, symbols and the dynamic section share one place."""
        yield Table(LOADER_COLUMNS, key=lambda row: row.part, id="loader")
        yield self._parts
        yield MemoryPart(id="memory")

    @property
    def needs(self) -> Needs:
        """The cells that the columns of the visible tables, or the memory, and the border need."""
        if self.screen.focused is self._memory:
            return framed(_MEMORY)
        return framed(self._loader.needs, self._table.needs)

    @property
    def part(self) -> str:
        """The visible one of `PARTS`."""
        return self._parts.current or PARTS[0][0]

    @property
    def shows_sections(self) -> bool:
        """Whether sections are shown instead of program headers."""
        return self.part == "sections"

    @property
    def has_file(self) -> bool:
        """Whether a file is shown."""
        return bool(self._how_opened)

    @property
    def wants(self) -> LoadedImage | None:
        """The file whose symbols or dynamic section are visible but not read yet."""
        unread = self.part in ("symbols", "dynamic") and self._named.get(self.part) is not self._loaded
        return self._loaded if unread else None

    @property
    def picked(self) -> tuple[LoadedImage, int] | None:
        """The file and index of the program header under the cursor; None while the focus is elsewhere."""
        row = self._segments.cursor_row if self.screen.focused is self._segments else None
        return (self._loaded, row.segment.index) if row is not None and self._loaded is not None else None

    @property
    def _next_part(self) -> tuple[str, str]:
        names = [name for name, _ in PARTS]
        return PARTS[(names.index(self.part) + 1) % len(PARTS)]

    async def switch(self) -> None:
        """Show the next part: program headers, sections, symbols, dynamic section."""
        part, _ = self._next_part
        await self._parts.make(part)
        if self._parts.tab(part) is None:
            return  # the app is closing
        focused = self.screen.focused is self._table
        self._parts.current = part
        if focused:
            self.take_focus()
        self._hint()

    def take_focus(self) -> None:
        """Focus the visible part."""
        self.screen.set_focus(self._memory if self.shows_memory else self._table)

    @property
    def shows_memory(self) -> bool:
        """Whether the region's memory is shown instead of a file."""
        return self.has_class("-memory")

    @property
    def inspected(self) -> Widget | None:
        """The widget whose content has to be read, if any."""
        memory = self._memory
        return memory if self.shows_memory and memory.is_on_screen else None

    def show_region(self, row: RegionRow, space: AddressSpace, view: ExploreView) -> None:
        """Show the file behind a region of `space`, or its memory if it has no file."""
        file, match = row.region.file if row.region is not None else None, row.match
        image = match.loaded.image if match is not None else space.files.get(file) if file else None
        if not isinstance(image, ElfImage):
            if file is not None and image is None:
                self.show_reason(no_elf_reason(row, space))
            else:
                watch, marked = view.since_mark or view.watch, view.since_mark is not None
                self._show_memory(RegionMemory(row, space, None, watch, marked=marked))
            return
        if file is not None and self.shows_sections:
            image = self._with_sections(file, image)
        loaded, indices = (match.loaded, match.indices) if match is not None else (None, ())
        self._show_file(image, loaded, indices, view.snapshot.machine.page_size)

    def mark_section(self, index: int | None) -> None:
        """Mark the section that contains the address asked about, and scroll to it; None unmarks."""
        if self._marked != index:
            self._marked = index
            table = self._parts.tab("sections")
            if table is not None:
                self._show_mark(cast("Table[SectionRow]", table))

    def _show_mark(self, table: Table[SectionRow]) -> None:
        index = self._marked
        table.set_linked(frozenset() if index is None else frozenset({index}))
        if index is not None:
            table.move_to(index)

    def show_symbols(self, loaded: LoadedImage, rows: Sequence[SymbolRow] | Unavailable, note: str) -> None:
        """Show the symbols of the file, if it is still the one on display."""
        self._show_named("symbols", loaded, rows, note)

    def show_dynamic(self, loaded: LoadedImage, rows: Sequence[DynamicRow] | Unavailable) -> None:
        """Show the dynamic section of the file, if it is still the one on display."""
        self._show_named("dynamic", loaded, rows, "It has none: a static program.")

    def _show_named(
        self, part: str, loaded: LoadedImage, rows: Sequence[SymbolRow] | Sequence[DynamicRow] | Unavailable, note: str
    ) -> None:
        if loaded is not self._loaded:
            return
        another, self._named[part] = self._named.get(part) is not loaded, loaded
        self._parts.when_made(part, lambda table: _fill(table, rows, note, reset=another))

    def _show_memory(self, memory: RegionMemory) -> None:
        self._switch_to(memory=True)
        self._clear((), EMPTY)
        self.set_title(memory.title)
        self.hint(
            line(span("p ", Tone.ACCENT), span("pages  ", Tone.DIM), span("x ", Tone.ACCENT), span("bytes", Tone.DIM))
        )
        self._memory.show_memory(memory)

    def _switch_to(self, *, memory: bool) -> None:
        if memory is not self.shows_memory:
            focused = self.has_pseudo_class("focus-within")
            self.set_class(memory, "-memory")
            if focused:
                self.take_focus()

    def show_reason(self, reason: Line) -> None:
        """Explain why there is neither an ELF file nor memory to show."""
        self._switch_to(memory=False)
        if self._shown == (reason,):
            return
        self._clear((reason,), reason)
        self.set_title(line(span("ELF", Tone.DIM)))
        self._hint()

    def _clear(self, shown: tuple[object, ...], reason: Line) -> None:
        """Empty the tables and show `reason` instead."""
        if self._shown == shown:
            return
        self._shown, self._loaded, self._how_opened = shown, None, ""
        self._loader.set_rows(())

        def clear(table: Table[Any]) -> None:
            table.set_rows(())
            table.set_empty(reason)

        for part in _MAKERS:
            self._parts.when_made(part, clear)

    @cached_property
    def _loader(self) -> Table[LoaderRow]:
        return self.query_one("#loader", Table)

    @cached_property
    def _segments(self) -> Table[SegmentRow]:
        return self.query_one("#segments", Table)

    @cached_property
    def _memory(self) -> MemoryPart:
        return self.query_one(MemoryPart)

    @property
    def _table(self) -> Table[Any]:
        return self.query_one(f"#{self.part}", Table)

    def _show_file(self, image: ElfImage, loaded: LoadedImage | None, indices: tuple[int, ...], page_size: int) -> None:
        """Show `image` as loaded, with the program headers `indices` marked."""
        self._switch_to(memory=False)
        kept = (image, loaded, page_size)
        if kept != self._shown:
            another = not self._shown or self._shown[0] != image
            self._shown, self._loaded = kept, loaded
            for part in ("symbols", "dynamic"):
                if self._named.get(part) is not loaded:
                    self._parts.when_made(part, lambda table: table.set_rows(()))
            self._set_title(image)
            self._loader.set_rows(loader_rows(image, loaded, page_size), reset=another)
            self._segments.set_rows(segment_rows(image, loaded, page_size), reset=another)
            self._show_sections(image, loaded)
        self._segments.set_linked(frozenset(indices))
        if indices and self.screen.focused is not self._segments:
            self._segments.move_to(indices[0])

    def _show_sections(self, image: ElfImage, loaded: LoadedImage | None) -> None:
        self._marked = None

        def show(table: Table[SectionRow]) -> None:
            _fill(table, section_rows(image, loaded), "The file has no sections.")
            self._show_mark(table)

        self._parts.when_made("sections", show)

    def _set_title(self, image: ElfImage) -> None:
        name = image.path.rpartition("/")[2]
        self.set_title(
            line(span("ELF ", Tone.DIM), span(name, Tone.BRIGHT)),
            line(span(f"{image.type} · {image.machine}", Tone.DIM)),
        )
        self._how_opened = how_opened(image)
        self._hint()

    def _hint(self) -> None:
        if not self.has_file:
            self.hint(EMPTY)
            return
        _, other = self._next_part
        self.hint(line(span("e ", Tone.ACCENT), span(f"{other}  ", Tone.DIM), span(self._how_opened, Tone.DIM)))

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Report a program header that the user moved the cursor to."""
        if event.by_user and isinstance(event.row, SegmentRow):
            self.post_message(self.SegmentPicked())

    def on_table_activated(self, event: Table.Activated) -> None:
        """Go to the row's address in memory (Enter)."""
        event.stop()
        address = _address(event.row)
        if address is None:
            self.app.notify("It has no place in this process's memory.", severity="warning")
        else:
            self.post_message(self.Jump(address))


def _fill(table: Table[Any], rows: Sequence[Any] | Unavailable, nothing: str, *, reset: bool = False) -> None:
    """Show the rows, why they couldn't be read, or `nothing` if there are none."""
    table.set_rows(() if isinstance(rows, Unavailable) else rows, reset=reset)
    table.set_empty(line(span(f"— {rows}" if isinstance(rows, Unavailable) else nothing, Tone.DIM)))


def _address(row: LoaderRow | SegmentRow | SectionRow | SymbolRow | DynamicRow) -> int | None:
    if isinstance(row, LoaderRow):
        return row.target
    if isinstance(row, SegmentRow):
        return row.range.start if row.range is not None else None
    return row.start
