"""The table of a difference: its rows, its filter fields and its columns."""

from collections.abc import Callable, Iterable, Iterator

from mmexplorer.model.capture.comparison import FIELDS, Amounts, Difference, changed
from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.query import Vocabulary
from mmexplorer.model.region import Region
from mmexplorer.model.value import frozen
from mmexplorer.present.capture.compared import what
from mmexplorer.present.region.address import short_file_name
from mmexplorer.present.region.changes import change_mark, change_tone
from mmexplorer.present.region.fields import KIND_VALUES
from mmexplorer.present.text.cells import ADDRESS_CELLS, DASH, WHOLE_ADDRESS_CELLS, address_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, number_of, signed_size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span

_SHORT = {"size": "SIZE", "rss": "RSS", "pss": "PSS", "private_dirty": "DIRTY", "swap": "SWAP"}
_PRIORITIES = {"rss": 0, "size": 3, "pss": 6, "private_dirty": 9, "swap": 12}
"""Which columns leave first if there is no room: those of swap; within a field A, then B, then the change."""
_ASKED = {
    f"{short.casefold()}{suffix}": (field, side)
    for field, short in _SHORT.items()
    for suffix, side in (("", "change"), (".a", "a"), (".b", "b"))
}

DIFFERENCE_FIELDS = Vocabulary(
    contains=frozenset({"path", "name"}),
    begins=frozenset({"kind", "perm"}),
    numbers=frozenset({"start", "end", *_ASKED}),
    values=KIND_VALUES,
)
"""The filter fields of this table: `rss>1M` matches what grew by more, `rss.b>1M` what has more now."""


@frozen
class DifferenceRow:
    """A row of the table: something compared on both sides, or the totals."""

    of: Difference | None
    """None for the totals."""
    name: str
    """Not cleaned."""
    a: Amounts | None
    """None if it isn't in A."""
    b: Amounts | None
    change: Amounts
    older: frozenset[tuple[str, str]] = frozenset()
    """Side and field of the amounts read before a region changed."""

    @property
    def key(self) -> tuple[bool, int]:
        """The identity of the row: its start in A, which doesn't change, or in B if it is only there."""
        if self.of is None:
            return False, -1
        return bool(self.of.a), min(each.region.start for each in self.of.a or self.of.b)

    @property
    def kind(self) -> ChangeKind | None:
        """What happened from A to B; None for the totals."""
        if self.of is None or not self.of.differs:
            return None
        return ChangeKind.ADDED if not self.of.a else ChangeKind.REMOVED if not self.of.b else ChangeKind.GREW

    def words(self) -> Iterable[str]:
        """Yield what a plain word is matched against: name, addresses, permissions and paths on both sides."""
        yield self.name
        for each in _regions(self):
            yield address(each.start)
            yield address(each.end)
            yield each.perms
            yield each.path

    def word(self, field: str) -> str | None:
        """Return a text field for the filter."""
        if self.of is None:
            return None
        if field == "kind":
            return self.of.what.kind.value
        if field == "perm":
            return self.of.what.region.perms
        return " ".join(each.path for each in _regions(self)) if field == "path" else self.name

    def number(self, field: str) -> float | None:
        """Return a number field for the filter."""
        if self.of is not None and field in ("start", "end"):
            return int(getattr(self.of.range, field))
        return _amount(self, *_ASKED[field]) if field in _ASKED else None


def _regions(row: DifferenceRow) -> Iterator[Region]:
    return (each.region for each in (*row.of.a, *row.of.b)) if row.of is not None else iter(())


def difference_row(of: Difference) -> DifferenceRow:
    """Return the row of a difference."""
    a, b = of.amounts_a, of.amounts_b
    sides = (("a", of.a), ("b", of.b))
    older = frozenset((name, field) for name, side in sides for each in side for field in each.older)
    return DifferenceRow(of, what(of), a, b, changed(a, b), older)


def sums_row(name: str, a: Amounts | None, b: Amounts | None) -> DifferenceRow:
    """Return the row of the totals."""
    return DifferenceRow(None, name, a, b, changed(a, b))


def difference_mark(row: DifferenceRow) -> str:
    """Return the sign before the row: + only in B, - only in A, ~ on both and different."""
    return "" if row.kind is None else change_mark(row.kind)


def difference_tone(row: DifferenceRow) -> Tone | None:
    """Return the tone of the whole row."""
    if row.of is None:
        return Tone.BRIGHT
    return change_tone(row.kind) if row.kind in (ChangeKind.ADDED, ChangeKind.REMOVED) else None


def _amount(row: DifferenceRow, field: str, side: str) -> int | None:
    of: Amounts | None = getattr(row, side)
    count: int | None = None if of is None else getattr(of, field)
    return count


def _start(row: DifferenceRow) -> Line:
    return EMPTY if row.of is None else address_cell(row.of.range.start)


def _end(row: DifferenceRow) -> Line:
    if row.of is None:
        return EMPTY
    parts = row.of.b or row.of.a
    if len(parts) > 1:  # a range would include the holes between the parts
        return line(span(number_of(len(parts), "region"), Tone.DIM))
    return address_cell(row.of.range.end)


def _label(row: DifferenceRow, name: str) -> Line:
    """Name it by its kind, "libc.so.6 code" or "heap": a column is too narrow for "the code of libc.so.6"."""
    if row.of is None:
        return line(row.name)
    kind = row.of.what.kind.value
    return line(f"{name} {kind}" if name and not name.startswith("[") else name or kind)


def _what(row: DifferenceRow) -> Line:
    return _label(row, row.of.what.name if row.of is not None else "")


def _short_what(row: DifferenceRow) -> Line:
    return _label(row, short_file_name(row.of.what.name) if row.of is not None else "")


def _side(field: str, side: str, priority: int) -> Column[DifferenceRow]:
    title = f"{_SHORT[field]}-{side.upper()}"
    return Column(
        f"{field}_{side}",
        title,
        max(5, len(title)),
        lambda row: size_cell(_amount(row, field, side), Tone.OLDER if (side, field) in row.older else Tone.NORMAL),
        sort=lambda row: _amount(row, field, side),
        align="right",
        descending=True,
        priority=priority,
        help=f"{_SHORT[field]} in {side.upper()}; a dash where it isn't there or isn't known, dim where older.",
    )


def _signed(field: str) -> Callable[[DifferenceRow], Line]:
    def text(row: DifferenceRow) -> Line:
        count = _amount(row, field, "change")
        if count is None:
            return DASH
        older = {("a", field), ("b", field)} & row.older
        tone = Tone.OLDER if older else Tone.CHANGED if count else Tone.DIM
        return line(span(signed_size(count), tone))

    return text


def _change(field: str) -> Column[DifferenceRow]:
    return Column(
        f"{field}_change",
        f"±{_SHORT[field]}",
        6,
        _signed(field),
        sort=lambda row: _amount(row, field, "change"),
        align="right",
        descending=True,
        priority=_PRIORITIES[field],
        help=f"{_SHORT[field]} in B minus {_SHORT[field]} in A.",
    )


DIFFERENCE_COLUMNS: tuple[Column[DifferenceRow], ...] = (
    Column(
        "start",
        "START",
        ADDRESS_CELLS,
        _start,
        sort=lambda row: row.of.range if row.of is not None else None,
        align="right",
        wide=WHOLE_ADDRESS_CELLS,
        frozen=True,
        help="Its lowest address in B, or in A if it is only there.",
    ),
    Column(
        "end",
        "END",
        ADDRESS_CELLS,
        _end,
        sort=lambda row: row.of.range.end if row.of is not None else None,
        align="right",
        priority=15,
        help="The first address after it; for several regions, their number.",
    ),
    *(
        column
        for field in FIELDS
        for column in (
            _side(field, "a", _PRIORITIES[field] + 2),
            _side(field, "b", _PRIORITIES[field] + 1),
            _change(field),
        )
    ),
    Column(
        "what",
        "WHAT",
        23,
        _what,
        sort=lambda row: plain(_what(row)),
        flexible=True,
        wide=32,
        frozen=True,
        short=_short_what,
        help="What it is: a file and which part of it, the heap, a stack, nameless memory.",
    ),
)
