"""The contents of a capture: the machine, and at each moment what was read, what failed and what was unchanged."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from sys import getsizeof

from mmexplorer.model.typed import Protocol
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, field, frozen


class Clocks(NamedTuple):
    """One moment on three clocks, in seconds (`clock_gettime(2)`)."""

    realtime: float
    """Since the epoch. It can be set, so it may jump either way."""
    monotonic: float
    """For differences. It stops while the machine is suspended."""
    boottime: float
    """Like monotonic, but keeps running during suspend."""


@frozen
class Manifest:
    """The machine a capture was made on, and how it was made."""

    host: str
    kernel: str
    boot_id: str
    """Identifies the boot, uniquely in the world."""
    page_size: int
    clock_ticks: int
    """Per second: the unit of start times."""
    byte_order: str
    """"little" or "big"."""
    machine: str
    """x86_64, aarch64 ... as `uname -m` says."""
    uid: int
    """The user who recorded it: anything other users' processes hide from that user is missing."""
    started: Clocks
    options: Mapping[str, str] = field(default_factory=dict)
    """How the recorder was called."""


Answer = bytes | str | bool | tuple[int, ...] | Unavailable
"""What a source returns: a file's bytes, a link's target, whether something exists, or the numbers in a directory."""


class Place(NamedTuple):
    """The moments an answer comes from, counted from 0."""

    changed: int
    """Where it is stored."""
    read: int
    """When it was last confirmed; -1 if that was before the first moment left (`Moment.earlier`)."""


class Names(AbstractSet[str]):
    """A set of names in order, in a third of the memory of a frozenset, or less. There is one for each moment."""

    __slots__ = ("_names",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Sort `names`, of which none may be twice."""
        self._names = tuple(sorted(names))

    def index(self, name: str) -> int | None:
        """Return the place of a name in the order; None if it isn't among them."""
        at = bisect_left(self._names, name)
        return at if at < len(self._names) and self._names[at] == name else None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.index(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        return self._names == other._names if isinstance(other, Names) else frozenset(self._names) == other

    def __hash__(self) -> int:
        return hash(frozenset(self._names))

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + getsizeof(self._names)

    @classmethod
    def _from_iterable(cls, names: Iterable[str]) -> AbstractSet[str]:  # type: ignore[override] # typeshed: of any items
        return frozenset(names)


class MostNames(AbstractSet[str]):
    """Most of the `usual` names, which many moments share, and a few others."""

    __slots__ = ("_others", "_without", "usual")

    def __init__(self, usual: Names, without: Iterable[str], others: Iterable[str]) -> None:
        """`without`: those of the usual that are missing."""
        self.usual = usual
        self._without = Names(without)
        self._others = Names(others)

    def __contains__(self, name: object) -> bool:
        return name in self._others or (name in self.usual and name not in self._without)

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self.usual if name not in self._without)
        yield from self._others

    def __len__(self) -> int:
        return len(self.usual) - len(self._without) + len(self._others)

    def __sizeof__(self) -> int:
        """Count what this moment has alone."""
        return object.__sizeof__(self) + getsizeof(self._without) + getsizeof(self._others)

    @classmethod
    def _from_iterable(cls, names: Iterable[str]) -> AbstractSet[str]:  # type: ignore[override] # typeshed: of any items
        return frozenset(names)


@frozen
class Moment:
    """Everything asked for at one moment, except the bytes of files.

    Names start with the kind of question: `proc/8402/maps`, `link/8402/exe`, `list/8402/task`, `there/self/smaps`,
    `user/8402`, `files/fe:00-1234`.
    """

    clocks: Clocks
    seconds: float = 0.0
    """How long the reading took."""
    where: Mapping[str, Place] | None = None
    """Where to find the answers that aren't stored here; None if earlier moments must be searched."""
    same: AbstractSet[str] = frozenset()
    """The names that were read again and had not changed."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """The answers that aren't a file's bytes."""
    earlier: Mapping[str, Clocks] = field(default_factory=dict)
    """What is stored here, but was read before the first moment left, and when it was read."""


class Moments(Protocol):
    """Moments in order of time, in a file or in memory. A name's bytes are stored with the moment they changed."""

    @property
    def manifest(self) -> Manifest:
        """The machine they were recorded on."""
        ...

    @property
    def lacking(self) -> Unavailable:
        """The reason for what neither a moment nor an earlier one has."""
        ...

    @property
    def forgotten(self) -> int:
        """How many moments were dropped before the one that is now the first."""
        ...

    def __len__(self) -> int:
        """How many moments there are."""
        ...

    def moment(self, index: int) -> Moment | Unavailable:
        """Return the moment with that number, from 0."""
        ...

    def holds(self, index: int, name: str) -> bool:
        """Return whether the bytes of `name` are stored with that moment."""
        ...

    def content(self, index: int, name: str) -> bytes | Unavailable:
        """Return those bytes."""
        ...
