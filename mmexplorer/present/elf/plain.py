"""An ELF file as plain text: the loader's table, then program headers and sections as `readelf -lSW` shows them."""

from collections.abc import Callable, Iterator

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.loader import loader_lines
from mmexplorer.present.elf.sections import SECTION_COLUMNS, SectionRow, section_rows
from mmexplorer.present.elf.segments import SEGMENT_COLUMNS, SegmentRow, segment_rows
from mmexplorer.present.text.column import Column, Row, table_lines
from mmexplorer.present.text.format import address_range, hexadecimal
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


def image_lines(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> Iterator[Line]:
    """Yield the lines of `image`, with its addresses in memory if it is `loaded`."""
    yield line(span(image.path, Tone.BRIGHT), f": {image.elf_class} {image.data} {image.type} {image.machine}")
    if loaded is not None:
        yield line(f"role {loaded.role or 'library'}, read through {image.opened_via}")
    if image.type == "CORE":
        yield line("a core file: the memory of a process as it ended; mmexplorer maps FILE shows that process")
    else:
        yield from loader_lines(image, loaded, page_size)
    if image.interp:
        yield line(f"interp {image.interp}")
    if image.build_id:
        yield line(f"build-id {image.build_id}")
    yield EMPTY
    yield from _segments(image, loaded, page_size)
    yield EMPTY
    yield from _sections(image, loaded)


def _segments(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> Iterator[Line]:
    if not image.segments:
        yield line("no program headers" if image.no_segments is None else f"program headers: {image.no_segments}")
        return
    columns = [column for column in _COLUMNS if loaded is not None or column is not _RANGE]
    yield from table_lines(columns, segment_rows(image, loaded, page_size))


def _sections(image: ElfImage, loaded: LoadedImage | None) -> Iterator[Line]:
    rows = section_rows(image, loaded)
    if isinstance(rows, Unavailable):
        yield line(f"sections: {rows}")
    elif not rows:
        yield line("no sections")
    else:
        columns = [column for column in _SECTION_COLUMNS if loaded is not None or column.key != "start"]
        yield from table_lines(columns, rows)


def _exact(key: str, title: str, number: Callable[[Row], int]) -> Column[Row]:
    """Return a column with a number exactly as in the file, which the screen rounds or leaves out."""
    return Column(key, title, 8, lambda row: line(hexadecimal(number(row))), align="right")


_ON_SCREEN = {column.key: column for column in SEGMENT_COLUMNS}
_RANGE: Column[SegmentRow] = Column(
    "range", "START-END", 25, lambda row: EMPTY if row.range is None else line(address_range(*row.range))
)
_COLUMNS = (
    *(_ON_SCREEN[key] for key in ("index", "type", "offset", "vaddr")),
    _exact("paddr", "PADDR", lambda row: row.segment.paddr),
    _exact("filesz", "FILESZ", lambda row: row.segment.filesz),
    _exact("memsz", "MEMSZ", lambda row: row.segment.memsz),
    *(_ON_SCREEN[key] for key in ("flags", "align")),
    _RANGE,
    _ON_SCREEN["sections"],
)

_SECTIONS_ON_SCREEN = {column.key: column for column in SECTION_COLUMNS}
_SECTION_COLUMNS: tuple[Column[SectionRow], ...] = (
    *(_SECTIONS_ON_SCREEN[key] for key in ("index", "type", "address", "offset")),
    _exact("size", "SIZE", lambda row: row.section.size),
    *(_SECTIONS_ON_SCREEN[key] for key in ("flags", "load", "start", "name")),
)
