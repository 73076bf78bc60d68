"""The map of the lab process before and after a step: as a table on the screen, and as a diff in plain text."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.address import Between, Inside, locate
from mmexplorer.model.changes import Change, ChangeKind, diff
from mmexplorer.model.region import Range, Region
from mmexplorer.model.region_kind import classify
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.address import short_file_name
from mmexplorer.present.region.changes import change_detail, change_mark, change_tone, change_word
from mmexplorer.present.region.kinds import kind_tone, perms_line
from mmexplorer.present.text.cells import ADDRESS_CELLS, address_cell, size_line
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, address_range, signed_size, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_AROUND = 1
"""How many unchanged rows a diff shows above and below a change."""


class LabMapRow(NamedTuple):
    """A region, a region as it was before the step, or the address of a fault."""

    start: int
    region: Region | None
    """None for a fault."""
    change: Change | None = None
    note: str = ""
    """For a fault: where it is relative to a region."""

    @property
    def key(self) -> tuple[int, bool, bool]:
        """The identity of the row."""
        return (self.start, self.region is None, self.gone)

    @property
    def was(self) -> bool:
        """Whether it shows a region as it was before the step."""
        return self.change is not None and self.region in self.change.before

    @property
    def gone(self) -> bool:
        """Whether the step removed the region."""
        return self.change is not None and self.change.kind is ChangeKind.REMOVED


def map_mark(row: LabMapRow) -> str:
    """Return the sign before the row: + new, - gone, ~ changed, > the address of a fault."""
    if row.region is None:
        return ">"
    return "" if row.change is None else change_mark(row.change.kind)


def map_tone(row: LabMapRow) -> Tone | None:
    """Return the tone of a changed row or a fault; None for others."""
    if row.region is None:
        return Tone.WARN
    return None if row.change is None else change_tone(row.change.kind)


def map_rows(before: Sequence[Region], after: Sequence[Region], fault: int | None = None) -> tuple[LabMapRow, ...]:
    """Return the regions of `after` with their changes since `before`, by address; removed ones stay as ghosts."""
    rows = [row for row in _compared(before, after) if row.gone or not row.was]
    if fault is not None:
        rows.append(LabMapRow(fault, None, note=_whereabouts(before, fault)))
    return tuple(sorted(rows, key=lambda row: (row.start, row.region is None)))


def _compared(before: Sequence[Region], after: Sequence[Region]) -> list[LabMapRow]:
    """Return the rows of both maps by address; for a change, the row before it comes first."""
    changes = diff(before, after)
    now = {region: change for change in changes for region in change.after}
    rows = [LabMapRow(region.start, region, now.get(region)) for region in after]
    rows += [LabMapRow(region.start, region, change) for change in changes for region in change.before]
    return sorted(rows, key=lambda row: (row.start, not row.was))


def _whereabouts(regions: Sequence[Region], fault: int) -> str:
    place = locate(regions, fault)
    if not isinstance(place, Between):
        return f"fault: in it, at +{place.offset:#x}"
    if place.below is not None and (place.above is None or place.after_below <= place.before_above):
        return f"fault: {size(place.after_below)} beyond a region"
    return f"fault: {size(place.before_above)} below a region"


def first_of_interest(rows: Sequence[LabMapRow], watched: Range | None) -> int | None:
    """Return the index of the row to show first: the fault, else the first change, else the watched range."""
    found = (
        next((index for index, row in enumerate(rows) if row.region is None), None),
        next((index for index, row in enumerate(rows) if row.change is not None), None),
        next((index for index, row in enumerate(rows) if row.key in watched_keys(rows, watched)), None),
    )
    return next((index for index in found if index is not None), None)


def watched_keys(rows: Sequence[LabMapRow], watched: Range | None) -> frozenset[tuple[int, bool, bool]]:
    """Return the keys of the rows whose regions overlap the range."""
    if watched is None:
        return frozenset()
    return frozenset(
        row.key
        for row in rows
        if row.region is not None and row.region.start < watched.end and watched.start < row.region.end
    )


def _what(row: LabMapRow) -> Line:
    if row.change is None or row.change.kind in (ChangeKind.ADDED, ChangeKind.REMOVED):
        return _named(row)
    return (*_named(row), span(f" ({change_detail(row.change)})"))


def _short_what(row: LabMapRow) -> Line:
    """Leave out the details of a change and parts of a library's name."""
    return tuple(piece._replace(text=short_file_name(piece.text)) for piece in _named(row))


def _named(row: LabMapRow) -> Line:
    """Name the region first, so that the change beside it never pushes the name out."""
    if row.region is None:
        return line(row.note)
    name = span(row.region.name or "anonymous", kind_tone(classify(row.region, None, None)))
    return line(name) if row.change is None else line(name, f"  {change_word(row.change.kind, row.change.delta)}")


LAB_MAP_COLUMNS: tuple[Column[LabMapRow], ...] = (
    Column("start", "START", ADDRESS_CELLS, lambda row: address_cell(row.start), align="right"),
    Column(
        "end",
        "END",
        ADDRESS_CELLS,
        lambda row: address_cell(row.region.end) if row.region is not None else EMPTY,
        align="right",
        priority=1,
    ),
    Column(
        "size",
        "SIZE",
        5,
        lambda row: size_line(row.region.size) if row.region is not None else EMPTY,
        align="right",
    ),
    Column("perm", "PERM", 4, lambda row: perms_line(row.region.perms) if row.region is not None else EMPTY),
    Column("what", "WHAT", 20, _what, flexible=True, short=_short_what),
)


def map_difference(before: Sequence[Region], after: Sequence[Region]) -> Iterator[Line]:
    """Yield the rows of both maps: `-` only before, `+` only after, blank for both; most of those are only counted."""
    rows = _compared(before, after)
    changed = [index for index, row in enumerate(rows) if row.change is not None]
    shown = {near for index in changed for near in range(index - _AROUND, index + _AROUND + 1)}
    left_out = 0
    for index, row in enumerate(rows):
        if index not in shown:
            left_out += 1
            continue
        yield from _left_out(left_out)
        left_out = 0
        yield _diff_line(row)
    yield from _left_out(left_out)


def _left_out(count: int) -> Iterator[Line]:
    if count:
        yield line(span(f"  ... {count} unchanged region{'s' if count > 1 else ''}", Tone.DIM))


def _diff_line(row: LabMapRow) -> Line:
    change = row.change
    if change is None:
        return line(f"  {_region(row.region)}")
    mark, tone = ("-", Tone.REMOVED) if row.was else ("+", Tone.ADDED)
    # The change is written beside the row after it, or beside the row before if nothing is left.
    what = f"   <- {change.kind.value}, {signed_size(change.delta)} ({change_detail(change)})"
    return line(
        span(f"{mark} {_region(row.region)}", tone), span("" if row.was and change.after else what, Tone.CHANGED)
    )


def map_around(regions: Sequence[Region], fault: int) -> Iterator[Line]:
    """Yield the region that contains an address, or its neighbours with the address between them."""
    place = locate(regions, fault)
    arrow = span(f"> {address(fault)}", Tone.WARN)
    if isinstance(place, Inside):
        yield line(f"  {_region(place.region)}")
        yield line(arrow, f" is in it, at +{place.offset:#x}")
        return
    if place.below is not None:
        yield line(f"  {_region(place.below)}")
    yield line(arrow, " is in no region")
    if place.above is not None:
        yield line(f"  {_region(place.above)}")


def _region(region: Region | None) -> str:
    if region is None:
        return ""
    return f"{address_range(*region.range)} {region.perms} {size(region.size):>5} {region.path}".rstrip(" ")
