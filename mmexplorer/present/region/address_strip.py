"""The whole address space on one row: regions to scale within clusters, large holes between clusters collapsed.

The width of a region is proportional to the cube root of its pages: on a linear scale all but the largest would vanish,
and on a logarithmic one nothing would look large.
"""

from abc import abstractmethod
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby, islice, pairwise
from operator import attrgetter, sub

from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.region import Range, RegionKind
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.changes import change_mark
from mmexplorer.present.region.kinds import kind_glyph, kind_tone
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import size
from mmexplorer.present.text.line import Line, Span, Tone

LARGE_HOLE = 1 << 30
"""Bytes of unmapped space that separate two clusters. Smaller holes, such as those between libraries, aren't drawn."""

_PAGE = 4096
_HOLE_WIDTHS = (8, 2, 1)
"""Cells of a collapsed hole; the first that leaves two thirds of the row to the regions: `┄ 128T ┄`, `┄┄`, `┄`."""

_START, _END, _KIND = attrgetter("range.start"), attrgetter("range.end"), attrgetter("kind")

_SELECTED = "◆"
_FAULT = "✖"
_TOUCHED = "*"


class Extent(NamedTuple):
    """What the strip needs to know about a region."""

    range: Range
    kind: RegionKind
    label: str = ""
    """Drawn inside if it fits; of neighbours with the same label, in the widest."""


class ManyExtents(Sequence[Extent]):
    """The extents of very many regions: only those that are drawn one by one are made. Parts are of this type too."""

    __slots__ = ()

    @property
    @abstractmethod
    def starts(self) -> Sequence[int]:
        """The first address of each."""

    @property
    @abstractmethod
    def ends(self) -> Sequence[int]:
        """The first address after each."""

    @property
    @abstractmethod
    def kinds(self) -> frozenset[RegionKind]:
        """All that occur."""


class Lit(NamedTuple):
    """A recent change."""

    range: Range
    sign: str
    """One cell wide: `+` for a new region, `~` for a changed one."""
    tone: Tone


class Touch(NamedTuple):
    """Memory that a process is known to have touched."""

    pid: int
    range: Range
    at: float
    """When, on the monotonic clock."""


class Cell(NamedTuple):
    """One character of the strip."""

    char: str
    tone: Tone
    range: Range
    """The addresses it represents: part of a region, several regions, or a hole."""
    kind: RegionKind | None
    """None for a hole."""
    selected: bool = False


class Drawing(NamedTuple):
    """A strip without any marks, and the kinds for the legend."""

    cells: tuple[Cell, ...] = ()
    kinds: frozenset[RegionKind] = frozenset()


def draw(extents: Sequence[Extent], width: int) -> Drawing:
    """Draw a strip; takes about 25 ms for 65,000 regions."""
    kinds = extents.kinds if isinstance(extents, ManyExtents) else frozenset(map(_KIND, extents))
    return Drawing(scale(extents, width), kinds)


class _Cluster(NamedTuple):
    extents: Sequence[Extent]
    sizes: Sequence[int]
    """In bytes; computed once for all."""


def scale(extents: Sequence[Extent], width: int, selected: Range | None = None) -> tuple[Cell, ...]:
    """Draw `extents`, ascending and without overlap, in exactly `width` cells; no cells if there are no extents.

    Each cluster has at least one cell, and so has each region if there are enough; if not, a cell represents
    consecutive regions and looks like the largest.
    """
    if not extents or width < 1:
        return ()
    clusters = _clusters(extents, width)
    hole = _hole_width(len(clusters) - 1, width)
    shares = _shares(
        [len(cluster.extents) for cluster in clusters],
        [_weights(cluster.sizes) for cluster in clusters],
        width - hole * (len(clusters) - 1),
    )
    cells = list(_draw(clusters[0], shares[0]))
    for (before, cluster), share in zip(pairwise(clusters), shares[1:], strict=True):
        cells += _draw_hole(Range(before.extents[-1].range.end, cluster.extents[0].range.start), hole)
        cells += _draw(cluster, share)
    return mark(cells, selected) if selected else tuple(cells)


def strip_line(cells: Iterable[Cell]) -> Line:
    """Return the cells as a line; selected ones have the accent tone."""
    looks = groupby(cells, key=lambda cell: Tone.ACCENT if cell.selected else cell.tone)
    return tuple(Span("".join(cell.char for cell in group), tone) for tone, group in looks)


def with_lit(cells: Sequence[Cell], lit: Sequence[Lit]) -> tuple[Cell, ...]:
    """Colour the cells of recent changes, with the sign on the last one: regions mostly grow at their end."""
    shown = list(cells)
    for each in lit:
        places = [
            place for place, cell in enumerate(cells) if cell.kind is not None and _overlap(cell.range, each.range)
        ]
        for place in places:
            char = each.sign if place == places[-1] else shown[place].char
            shown[place] = shown[place]._replace(char=char, tone=each.tone)
    return tuple(shown)


def with_touch(lit: Sequence[Lit], touched: Range) -> tuple[Lit, ...]:
    """Light only the touched part of a region that is lit as changed, and that part too of one that is new."""
    around = [each for each in lit if each.range.start <= touched.start and touched.end <= each.range.end]
    if not around:
        return tuple(lit)
    others = (each for each in lit if each not in around or each.tone is not Tone.CHANGED)
    return (*others, Lit(touched, change_mark(ChangeKind.GREW), Tone.CHANGED))


def with_fault(cells: Sequence[Cell], address: int) -> tuple[Cell, ...]:
    """Mark the cell of the address that crashed the program; past either end, the cell at that end."""
    at = max((place for place, cell in enumerate(cells) if cell.range.start <= address), default=0)
    return tuple(
        cell._replace(char=_FAULT, tone=Tone.ERROR, selected=False) if place == at else cell
        for place, cell in enumerate(cells)
    )


def with_touched(cells: Sequence[Cell], addresses: Iterable[int]) -> tuple[Cell, ...]:
    """Mark the cells of these addresses; addresses in no cell are ignored."""
    touched = {bisect_right(cells, each, key=_first) - 1 for each in addresses}
    return tuple(
        cell._replace(char=_TOUCHED, tone=Tone.CHANGED) if place in touched and cell.kind is not None else cell
        for place, cell in enumerate(cells)
    )


def _first(cell: Cell) -> int:
    return cell.range.start


def short_label(name: str) -> str:
    """Shorten the name of a region for the strip: `libc.so.6` to libc, `[heap]` to heap."""
    return name.strip("[]").partition(".so")[0]


def _weight(size: int) -> float:
    return float((size / _PAGE) ** (1 / 3))


def _weights(sizes: Iterable[int]) -> float:
    """Add up the weights of regions; thousands of them have the same few sizes."""
    return sum(how_many * _weight(size) for size, how_many in Counter(sizes).items())


def _clusters(extents: Sequence[Extent], width: int) -> list[_Cluster]:
    """Split at the holes, or only at the largest if there is no room for all: a cluster and its hole need two cells."""
    if isinstance(extents, ManyExtents):
        starts, ends = extents.starts, extents.ends
    else:
        starts, ends = list(map(_START, extents)), list(map(_END, extents))
    holes = enumerate(map(sub, islice(starts, 1, None), ends), start=1)
    large = [(hole, place) for place, hole in holes if hole >= LARGE_HOLE]
    largest = sorted(large, reverse=True)[: (width - 1) // 2]
    cuts = [0, *sorted(place for _, place in largest), len(extents)]
    sizes = array("Q", map(sub, ends, starts))
    return [_Cluster(extents[start:end], sizes[start:end]) for start, end in pairwise(cuts)]


def _hole_width(holes: int, width: int) -> int:
    return next((cells for cells in _HOLE_WIDTHS if holes * cells * 3 <= width), _HOLE_WIDTHS[-1])


def _shares(least: Sequence[int], weights: Sequence[float], width: int) -> list[int]:
    """Share out `width` in proportion to `weights`; each gets its `least` if possible, and at least 1."""
    floor = list(least) if sum(least) <= width else [1] * len(least)
    spare = width - sum(floor)
    edges = [round(spare * part / sum(weights)) for part in accumulate(weights, initial=0.0)]
    edges[-1] = spare
    return [few + end - start for few, (start, end) in zip(floor, pairwise(edges), strict=True)]


def _draw(cluster: _Cluster, width: int) -> list[Cell]:
    extents = cluster.extents
    if len(extents) > width:
        return [_merged(group) for group in _groups(cluster, width)]
    widths = _shares([1] * len(extents), [_weight(size) for size in cluster.sizes], width)
    cells = [cell for extent, share in zip(extents, widths, strict=True) for cell in _split(extent, share)]
    return _labelled(cells, [(extent.label, share) for extent, share in zip(extents, widths, strict=True)])


def _split(extent: Extent, width: int) -> Iterable[Cell]:
    start, length = extent.range.start, extent.range.size
    edges = [start + length * part // width for part in range(width + 1)]
    glyph, tone = kind_glyph(extent.kind), kind_tone(extent.kind)
    return (Cell(glyph, tone, Range(*edge), extent.kind) for edge in pairwise(edges))


def _groups(cluster: _Cluster, width: int) -> Iterable[_Cluster]:
    edges = [len(cluster.extents) * part // width for part in range(width + 1)]
    return (_Cluster(cluster.extents[start:end], cluster.sizes[start:end]) for start, end in pairwise(edges))


def _merged(group: _Cluster) -> Cell:
    extents = group.extents
    largest = extents[group.sizes.index(max(group.sizes))]
    covered = Range(extents[0].range.start, extents[-1].range.end)
    return Cell(kind_glyph(largest.kind), kind_tone(largest.kind), covered, largest.kind)


def _labelled(cells: list[Cell], shares: Iterable[tuple[str, int]]) -> list[Cell]:
    """Write each label into the widest of the neighbours that share it, if a glyph remains on both sides."""
    at = 0
    for label, group in groupby(shares, key=lambda share: share[0]):
        widths = [width for _, width in group]
        widest = max(range(len(widths)), key=widths.__getitem__)
        start, width = at + sum(widths[:widest]), widths[widest]
        text = _label_text(label, width)
        for place, char in enumerate(text, start=start + (width - len(text)) // 2):
            cells[place] = cells[place]._replace(char=char)
        at += sum(widths)
    return cells


def _label_text(label: str, width: int) -> str:
    text = clean(label)
    # Only ASCII is sure to take one cell per character; other labels are left out.
    if not text.isascii() or len(text) + 2 > width:
        return ""
    return f" {text} " if text and len(text) + 4 <= width else text


def _draw_hole(hole: Range, width: int) -> list[Cell]:
    text = f"┄{size(hole.size):^6}┄" if width == _HOLE_WIDTHS[0] else "┄" * width
    return [Cell(char, Tone.DIM, hole, None) for char in text]


def mark(cells: Sequence[Cell], selected: Range) -> tuple[Cell, ...]:
    """Select the cells that show part of `selected`, and put a sign on the first that isn't part of a label."""
    marked = list(cells)
    places = [place for place, cell in enumerate(cells) if cell.kind is not None and _overlap(cell.range, selected)]
    for place in places:
        marked[place] = cells[place]._replace(selected=True)
    if places:
        bare = (place for place in places if not marked[place].char.isascii())
        place = next(bare, places[0])
        marked[place] = marked[place]._replace(char=_SELECTED)
    return tuple(marked)


def _overlap(one: Range, other: Range) -> bool:
    return one.start < other.end and other.start < one.end
