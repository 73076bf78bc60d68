"""The loader's table, as in the memory chapter: code, data, entry point, memory needed, and where it was all loaded."""

from mmexplorer.model.elf.image import ElfImage, LoaderPart, loader_table
from mmexplorer.model.elf.layout import LoadedImage, run_time_address
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.cells import size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, hexadecimal, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span

_OPENED_VIA = {
    "path": "its path",
    "map_files": "map_files",
    "exe": "/proc/PID/exe",
    "root": "its path inside the process's root",
    "memory": "the process's memory",
}
"""`ElfImage.opened_via` in words."""


class LoaderRow(NamedTuple):
    """A row of the table."""

    part: str
    """"code", "data", "entry", "needs" or "bias": the identity of the row."""
    offset: int | None = None
    """Where it begins in the file; None if that doesn't apply."""
    size: int | None = None
    """In bytes; None if that doesn't apply."""
    address: int | None = None
    """Its address according to the file; None if it has none."""
    target: int | None = None
    """Its address in the process, `address` + load bias; None if there is none."""
    words: str = ""
    """Shown instead of an address."""


def loader_rows(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> tuple[LoaderRow, ...]:
    """Return the rows for `image`, with addresses in memory if it is loaded."""
    table = loader_table(image, page_size)
    bias = LoaderRow("bias", words="not loaded") if loaded is None else LoaderRow("bias", target=loaded.load_bias)
    return (
        _part("code", table.code, loaded),
        _part("data", table.data, loaded),
        _entry(table.entry, loaded),
        LoaderRow("needs", size=table.memory.raw, words=f"by all LOADs; {size(table.memory.pages)} in pages"),
        bias,
    )


def loader_lines(image: ElfImage, loaded: LoadedImage | None, page_size: int) -> tuple[Line, ...]:
    """Return the same as lines of text, without titles."""
    return tuple(
        line(f"{row.part:<5} {plain(_offset(row)):>9} {plain(_size(row)):>5} ", *_sum(row))
        for row in loader_rows(image, loaded, page_size)
    )


def how_opened(image: ElfImage) -> str:
    """Describe how the file was opened: "via map_files"."""
    return f"via {_OPENED_VIA.get(image.opened_via, image.opened_via)}"


def _part(name: str, part: LoaderPart | None, loaded: LoadedImage | None) -> LoaderRow:
    if part is None:
        return LoaderRow(name, words="no such segment")
    return LoaderRow(name, part.offset, part.size, part.address, _target(part.address, loaded))


def _entry(entry: int, loaded: LoadedImage | None) -> LoaderRow:
    if not entry:
        return LoaderRow("entry", words="none")
    return LoaderRow("entry", address=entry, target=_target(entry, loaded))


def _target(in_file: int, loaded: LoadedImage | None) -> int | None:
    return run_time_address(loaded, in_file) if loaded is not None else None


def _sum(row: LoaderRow) -> Line:
    """Return the sum that yields an address in memory: `7f3a4c026000 = 0x26000 + bias`."""
    parts = [address(row.target)] if row.target is not None else []
    parts += [f"{hexadecimal(row.address)} + bias"] if row.address is not None else []
    return line(" = ".join(parts) or row.words)


def _offset(row: LoaderRow) -> Line:
    return EMPTY if row.offset is None else line(hexadecimal(row.offset))


def _size(row: LoaderRow) -> Line:
    return EMPTY if row.size is None else size_line(row.size, Tone.BRIGHT)


def _place(row: LoaderRow) -> Line:
    if row.target is None:
        return line(span(row.words or "not loaded", Tone.DIM))
    return line(span(address(row.target), Tone.NORMAL if row.part == "bias" else Tone.ACCENT))


def _address(row: LoaderRow) -> Line:
    return EMPTY if row.address is None else line(f"= {hexadecimal(row.address)} + bias")


LOADER_COLUMNS: tuple[Column[LoaderRow], ...] = (
    Column(
        "part",
        "PART",
        5,
        lambda row: line(span(row.part, Tone.DIM)),
        frozen=True,
        help="What the loader needs to know.",
    ),
    Column("offset", "OFFSET", 8, _offset, align="right", priority=2, help="Where it begins in the file."),
    Column("size", "SIZE", 5, _size, align="right", help="Bytes in the file; for needs the sum of p_memsz."),
    Column("place", "MAPPED AT", 12, _place, wide=28, help="Its address in memory; Enter goes there."),
    Column(
        "address",
        "= VADDR + BIAS",
        14,
        _address,
        flexible=True,
        wide=15,
        priority=1,
        help="Its address in the file, to which the load bias is added.",
    ),
)
