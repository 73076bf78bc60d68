"""A source that remembers what was read through it, and the moments that are made of what it remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.capture import Answer, Clocks, Moment
from mmexplorer.model.unavailable import Unavailable


class RecordingProcfs(Procfs):
    """Answers as `procfs` does, and remembers the answers until they are taken."""

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._answers: dict[str, Answer] = {}
        self.known_as = procfs.known_as
        self.page_size, self.host, self.kernel = procfs.page_size, procfs.host, procfs.kernel

    def take(self) -> dict[str, Answer]:
        """Give what was asked since the last call, by name."""
        taken, self._answers = self._answers, {}
        return taken

    def keep(self, name: str, answer: Answer) -> None:
        """Remember an answer that came by another way."""
        self._answers[name] = answer

    def read(self, name: str) -> bytes | Unavailable:
        """Read a file to its end."""
        answer = self._procfs.read(name)
        self._answers[f"proc/{name}"] = answer
        return answer

    def link(self, name: str) -> str | Unavailable:
        """Read a symbolic link."""
        answer = self._procfs.link(name)
        self._answers[f"link/{name}"] = answer
        return answer

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        answer = self._answers[f"there/{name}"] = self._procfs.exists(name)
        return answer

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Give the entries whose names are numbers."""
        answer = self._answers[f"list/{folder}"] = self._procfs.numbers(folder)
        return answer

    def user(self, pid: int) -> str | Unavailable:
        """Give the name of a process's owner."""
        answer = self._procfs.user(pid)
        self._answers[f"user/{pid}"] = answer
        return answer


@dataclass(frozen=True, slots=True)
class Recorded:
    """A moment with the bytes that it brought."""

    moment: Moment
    contents: Mapping[str, bytes] = field(default_factory=dict)


class MomentMaker:
    """Leaves out what did not change since it was read before."""

    def __init__(self) -> None:
        self._latest: dict[str, Answer] = {}

    def make(self, answers: Mapping[str, Answer], clocks: Clocks, seconds: float) -> Recorded:
        """Make the next moment of what was read for it; `seconds` is what that cost."""
        seen = {name: _mark(answer) for name, answer in answers.items()}
        changed = {name: answer for name, answer in answers.items() if self._latest.get(name) != seen[name]}
        self._latest |= seen
        moment = Moment(
            clocks=clocks,
            seconds=seconds,
            same=frozenset(answers.keys() - changed.keys()),
            answers={name: answer for name, answer in changed.items() if not isinstance(answer, bytes)},
        )
        return Recorded(moment, {name: answer for name, answer in changed.items() if isinstance(answer, bytes)})


def _mark(answer: Answer) -> Answer:
    """Keep of a file only what tells one content from another."""
    return blake2b(answer, digest_size=16).digest() if isinstance(answer, bytes) else answer
