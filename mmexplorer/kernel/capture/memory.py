"""The last few minutes in memory: bounded, compressed, oldest moments dropped first."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from sys import getsizeof
from zlib import decompress

from mmexplorer.kernel.capture.deflate import deflated
from mmexplorer.kernel.capture.packed import PackedPlaces, packed_together
from mmexplorer.kernel.capture.record.recorder import LIST, MomentMaker, Places, Recorded, Value, without_gone
from mmexplorer.model.capture.moments import Answer, Manifest, Moment, MostNames, Names, Place
from mmexplorer.model.capture.timeline import KEPT_BYTES, KEPT_SECONDS, Beginning
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple, replace

_PER_MOMENT = 700
"""Approximate bytes of the objects of a moment."""

_LEVEL = 3
"""Of compression: the maps of 60,000 regions become as small as with the usual 6, in 0.4 of the time."""
_TOGETHER = 16
"""How many moments are compressed together."""
_LARGE = 1 << 12
"""Bytes of a text that is compressed by itself, so that nothing else is unpacked with it."""

_LACKING = Unavailable(Cause.NOT_READ, "not read by then")


class _Kept(NamedTuple):
    moment: Moment
    short: Mapping[str, bytes]
    large: Mapping[str, bytes]
    """Compressed, without metadata."""
    names: int
    """Bytes of the usual names, if it is the first that has them."""
    size: int
    """Approximate bytes, all in all."""

    @property
    def contents(self) -> Collection[str]:
        """The names of all texts."""
        return (*self.short, *self.large)


def _kept(moment: Moment, short: Mapping[str, bytes], large: Mapping[str, bytes], names: int = 0) -> _Kept:
    tables = (short, large, *large.values(), moment.answers, moment.same, moment.where or {}, moment.earlier)
    loose = (value for values in (short, moment.answers) if isinstance(values, dict) for value in values.values())
    return _Kept(moment, short, large, names, _PER_MOMENT + names + sum(map(getsizeof, chain(tables, loose))))


class RecentMoments:
    """Moments by their current number: 0 is the oldest one left."""

    def __init__(
        self, manifest: Manifest, bytes_at_most: int = KEPT_BYTES, seconds_at_most: float = KEPT_SECONDS
    ) -> None:
        self._manifest = manifest
        self._bytes_at_most = bytes_at_most
        self._seconds_at_most = seconds_at_most
        self._kept: deque[_Kept] = deque()
        self._places = Places()
        self._forgotten = 0
        self._loose = 0
        """How many of the newest aren't packed yet."""
        self._usual: Names | None = None
        """The usual names of the newest, which the next will probably share."""
        self._newest: dict[str, bytes] = {}
        """The map that came with the last moment, for the timeline: in memory anyway while its process is followed."""
        self.size = 0
        """Their approximate size in bytes."""
        self.begins = Beginning.OPENED
        """Why there are no earlier ones."""

    @property
    def manifest(self) -> Manifest:
        """The machine on which the moments were recorded."""
        return self._manifest

    @property
    def lacking(self) -> Unavailable:
        """The reason for what neither a moment nor an earlier one has."""
        return _LACKING

    @property
    def forgotten(self) -> int:
        """How many moments were dropped before the one that is now the first."""
        return self._forgotten

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, recorded: Recorded) -> None:
        """Add a moment, and drop the oldest ones to make room."""
        moment = self._places.told_by(recorded, self._forgotten + len(self._kept))
        if moment.where is not None:
            moment = replace(moment, where=PackedPlaces(moment.where))
        large = {name: deflated(text, _LEVEL) for name, text in recorded.contents.items() if len(text) > _LARGE}
        short = {name: text for name, text in recorded.contents.items() if name not in large}
        usual = moment.same.usual if isinstance(moment.same, MostNames) else None
        kept = _kept(moment, short, large, 0 if usual is self._usual else getsizeof(usual))
        self._kept.append(kept)
        self._usual = usual
        maps = {name: content for name, content in recorded.contents.items() if name.endswith("/maps")}
        self._newest = maps if len(maps) == 1 else {}
        self.size += kept.size
        self._loose += 1
        if self._loose == _TOGETHER:
            self._pack_newest()
        now = recorded.moment.clocks.monotonic
        while len(self._kept) > 1 and (why := self._too_much(now)) is not None:
            self.begins = why
            self._forget_oldest()

    def moment(self, index: int) -> Moment:
        """Return everything asked for at a moment."""
        moment = self._kept[index].moment
        return moment if moment.where is None else replace(moment, where=_Shifted(moment.where, self._forgotten))

    def holds(self, index: int, name: str) -> bool:
        """Return whether the bytes of `name` are stored with that moment."""
        kept = self._kept[index]
        return name in kept.short or name in kept.large

    def content(self, index: int, name: str) -> bytes | Unavailable:
        """Return those bytes."""
        if index == len(self._kept) - 1 and name in self._newest:
            return self._newest[name]
        kept = self._kept[index]
        if name in kept.short:
            return kept.short[name]
        if name in kept.large:
            return decompress(kept.large[name])
        return Unavailable(Cause.NOT_READ, f"{name} was not recorded at this moment")

    def recorded(self) -> Iterator[Recorded]:
        """Iterate from the oldest on, to write them to a file, in which the first moment starts with nothing."""
        for index, kept in enumerate(list(self._kept)):
            read = {name: clocks.monotonic for name, clocks in kept.moment.earlier.items()}
            names = _without_old_counters(dict.fromkeys(kept.contents, b""), read, kept.moment.clocks.monotonic)
            contents = {name: self.content(index, name) for name in names}
            yield Recorded(kept.moment, {name: each for name, each in contents.items() if isinstance(each, bytes)})

    def latest(self) -> Recorded | None:
        """Combine everything known now into one moment; None before the first."""
        if not self._kept:
            return None
        answers: dict[str, Answer] = {}
        read: dict[str, int] = {}
        for index, recorded in enumerate(self.recorded()):
            brought = {**recorded.moment.answers, **recorded.contents}
            answers |= brought
            read |= dict.fromkeys((*brought, *recorded.moment.same), index)
        answers = _without_old_counters(answers, read, 0)
        return MomentMaker().make(answers, self._kept[-1].moment.clocks, self._kept[-1].moment.seconds)

    def _pack_newest(self) -> None:
        newest = [self._kept.pop() for _ in range(self._loose)][::-1]
        texts = packed_together([kept.short for kept in newest])
        answers = packed_together([kept.moment.answers for kept in newest])
        for kept, short, others in zip(newest, texts, answers, strict=True):
            packed = _kept(replace(kept.moment, answers=others), short, kept.large, kept.names)
            self._kept.append(packed)
            self.size += packed.size - kept.size
        self._loose = 0

    def _too_much(self, now: float) -> Beginning | None:
        if now - self._kept[0].moment.clocks.monotonic > self._seconds_at_most:
            return Beginning.AGE
        return Beginning.SIZE if self.size > self._bytes_at_most else None

    def _forget_oldest(self) -> None:
        """Move what is still valid to the next moment."""
        oldest, second = self._kept.popleft(), self._kept.popleft()
        replaced = {*second.contents, *second.moment.answers}
        short, large = (_without(texts, replaced) for texts in (oldest.short, oldest.large))
        answers = _without(oldest.moment.answers, replaced)
        known = short.keys() | large.keys() | answers.keys()
        same = Names(name for name in second.moment.same if name not in known)
        read = {name: oldest.moment.earlier.get(name, oldest.moment.clocks) for name in known - second.moment.same}
        answers |= second.moment.answers
        listed = answers.get(LIST)
        moment = replace(
            second.moment,
            answers=without_gone(answers, listed),
            where=None,
            same=same,
            earlier=without_gone(read, listed),
        )
        short, large = short | dict(second.short), large | dict(second.large)
        joined = _kept(moment, without_gone(short, listed), without_gone(large, listed))
        self.size += joined.size - oldest.size - second.size
        self._kept.appendleft(joined)
        self._loose = min(self._loose, len(self._kept))
        self._forgotten += 1


def _without(values: Mapping[str, Value], names: Collection[str]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in names}


def _without_old_counters(
    answers: Mapping[str, Value], read: Mapping[str, float], otherwise: float
) -> dict[str, Value]:
    """Leave out a process's smaps if it was read before its maps: within a moment, the two belong together.

    `read` has the time each was read, or its number; what it doesn't have was read at `otherwise`.
    """

    def when(name: str) -> float:
        return read.get(name, otherwise)

    return {
        name: answer
        for name, answer in answers.items()
        if not name.endswith("/smaps") or when(name) >= when(f"{name.removesuffix('smaps')}maps")
    }


class _Shifted(Mapping[str, Place]):
    """Places by the current numbers of moments: what was stored in a dropped one is now in the oldest."""

    def __init__(self, places: Mapping[str, Place], forgotten: int) -> None:
        self._places = places
        self._forgotten = forgotten

    def __getitem__(self, name: str) -> Place:
        changed, read = self._places[name]
        return Place(max(0, changed - self._forgotten), max(-1, read - self._forgotten))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
