"""The program headers of an ELF file: rows and columns for the ELF pane."""

from mmexplorer.model.elf.image import ElfImage, Segment
from mmexplorer.model.elf.layout import LoadedImage, run_time_range
from mmexplorer.model.region import Range
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.cells import address_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import hexadecimal
from mmexplorer.present.text.line import Line, Tone, line, span


class SegmentRow(NamedTuple):
    """A program header, and its range in memory."""

    segment: Segment
    range: Range | None
    """Whole pages at run time; None if the file isn't loaded or the segment takes no memory."""

    @property
    def key(self) -> int:
        """The identity of the row: its index in the program header table."""
        return self.segment.index

    @property
    def sections(self) -> str:
        """The names of its sections; not cleaned."""
        return " ".join(self.segment.sections)


def segment_rows(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> tuple[SegmentRow, ...]:
    """Return the program headers of `image` in file order, with addresses if it is loaded."""
    return tuple(SegmentRow(segment, _range(segment, loaded, page_size)) for segment in image.segments)


def _range(segment: Segment, loaded: LoadedImage | None, page_size: int) -> Range | None:
    return run_time_range(loaded, segment, page_size) if loaded is not None and segment.memsz else None


def _type(row: SegmentRow) -> Line:
    return line(span(row.segment.type, Tone.NORMAL if row.segment.type == "LOAD" else Tone.DIM))


def _flags(row: SegmentRow) -> Line:
    flags = row.segment.flags
    return line(span(flags, Tone.WARN if "W" in flags and "E" in flags else Tone.NORMAL))


def _hex(value: int) -> Line:
    return line(span(hexadecimal(value), Tone.NORMAL if value else Tone.DIM))


SEGMENT_COLUMNS: tuple[Column[SegmentRow], ...] = (
    Column(
        "index",
        "#",
        2,
        lambda row: line(span(str(row.segment.index), Tone.DIM)),
        sort=lambda row: row.segment.index,
        align="right",
        frozen=True,
        help="Its index in the program header table.",
    ),
    Column(
        "type",
        "TYPE",
        12,
        _type,
        frozen=True,
        sort=lambda row: row.segment.type,
        help="p_type: LOAD is what the kernel or the dynamic linker maps.",
    ),
    Column(
        "offset",
        "OFFSET",
        8,
        lambda row: _hex(row.segment.offset),
        sort=lambda row: row.segment.offset,
        align="right",
        priority=2,
        help="p_offset: where its bytes begin in the file.",
    ),
    Column(
        "vaddr",
        "VADDR",
        8,
        lambda row: _hex(row.segment.vaddr),
        sort=lambda row: row.segment.vaddr,
        align="right",
        priority=3,
        help="p_vaddr: its address before the load bias is added.",
    ),
    Column(
        "filesz",
        "FILESZ",
        6,
        lambda row: size_line(row.segment.filesz),
        sort=lambda row: row.segment.filesz,
        align="right",
        descending=True,
        help="p_filesz: bytes in the file.",
    ),
    Column(
        "memsz",
        "MEMSZ",
        5,
        lambda row: size_line(row.segment.memsz, Tone.CHANGED if row.segment.bss else Tone.NORMAL),
        sort=lambda row: row.segment.memsz,
        align="right",
        descending=True,
        priority=1,
        help="p_memsz: bytes in memory; what exceeds FILESZ is bss, zeroed.",
    ),
    Column("flags", "FLG", 3, _flags, sort=lambda row: row.segment.flags, help="p_flags: R read, W write, E execute."),
    Column(
        "align",
        "ALIGN",
        8,
        lambda row: _hex(row.segment.align),
        sort=lambda row: row.segment.align,
        align="right",
        priority=6,
        help="p_align: p_vaddr and p_offset are equal modulo this.",
    ),
    Column(
        "start",
        "START",
        12,
        lambda row: address_cell(row.range.start if row.range is not None else None),
        sort=lambda row: row.range,
        align="right",
        priority=4,
        help="Where its first page is in memory: p_vaddr + load bias, rounded down.",
    ),
    Column(
        "end",
        "END",
        12,
        lambda row: address_cell(row.range.end if row.range is not None else None),
        sort=lambda row: row.range.end if row.range is not None else None,
        align="right",
        priority=5,
        help="The first address after its last page.",
    ),
    Column(
        "sections",
        "SECTIONS",
        10,
        lambda row: line(span(row.sections, Tone.DIM)),
        flexible=True,
        priority=7,
        help="The sections it contains.",
    ),
)
