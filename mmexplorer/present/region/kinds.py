"""The look of regions: the tone and glyph of each kind, for the strip, the kind column and the legend; permissions."""

from collections.abc import Collection

from mmexplorer.model.region import RegionKind
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.line import Line, Span, Tone, line, span


class _Look(NamedTuple):
    tone: Tone
    glyph: str


_LOOKS = {
    RegionKind.CODE: _Look(Tone.CODE, "█"),
    RegionKind.RODATA: _Look(Tone.RODATA, "▤"),
    RegionKind.RELRO: _Look(Tone.RODATA, "▥"),
    RegionKind.DATA: _Look(Tone.DATA, "▓"),
    RegionKind.BSS: _Look(Tone.DATA, "▨"),
    RegionKind.HEAP: _Look(Tone.HEAP, "▞"),
    RegionKind.STACK: _Look(Tone.STACK, "▚"),
    RegionKind.ARENA: _Look(Tone.HEAP, "▙"),
    RegionKind.JIT: _Look(Tone.CODE, "▟"),
    RegionKind.ANON: _Look(Tone.ANON, "░"),
    RegionKind.FILE: _Look(Tone.FILE, "▒"),
    RegionKind.SHM: _Look(Tone.SHARED, "◧"),
    RegionKind.MEMFD: _Look(Tone.SHARED, "◨"),
    RegionKind.GUARD: _Look(Tone.GUARD, "\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}"),
    RegionKind.RESERVE: _Look(Tone.GUARD, "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}"),
    RegionKind.ARENA_RESERVE: _Look(Tone.GUARD, "◿"),
    RegionKind.DEVICE: _Look(Tone.FILE, "▣"),
    RegionKind.HUGETLB: _Look(Tone.ANON, "▩"),
    RegionKind.VDSO: _Look(Tone.KERNEL, "▪"),
    RegionKind.VVAR: _Look(Tone.KERNEL, "▫"),
    RegionKind.VSYSCALL: _Look(Tone.KERNEL, "▹"),
    RegionKind.OTHER: _Look(Tone.NORMAL, "·"),
}
"""Every glyph is one cell wide and unique to a kind, so that a strip can be read without colours."""


def kind_tone(kind: RegionKind) -> Tone:
    """Return the tone of `kind`."""
    return _LOOKS[kind].tone


def kind_glyph(kind: RegionKind) -> str:
    """Return the character of `kind`, one cell wide and unique."""
    return _LOOKS[kind].glyph


def legend(kinds: Collection[RegionKind], width: int) -> Line:
    """Explain the glyphs of `kinds` in at most `width` cells, in the order of `RegionKind`: `code █  heap ▞`.

    Entries that don't fit are left out, and an ellipsis marks that.
    """
    spans: list[Span] = []
    used = 0
    wanted = [kind for kind in RegionKind if kind in kinds]
    for place, kind in enumerate(wanted):
        entry = (span(f"{kind.value} ", Tone.DIM), span(kind_glyph(kind), kind_tone(kind)))
        gap = 2 if spans else 0
        needed = gap + len(kind.value) + 2
        room_for_ellipsis = 0 if place == len(wanted) - 1 else 2
        if used + needed + room_for_ellipsis > width:
            return (*spans, span(" …"[: width - used], Tone.DIM)) if used < width else tuple(spans)
        spans += [span(" " * gap), *entry] if gap else entry
        used += needed
    return tuple(spans)


def perms_line(perms: str) -> Line:
    """Return permissions; being writable and executable at once is highlighted."""
    return line(span(perms, Tone.WARN if "w" in perms and "x" in perms else Tone.NORMAL))
