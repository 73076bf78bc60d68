"""An ELF file as plain text: the loader's table, then the program headers as `readelf -lW` shows them."""

from collections.abc import Iterator

from mmexplorer.model.elf import ElfImage
from mmexplorer.model.layout import LoadedImage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.loader import loader_lines
from mmexplorer.present.elf.segments import SegmentRow, segment_rows
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import address_range, hexadecimal
from mmexplorer.present.text.line import plain

_TITLES = ("#", "TYPE", "OFFSET", "VADDR", "PADDR", "FILESZ", "MEMSZ", "FLG", "ALIGN")
_TO_THE_LEFT = {"TYPE", "FLG", "START-END", "SECTIONS"}


def image_text(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> Iterator[str]:
    """Write `image` line by line, cleaned; with its addresses in memory if it is `loaded`."""
    yield clean(f"{image.path}: {image.elf_class} {image.data} {image.type} {image.machine}")
    if loaded is not None:
        yield f"role {loaded.role or 'library'}, read through {image.opened_via}"
    yield from (plain(line) for line in loader_lines(image, loaded, page_size))
    if image.interp:
        yield clean(f"interp {image.interp}")
    if image.build_id:
        yield f"build-id {image.build_id}"
    yield from _segments(image, loaded, page_size)


def _segments(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> Iterator[str]:
    if not image.segments:
        yield "no program headers"
        return
    titles = (*_TITLES, *(("START-END",) if loaded else ()), "SECTIONS")
    rows = [_cells(row, with_range=loaded is not None) for row in segment_rows(image, loaded, page_size)]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for cells in (titles, *rows):
        aligned = [
            cell.ljust(width) if title in _TO_THE_LEFT else cell.rjust(width)
            for cell, width, title in zip(cells, widths, titles, strict=True)
        ]
        yield "  ".join(aligned).rstrip()
    if isinstance(image.sections, Unavailable):
        yield clean(f"sections: {image.sections}")


def _cells(row: SegmentRow, *, with_range: bool) -> tuple[str, ...]:
    segment = row.segment
    numbers = (segment.offset, segment.vaddr, segment.paddr, segment.filesz, segment.memsz)
    span = address_range(*row.range) if row.range else ""
    return (
        str(segment.index),
        segment.type,
        *(hexadecimal(number) for number in numbers),
        segment.flags,
        hexadecimal(segment.align),
        *((span,) if with_range else ()),
        clean(row.sections),
    )
