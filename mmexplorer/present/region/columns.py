"""The columns of the Regions pane."""

from mmexplorer.present.region.kernel_words import COUNTERS
from mmexplorer.present.region.kinds import kind_tone
from mmexplorer.present.region.row import RegionRow, change_note, kind_name, region_tone
from mmexplorer.present.text.cells import ADDRESS_CELLS, DASH, address_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import hexadecimal, size_line
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


def perms_line(perms: str) -> Line:
    """Show permissions; writable and executable at once is worth a second look."""
    return line(span(perms, Tone.WARN if "w" in perms and "x" in perms else Tone.NORMAL))


def _what(row: RegionRow) -> Line:
    note = (
        EMPTY
        if row.change is None
        else line(span(f"{change_note(row.change, row.delta, row.age)}  ", region_tone(row) or Tone.NORMAL))
    )
    deleted = line(span(" (deleted)", Tone.DIM)) if row.region is not None and row.region.deleted else EMPTY
    return (*note, span(row.name), *deleted)


def _kind(row: RegionRow) -> Line:
    return line(span(kind_name(row), Tone.DIM if row.kind is None else kind_tone(row.kind)))


def _counter_column(name: str, title: str, priority: int) -> Column[RegionRow]:
    return Column(
        title.casefold(),
        title,
        5,
        lambda row: size_cell(row.counter(name)),
        sort=lambda row: row.counter(name),
        align="right",
        descending=True,
        priority=priority,
        help=f"{name} of smaps: {COUNTERS[name]}.",
    )


REGION_COLUMNS: tuple[Column[RegionRow], ...] = (
    Column(
        "start",
        "START",
        ADDRESS_CELLS,
        lambda row: address_cell(row.range.start),
        sort=lambda row: row.range,
        align="right",
        help="The first address, hexadecimal.",
    ),
    Column(
        "end",
        "END",
        ADDRESS_CELLS,
        lambda row: address_cell(row.range.end),
        sort=lambda row: row.range.end,
        align="right",
        priority=5,
        help="The first address after it.",
    ),
    Column(
        "size",
        "SIZE",
        5,
        lambda row: size_line(row.range.size),
        sort=lambda row: row.range.size,
        align="right",
        descending=True,
        help="Address space, touched or not.",
    ),
    Column(
        "perm",
        "PERM",
        4,
        lambda row: perms_line(row.region.perms) if row.region is not None else EMPTY,
        sort=lambda row: row.region.perms if row.region is not None else None,
        help="read, write, execute; p private (copied when written) or s shared.",
    ),
    _counter_column("Rss", "RSS", 1),
    _counter_column("Pss", "PSS", 6),
    Column(
        "dirty",
        "DIRTY",
        5,
        lambda row: size_cell(row.dirty),
        sort=lambda row: row.dirty,
        align="right",
        descending=True,
        priority=7,
        help="Private_Dirty + Shared_Dirty of smaps: pages that were written.",
    ),
    _counter_column("Swap", "SWAP", 8),
    Column(
        "offset",
        "OFFSET",
        9,
        lambda row: line(hexadecimal(row.region.offset)) if row.region is not None and row.region.inode else DASH,
        sort=lambda row: row.region.offset if row.region is not None and row.region.inode else None,
        align="right",
        priority=9,
        help="Where in the file it begins; a dash where no file stands behind it.",
    ),
    Column(
        "kind",
        "KIND",
        7,
        _kind,
        sort=kind_name,
        priority=2,
        help="What it is for: code, data, heap ...",
    ),
    Column(
        "what",
        "WHAT",
        10,
        _what,
        sort=lambda row: row.name,
        flexible=True,
        help="The file or the kernel's name, and what happened to it a moment ago.",
    ),
)
