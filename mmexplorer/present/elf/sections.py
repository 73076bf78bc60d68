"""The sections of an ELF file: rows and columns for the ELF pane."""

from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.elf.layout import LoadedImage, run_time_address
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.cells import DASH, address_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import hexadecimal
from mmexplorer.present.text.line import Line, Tone, line, span


class SectionRow(NamedTuple):
    """A section, the segments that contain it, and its address in memory."""

    section: Section
    segments: tuple[int, ...]
    """The indices of the LOADs that contain it; () if it isn't loaded."""
    start: int | None
    """Its address at run time; None if the file isn't loaded or the section takes no memory."""

    @property
    def key(self) -> int:
        """The identity of the row: its index in the section header table."""
        return self.section.index


def section_rows(image: ElfImage, loaded: LoadedImage | None) -> tuple[SectionRow, ...] | Unavailable:
    """Return the sections of `image` in file order, or why they aren't available."""
    if isinstance(image.sections, Unavailable):
        return image.sections
    return tuple(SectionRow(section, _segments(section, image), _start(section, loaded)) for section in image.sections)


def _segments(section: Section, image: ElfImage) -> tuple[int, ...]:
    # By address, because names need not be unique.
    if not _in_memory(section):
        return ()
    return tuple(
        load.index
        for load in image.loads
        if load.vaddr <= section.address and section.address + section.size <= load.vaddr + load.memsz
    )


def _start(section: Section, loaded: LoadedImage | None) -> int | None:
    return run_time_address(loaded, section.address) if loaded is not None and _in_memory(section) else None


def _in_memory(section: Section) -> bool:
    # .tbss has an address, but each thread has its own copy elsewhere.
    return "A" in section.flags and not ("T" in section.flags and section.type == "NOBITS")


def _name(row: SectionRow) -> Line:
    return line(row.section.name or span("(no name)" if row.section.index else "", Tone.DIM))


def _load(row: SectionRow) -> Line:
    return line(" ".join(str(index) for index in row.segments)) if row.segments else DASH


SECTION_COLUMNS: tuple[Column[SectionRow], ...] = (
    Column(
        "index",
        "#",
        3,
        lambda row: line(span(str(row.section.index), Tone.DIM)),
        sort=lambda row: row.section.index,
        align="right",
        frozen=True,
        help="Its index in the section table.",
    ),
    Column(
        "name",
        "NAME",
        12,
        _name,
        sort=lambda row: row.section.name,
        flexible=True,
        wide=20,
        frozen=True,
        help="sh_name.",
    ),
    Column(
        "type",
        "TYPE",
        10,
        lambda row: line(span(row.section.type, Tone.DIM)),
        sort=lambda row: row.section.type,
        priority=3,
        help="sh_type: NOBITS takes no space in the file.",
    ),
    Column(
        "size",
        "SIZE",
        5,
        lambda row: size_line(row.section.size),
        sort=lambda row: row.section.size,
        align="right",
        descending=True,
        help="sh_size: bytes.",
    ),
    Column("flags", "FLG", 4, lambda row: line(row.section.flags), priority=2, help="W write, A allocated, X execute."),
    Column("load", "LOAD", 4, _load, align="right", priority=1, help="The program header that loads it."),
    Column(
        "offset",
        "OFFSET",
        9,
        lambda row: line(hexadecimal(row.section.offset)),
        sort=lambda row: row.section.offset,
        align="right",
        priority=4,
        help="sh_offset: where it begins in the file.",
    ),
    Column(
        "address",
        "ADDRESS",
        12,
        lambda row: line(hexadecimal(row.section.address)),
        sort=lambda row: row.section.address,
        align="right",
        priority=6,
        help="sh_addr: its address before the load bias is added.",
    ),
    Column(
        "start",
        "START",
        12,
        lambda row: address_cell(row.start),
        sort=lambda row: row.start,
        align="right",
        priority=5,
        help="Where it is in memory: sh_addr + load bias.",
    ),
)
