"""The rows of the regions of a process, each made when it is asked for: only few of 65,000 are ever shown."""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter

from mmexplorer.model.carried import Known
from mmexplorer.model.changes import ChangeKind, Event
from mmexplorer.model.elf.layout import Match
from mmexplorer.model.growth import UNMEASURED, Growth, Track, Watch
from mmexplorer.model.region import Range, Region, RegionKind, Usage
from mmexplorer.model.region_kind import classify
from mmexplorer.model.role import Role
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.typed import Self
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.row import RegionFacts, RegionRow, row_of
from mmexplorer.present.text.keyed_rows import KeyedRows

LIT_SECONDS = 5.0
"""Seconds for which a changed region is highlighted and a removed one remains as a ghost."""
_JUMP = 1 << 18
"""Bytes of memory gained or lost at once from which a region is highlighted."""
_KEPT = 1 << 10
"""Rows that stay the same objects: many screens full."""
_KINDS = tuple(RegionKind)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_BY_START = attrgetter("start")


class Look(NamedTuple):
    """What the rows of one look depend on."""

    space: AddressSpace
    lit: Mapping[tuple[int, int], Event]
    """The newest event of each region, while fresh."""
    clock: float
    watch: Watch | None

    @property
    def unmeasured(self) -> bool:
        """Whether there was only one look."""
        return self.watch is not None and self.watch.looks == 1


class _Facts(RegionFacts):
    """Tells of one region after another, looking up only what is asked: a row for each takes ten times as long."""

    __slots__ = ("_kinds", "_look", "_place", "_region", "_regions")

    _place: int
    _region: Region

    def __init__(self, look: Look, kinds: bytes) -> None:
        self._look = look
        self._kinds = kinds
        self._regions = look.space.regions

    def at(self, place: int) -> Self:
        """Tell of the region at that place from now on."""
        self._place = place
        self._region = self._regions[place]
        return self

    @property
    def region(self) -> Region:
        return self._region

    @property
    def range(self) -> Range:
        return self._region.range

    @property
    def start(self) -> int:
        return self._region.start

    @property
    def end(self) -> int:
        return self._region.end

    @property
    def size(self) -> int:
        return self._region.end - self._region.start

    @property
    def kind(self) -> RegionKind:
        return _KINDS[self._kinds[self._place]]

    @property
    def usage(self) -> Usage | None:
        return self._look.space.usage_of(self._region)

    @property
    def known(self) -> Known | None:
        return self._look.space.known_of(self._region)

    @property
    def match(self) -> Match | None:
        return self._look.space.layout.matches.get(self._region.start)

    @property
    def role(self) -> Role | None:
        return self._look.space.roles.get(self._region.start)

    @property
    def change(self) -> ChangeKind | None:
        event = self._event
        return None if event is None else event.change.kind

    @property
    def delta(self) -> int:
        event = self._event
        return 0 if event is None else event.change.delta

    @property
    def age(self) -> int:
        event = self._event
        return 0 if event is None else age_of(event, self._look.clock)

    @property
    def growth(self) -> Growth | None:
        if self._look.unmeasured:
            return UNMEASURED
        watch, track = self._look.watch, self._track
        return None if watch is None or track is None else watch.growth(track)

    @property
    def jump(self) -> int:
        watch, track = self._look.watch, self._track
        if watch is None or track is None or self._look.unmeasured:
            return 0
        age = watch.clock - track.jumped_at
        newest = self.change is None or age < self.age
        return track.jump if age <= LIT_SECONDS and abs(track.jump) >= _JUMP and newest else 0

    @property
    def _event(self) -> Event | None:
        lit = self._look.lit
        return lit.get(self._region[:2]) if lit else None

    @property
    def _track(self) -> Track | None:
        watch = self._look.watch
        return watch.tracks.get(self._region.start) if watch is not None else None


class Step(NamedTuple):
    """How the rows of the regions differ from those of the previous refresh."""

    head: int = 0
    """Number of rows at the beginning with the same regions."""
    tail: int = 0
    """Number of the same, at the end."""
    changed: Sequence[int] = ()
    """Indices within both, ascending, where the counters, the match or the role of a region changed."""

    def leaves(self, place: int, regions: int) -> bool:
        """Return whether the region at `place` of so many, and all that is known of it, is as it was."""
        if self.head <= place < regions - self.tail:
            return False
        at = bisect_left(self.changed, place)
        return at == len(self.changed) or self.changed[at] != place

    def differing(self, before: "LiveRows", after: "LiveRows") -> tuple[Iterator[RegionFacts], Iterator[RegionFacts]]:
        """Tell of the rows that disappeared, and of the new ones, those that changed first."""
        longer = len(before) - len(after)
        went = (place if place < self.head else place + longer for place in self.changed)
        return (
            before.facts(chain(went, range(self.head, len(before) - self.tail))),
            after.facts(chain(self.changed, range(self.head, len(after) - self.tail))),
        )


class ListedRows(KeyedRows[RegionRow]):
    """Rows in the order of a list."""

    __slots__ = ()

    @abstractmethod
    def facts(self) -> Iterator[RegionFacts]:
        """Tell of one row after another, which costs less than making them; what is yielded is valid until the next."""


class LiveRows(ListedRows):
    """The rows of all regions, in address order.

    A row that is equal to the one of the look before is the same object, if that was asked for.
    """

    __slots__ = ("_before", "_kinds", "_look", "_made", "_step", "regions")

    def __init__(
        self,
        look: Look | None = None,
        kinds: bytes = b"",
        before: "LiveRows | None" = None,
        step: Step = Step(),  # noqa: B008 - immutable
    ) -> None:
        """`kinds` has a number per region, of `kind_number`; without a look there are no regions.

        `step` tells how the regions differ from those of the look `before`.
        """
        self.regions = look.space.regions if look is not None else ()
        self._look = look
        self._kinds = kinds
        self._step = step
        self._made: dict[int, RegionRow] = {}
        self._before: Mapping[int, RegionRow] = before.made if before is not None else {}

    @property
    def space(self) -> AddressSpace | None:
        """The address space of the regions."""
        return self._look.space if self._look is not None else None

    @property
    def lit(self) -> frozenset[int]:
        """The starts of recently changed regions."""
        return frozenset(start for start, _ in self._look.lit) if self._look is not None else frozenset()

    @property
    def unmeasured(self) -> bool:
        """Whether there was only one look, so that no growth is known."""
        return self._look is not None and self._look.unmeasured

    @property
    def kinds(self) -> bytes:
        """The number of each region's kind."""
        return self._kinds

    @property
    def made(self) -> Mapping[int, RegionRow]:
        """Rows that were asked for, by the starts of their regions."""
        return self._made

    def __len__(self) -> int:
        return len(self.regions)

    def __getitem__(self, index: int) -> RegionRow:  # type: ignore[override] # nobody takes a slice
        region = self.regions[index]
        row = self._made.get(region.start)
        return self._make(range(len(self.regions))[index]) if row is None else row

    def _make(self, place: int) -> RegionRow:
        start = self.regions[place].start
        row = self._before.get(start)
        if row is None or not self._stays(row, place):
            new = row_of(next(self.facts((place,))))
            row = row if row == new else new
        if len(self._made) >= _KEPT:
            self._made.clear()
        self._made[start] = row
        return row

    def _stays(self, before: RegionRow, place: int) -> bool:
        """Return whether nothing that a row depends on has changed: neither the region nor how it is marked."""
        look, region = self._look, self.regions[place]
        if look is None or look.unmeasured or before.growth is not None or before.change is not None:
            return False
        is_marked = region[:2] in look.lit or (look.watch is not None and region.start in look.watch.tracks)
        return not is_marked and self._step.leaves(place, len(self.regions))

    def key_at(self, index: int) -> int:
        """Return the start of a region."""
        return self.regions[index].start

    def index_of(self, key: Hashable) -> int | None:
        """Return the place of the region that starts there; None if there is none."""
        if not isinstance(key, int):
            return None
        place = bisect_left(self.regions, key, key=_BY_START)
        return place if place < len(self.regions) and self.regions[place].start == key else None

    def at(self, start: int) -> RegionRow | None:
        """Return the row of the region that starts there."""
        place = self.index_of(start)
        return None if place is None else self[place]

    def facts(self, places: Iterable[int] | None = None, others: Sequence[RegionRow] = ()) -> Iterator[RegionFacts]:
        """Tell of the rows at these places, or of all; `others` have the places after the last region."""
        regions = len(self.regions)
        facts = _Facts(self._look, self._kinds) if self._look is not None else None
        for place in range(regions + len(others)) if places is None else places:
            yield facts.at(place) if facts is not None and place < regions else others[place - regions]


def kind_number(region: Region, space: AddressSpace) -> int:
    """Return the number of the kind of one of the regions of `space`, less than 256."""
    match, role = space.layout.matches.get(region.start), space.roles.get(region.start)
    return _NUMBERS[classify(region, match, space.usage_of(region), role)]


def kinds_of(numbers: bytes) -> frozenset[RegionKind]:
    """Return the kinds that occur."""
    return frozenset(_KINDS[number] for number in set(numbers))


def age_of(event: Event, clock: float) -> int:
    """Return how many whole seconds ago it was seen."""
    return max(0, int(clock - event.clock))
