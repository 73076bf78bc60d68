"""The processes of a lab side by side: addresses, shared memory, and the program header behind each region."""

from collections.abc import Iterator

from mmexplorer.labs.landmarks import Landmark, landmarks
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.cells import DASH
from mmexplorer.present.text.column import Column, plain_table
from mmexplorer.present.text.format import address, kilobytes, size
from mmexplorer.present.text.line import Line, line

_OWN = "lab process"


class _Process(NamedTuple):
    """A row of the table: one process."""

    name: str
    measured: Measurement

    def counter(self, *names: str) -> Line:
        """Return the cell of a sum of smaps counters of the watched range; a dash if one is unknown."""
        values = [] if self.measured.usage is None else [self.measured.usage.get(name) for name in names]
        known = [value for value in values if value is not None]
        return line(kilobytes(sum(known))) if known and len(known) == len(names) else DASH

    def place(self, landmark: Landmark) -> Line:
        """Return the cell of a landmark's address; a dash if the map has none."""
        found = landmarks(self.measured.regions).get(landmark)
        return DASH if found is None else line(address(found))


class _Mapped(NamedTuple):
    """A row of the table: one region of a program, and the program header that it comes from."""

    region: Region
    layout: Layout


def process_lines(measured: Measurement | Unavailable) -> Iterator[str]:
    """Yield tables of the other processes and the program; nothing if only the lab process was measured."""
    if isinstance(measured, Unavailable):
        return
    rows = [_Process(name, other) for name, other in measured.others.items() if isinstance(other, Measurement)]
    if isinstance(measured.program, Program) and measured.program.regions:
        mapped = [_Mapped(region, measured.program.layout) for region in measured.program.regions]
        yield from plain_table(_MAPPED, mapped)
    elif rows and measured.usage is not None:
        yield from plain_table(_SHARING, [_Process(_OWN, measured), *rows])
    elif len(rows) > 1:
        yield from plain_table(_PLACES, rows)


def _origin(mapped: _Mapped) -> Line:
    match = mapped.layout.matches.get(mapped.region.start)
    return line("" if match is None else f"LOAD #{match.index}: {match.label.value}")


_PLACES: tuple[Column[_Process], ...] = (
    Column("name", "PROCESS", 7, lambda row: line(row.name)),
    Column("program", "PROGRAM", 12, lambda row: row.place(Landmark.PROGRAM)),
    Column("heap", "HEAP", 12, lambda row: row.place(Landmark.HEAP)),
    Column("library", "LIBRARIES", 12, lambda row: row.place(Landmark.LIBRARY)),
    Column("stack", "STACK", 12, lambda row: row.place(Landmark.STACK)),
    Column("vdso", "VDSO", 12, lambda row: row.place(Landmark.VDSO)),
)

_SHARING: tuple[Column[_Process], ...] = (
    Column("name", "THE RANGE IN", 12, lambda row: line(row.name)),
    Column("rss", "RSS", 9, lambda row: row.counter("Rss"), align="right"),
    Column("pss", "PSS", 9, lambda row: row.counter("Pss"), align="right"),
    Column("shared", "SHARED", 9, lambda row: row.counter("Shared_Clean", "Shared_Dirty"), align="right"),
    Column("private", "PRIVATE", 9, lambda row: row.counter("Private_Clean", "Private_Dirty"), align="right"),
)

_MAPPED: tuple[Column[_Mapped], ...] = (
    Column("start", "START", 12, lambda row: line(address(row.region.start)), align="right"),
    Column("end", "END", 12, lambda row: line(address(row.region.end)), align="right"),
    Column("perms", "PERM", 4, lambda row: line(row.region.perms)),
    Column("size", "SIZE", 5, lambda row: line(size(row.region.size)), align="right"),
    Column("origin", "FROM", 12, _origin),
    Column("what", "WHAT", 12, lambda row: line(row.region.path), flexible=True),
)
