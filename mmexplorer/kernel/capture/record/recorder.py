"""A source that remembers what was read through it, and makes moments from that."""

import sys
from collections.abc import Collection, Mapping

from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.capture.moments import Answer, Clocks, Moment, MostNames, Names, Place
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen, replace


class _Names(dict[str, str]):
    """The recorded names of files of /proc: of a name that is asked for again and again, one string is in memory."""

    def __missing__(self, name: str) -> str:
        made = self[name] = sys.intern(f"proc/{name}")
        return made


class RecordingProcfs(Procfs):
    """Returns the answers of `procfs`, and remembers them until they are taken."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._answers: dict[str, Answer] = {}
        self._names = _Names()
        """Of the files that are read again."""
        self.known_as = procfs.known_as
        self.page_size, self.host, self.kernel = procfs.page_size, procfs.host, procfs.kernel

    @property
    def live(self) -> LiveProcfs | None:
        """The source being recorded."""
        return self._procfs.live

    def take(self) -> dict[str, Answer]:
        """Return the answers since the last call, by name."""
        taken, self._answers = self._answers, {}
        return taken

    def keep(self, name: str, answer: Answer) -> None:
        """Remember an answer, here one obtained in another way."""
        self._answers[sys.intern(name)] = answer

    def read(self, name: str) -> bytes | Unavailable:
        """Read a file to its end."""
        answer = self._procfs.read(name)
        self.keep(f"proc/{name}", answer)
        return answer

    def reread(self, name: str, known: bytes) -> bytes | Unavailable:
        """Read a file to its end; the same object as `known` if it is equal."""
        answer = self._procfs.reread(name, known)
        self.keep(f"proc/{name}", answer)
        return answer

    def head(self, name: str, size: int) -> bytes | Unavailable:
        """Read the first bytes of a file; a replay has only these."""
        answer = self._procfs.head(name, size)
        self.keep(f"proc/{name}", answer)
        return answer

    def read_again(self, known: Mapping[str, bytes | Unavailable]) -> dict[str, bytes | Unavailable]:
        """Read short files that will be read again soon."""
        texts = self._procfs.read_again(known)
        self._answers.update(zip(map(self._names.__getitem__, texts), texts.values(), strict=True))
        return texts

    def keep_open(self, names: Collection[str]) -> None:
        """Close all files kept open, except these."""
        self._names = _Names({name: self._names[name] for name in names})
        self._procfs.keep_open(names)

    def link(self, name: str) -> str | Unavailable:
        """Read a symbolic link."""
        answer = self._procfs.link(name)
        self.keep(f"link/{name}", answer)
        return answer

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        answer = self._procfs.exists(name)
        self.keep(f"there/{name}", answer)
        return answer

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the entries whose names are numbers."""
        answer = self._procfs.numbers(folder)
        self.keep(f"list/{folder}", answer)
        return answer

    def user(self, pid: int) -> str | Unavailable:
        """Return the name of a process's owner."""
        answer = self._procfs.user(pid)
        self.keep(f"user/{pid}", answer)
        return answer


Value = TypeVar("Value")

WHERE_EVERY = 16
"""Every such number of moments, one records where everything is: this bounds how far back a search goes."""


@frozen
class Recorded:
    """A moment with the bytes that are new in it."""

    moment: Moment
    contents: Mapping[str, bytes] = field(default_factory=dict)


LIST = "list/"
"""The name of the list of all processes."""


def without_gone(known: Mapping[str, Value], listed: Answer | None) -> dict[str, Value]:
    """Leave out processes that are no longer listed."""
    if not isinstance(listed, tuple):
        return dict(known)
    there = set(map(str, listed))
    left = dict(known)
    for name in known:
        # Almost all are still there: that is asked first.
        if (pid := name.split("/", 2)[1]) not in there and pid.isdigit() and not name.startswith("files/"):
            del left[name]
    return left


class Places:
    """Remembers in which moment each answer is stored, so that one in `WHERE_EVERY` moments can record it."""

    def __init__(self) -> None:
        self._changed: dict[str, int] = {}
        self._read: dict[str, int] = {}
        """By name, the two numbers of a `Place`: all that was read is noted every second."""

    def told_by(self, recorded: Recorded, number: int) -> Moment:
        """Return moment `number`, with the places of earlier answers if it is its turn, and remember its own."""
        moment = replace(recorded.moment, where=self._places() if number % WHERE_EVERY == 0 else None)
        brought = (*recorded.contents, *moment.answers)
        self._read |= dict.fromkeys(self._changed.keys() & moment.same, number) | dict.fromkeys(brought, number)
        self._changed |= dict.fromkeys(brought, number)
        if LIST in moment.answers:
            self._changed = without_gone(self._changed, moment.answers[LIST])
            for name in self._read.keys() - self._changed.keys():
                del self._read[name]
        return moment

    def _places(self) -> dict[str, Place]:
        return {name: Place(changed, self._read[name]) for name, changed in self._changed.items()}


class MomentMaker:
    """Leaves out what hasn't changed since it was last read."""

    def __init__(self) -> None:
        self._latest: dict[str, Answer] = {}
        """The latest answers; of a long text its `_mark`, except of the map that is followed."""
        self._followed = ""
        """The map of the process that is looked at: in memory anyway, since its next reading is compared with it."""
        self._usual = Names()
        self._usual_set = frozenset[str]()
        """What most of the last moments asked for, twice: to be kept, and to be compared with."""
        self._unusual = 0
        """How many names were asked for, or not, unlike these, in all moments since."""

    def make(self, answers: Mapping[str, Answer], clocks: Clocks, seconds: float) -> Recorded:
        """Make the next moment from what was read; `seconds` is how long that took."""
        changed = self._changed(answers)
        if LIST in changed:
            self._latest = without_gone(self._latest, changed[LIST])
        moment = Moment(
            clocks=clocks,
            seconds=seconds,
            same=self._same(answers, changed),
            answers={name: answer for name, answer in changed.items() if not isinstance(answer, bytes)},
        )
        return Recorded(moment, {name: answer for name, answer in changed.items() if isinstance(answer, bytes)})

    def _same(self, answers: Mapping[str, Answer], changed: Mapping[str, Answer]) -> MostNames:
        """Return the names of what was read again and has not changed."""
        missing, others = self._usual_set - answers.keys(), answers.keys() - self._usual_set
        self._unusual += len(missing) + len(others)
        if self._unusual > len(self._usual):
            # Keeping the differences has taken as much memory as keeping all names would.
            self._usual, self._usual_set, self._unusual = Names(answers), frozenset(answers), 0
            missing, others = frozenset(), set()
        return MostNames(self._usual, missing | (changed.keys() & self._usual_set), others - changed.keys())

    def _changed(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        """Return the answers that aren't the latest; most that are, are the same objects."""
        changed: dict[str, Answer] = {}
        latest = self._latest
        for name, answer in answers.items():
            before = latest.get(name)
            if before is not answer:
                mark = answer if name == self._followed else _mark(answer)
                if before != mark:
                    changed[name], latest[name] = answer, mark
        if self._followed not in answers:
            self._follow_another(answers)
        return changed

    def _follow_another(self, answers: Mapping[str, Answer]) -> None:
        if self._followed in self._latest:
            self._latest[self._followed] = _mark(self._latest[self._followed])
        maps = [name for name in answers if name.endswith("/maps")]
        self._followed = maps[0] if len(maps) == 1 else ""
        self._latest |= {name: answers[name] for name in maps if name == self._followed}


_SHORT = 1 << 9
"""Bytes of a file that is kept as it is: it is in memory anyway."""


def _mark(answer: Answer) -> Answer:
    """Reduce a long file to what identifies its contents."""
    if isinstance(answer, bytes) and len(answer) > _SHORT:
        # The key of hash differs in each run, so that no collision can be forged.
        return f"{len(answer)} {hash(answer):x}"
    return answer
