"""An ELF file as plain text: the loader's table, then the program headers as `readelf -lW` shows them."""

from collections.abc import Callable, Iterator

from mmexplorer.model.elf import ElfImage, Segment
from mmexplorer.model.layout import LoadedImage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.loader import loader_lines
from mmexplorer.present.elf.segments import SEGMENT_COLUMNS, SegmentRow, segment_rows
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import Column, plain_table
from mmexplorer.present.text.format import address_range, hexadecimal
from mmexplorer.present.text.line import EMPTY, line, plain


def image_text(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> Iterator[str]:
    """Write `image` line by line, cleaned; with its addresses in memory if it is `loaded`."""
    yield clean(f"{image.path}: {image.elf_class} {image.data} {image.type} {image.machine}")
    if loaded is not None:
        yield f"role {loaded.role or 'library'}, read through {image.opened_via}"
    yield from map(plain, loader_lines(image, loaded, page_size))
    if image.interp:
        yield clean(f"interp {image.interp}")
    if image.build_id:
        yield f"build-id {image.build_id}"
    yield from _segments(image, loaded, page_size)


def _segments(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> Iterator[str]:
    if not image.segments:
        yield "no program headers"
        return
    columns = [column for column in _COLUMNS if loaded is not None or column is not _RANGE]
    yield from plain_table(columns, segment_rows(image, loaded, page_size))
    if isinstance(image.sections, Unavailable):
        yield clean(f"sections: {image.sections}")


def _exact(key: str, title: str, number: Callable[[Segment], int]) -> Column[SegmentRow]:
    """Give a number as the file has it, where the screen rounds it to a size or leaves it out."""
    return Column(key, title, 8, lambda row: line(hexadecimal(number(row.segment))), align="right")


_ON_SCREEN = {column.key: column for column in SEGMENT_COLUMNS}
_RANGE: Column[SegmentRow] = Column(
    "range", "START-END", 25, lambda row: EMPTY if row.range is None else line(address_range(*row.range))
)
_COLUMNS = (
    *(_ON_SCREEN[key] for key in ("index", "type", "offset", "vaddr")),
    _exact("paddr", "PADDR", lambda segment: segment.paddr),
    _exact("filesz", "FILESZ", lambda segment: segment.filesz),
    _exact("memsz", "MEMSZ", lambda segment: segment.memsz),
    *(_ON_SCREEN[key] for key in ("flags", "align")),
    _RANGE,
    _ON_SCREEN["sections"],
)
