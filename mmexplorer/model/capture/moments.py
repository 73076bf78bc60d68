"""What a capture holds: of which machine, and at each moment what was read, what could not be, and what stayed."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen


class Clocks(NamedTuple):
    """One moment by three clocks, in seconds (`clock_gettime(2)`)."""

    realtime: float
    """Since the epoch. It may be set, so it may jump either way."""
    monotonic: float
    """For differences. It stands still while the machine is suspended."""
    boottime: float
    """As monotonic, and goes on during a suspend."""


@frozen
class Manifest:
    """Of which machine a capture is and how it was made."""

    host: str
    kernel: str
    boot_id: str
    """What tells one boot from the next, in all of the world."""
    page_size: int
    clock_ticks: int
    """A second, as start times count them."""
    byte_order: str
    """"little" or "big"."""
    machine: str
    """x86_64, aarch64 ... as `uname -m` says."""
    uid: int
    """Whose eyes saw it: what another user may not read is missing."""
    started: Clocks
    options: Mapping[str, str] = field(default_factory=dict)
    """How the recorder was called."""


Answer = bytes | str | bool | tuple[int, ...] | Unavailable
"""What a source answers: a file's bytes, where a link leads, whether something is there, the numbers in a folder."""


class Place(NamedTuple):
    """In which moments an answer is to be found, counted from 0."""

    changed: int
    """Where it stands."""
    read: int
    """When it was last seen to be so."""


@frozen
class Moment:
    """What was asked at one moment, but for the bytes of files.

    Names begin with what was asked: `proc/8402/maps`, `link/8402/exe`, `list/8402/task`, `there/self/smaps`,
    `user/8402`, `files/fe:00-1234`.
    """

    clocks: Clocks
    seconds: float = 0.0
    """What the reading cost."""
    where: Mapping[str, Place] | None = None
    """Where the answers to all that isn't here are; None where one has to look in the moments before."""
    same: frozenset[str] = frozenset()
    """What was read again and had not changed."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """What was answered by something else than the bytes of a file."""


class Moments(Protocol):
    """Moments in the order of time, in a file or in memory. A name's bytes are with the moment when they changed."""

    @property
    def manifest(self) -> Manifest:
        """Of which machine they are."""
        ...

    def __len__(self) -> int:
        """How many there are."""
        ...

    def moment(self, index: int) -> Moment | Unavailable:
        """The moment of that number, from 0."""
        ...

    def holds(self, index: int, name: str) -> bool:
        """Whether the bytes of `name` are with that moment."""
        ...

    def content(self, index: int, name: str) -> bytes | Unavailable:
        """These bytes."""
        ...
