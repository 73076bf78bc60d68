"""MemTotal as one bar, divided into pieces that add up to it."""

from collections.abc import Sequence

from mmexplorer.model.system.memory import Composition, Meminfo, composition, doubted
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.system.amounts import fine_size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span


class Part(NamedTuple):
    """A piece of the bar, identified by its glyph, one cell wide, as well as by its colour."""

    name: str
    size: int
    """Bytes."""
    glyph: str
    tone: Tone


def composition_lines(meminfo: Meminfo, width: int, height: int) -> tuple[Line, ...]:
    """Return the bar, doubled and spaced if `height` has room, and its legend with the sum."""
    pieces = composition(meminfo)
    if isinstance(pieces, Unavailable):
        return (line(span(f"— {pieces}", Tone.DIM)),)
    named = parts(pieces)
    *above, last = legend_rows(named, width - len("  = 999.99G"))
    lines = (*above, (*last, span("  = ", Tone.DIM), span(fine_size(pieces.total), Tone.BRIGHT)))
    if pieces.doubtful:
        lines = (*lines, line(span(str(doubted(", ".join(pieces.doubtful))), Tone.WARN)))
    drawn = bar(named, width)
    spare = height - len(lines) - 1
    return (drawn, *((drawn,) if spare > 1 else ()), *lines, *((EMPTY,) if spare > 0 else ()))


def parts(pieces: Composition) -> tuple[Part, ...]:
    """Return the pieces in the order of the bar."""
    return (
        Part("processes", pieces.processes, "█", Tone.ANON),
        Part("kernel", pieces.kernel, "▓", Tone.KERNEL),
        Part("in use", pieces.in_use, "▓", Tone.KERNEL),
        Part("huge pages", pieces.huge_pages, "▙", Tone.HEAP),
        Part("shmem", pieces.shmem, "▞", Tone.SHARED),
        Part("buffers", pieces.buffers, "▚", Tone.DATA),
        Part("page cache", pieces.page_cache, "▒", Tone.FILE),
        Part("slab", pieces.slab, "▄", Tone.RODATA),
        Part("free", pieces.free, "░", Tone.DIM),
    )


def bar(pieces: Sequence[Part], width: int) -> Line:
    """Draw the bar in exactly `width` cells.

    Each piece that isn't 0 gets a cell while there is room; cells left by rounding go to the pieces that lost most.
    """
    widths = _apportion([piece.size for piece in pieces], width)
    return tuple(span(piece.glyph * cells, piece.tone) for piece, cells in zip(pieces, widths, strict=True) if cells)


def legend(pieces: Sequence[Part]) -> Line:
    """Explain the glyphs, with current figures; pieces of 0 are left out."""
    spans = []
    for piece in pieces:
        if piece.size:
            spans += [
                span(f"{piece.glyph} ", piece.tone),
                span(f"{piece.name} "),
                span(fine_size(piece.size), Tone.BRIGHT),
            ]
            spans.append(span("  "))
    return line(*spans[:-1])


def legend_rows(pieces: tuple[Part, ...], width: int) -> tuple[Line, ...]:
    """Wrap the legend between its entries."""
    rows: list[list[Part]] = [[]]
    for piece in pieces:
        if rows[-1] and len(plain(legend([*rows[-1], piece]))) > width:
            rows.append([])
        rows[-1].append(piece)
    return tuple(legend(row) for row in rows)


def _apportion(sizes: Sequence[int], width: int) -> list[int]:
    total = sum(sizes)
    if total <= 0 or width <= 0:
        return [width] + [0] * (len(sizes) - 1) if sizes and width > 0 else [0] * len(sizes)
    shares = [size * width / total for size in sizes]
    cells = [max(int(share), 1 if size else 0) for share, size in zip(shares, sizes, strict=True)]
    while sum(cells) < width:
        cells[max(range(len(cells)), key=lambda index: shares[index] - cells[index])] += 1
    while sum(cells) > width:
        cells[max(range(len(cells)), key=lambda index: (cells[index], cells[index] - shares[index]))] -= 1
    return cells
