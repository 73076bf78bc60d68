"""A source that returns the machine's answers at one moment of a capture."""

from collections.abc import Collection, Iterable, Iterator

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.capture.moments import Answer, Clocks, Moment, Moments, Place
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.smaps import header_lines
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.status import parse_status

_OF_PROGRAM = frozenset({"maps", "smaps", "auxv", "exe", "cmdline"})
_LOOKED_THROUGH = 32
"""The most moments that are looked through for owners and command lines: asking for all takes as long."""
_OTHER_PROGRAM = Unavailable(Cause.NOT_READ, "not read yet of the program that runs now")


class Found(NamedTuple):
    """An answer and when it was given."""

    answer: Answer
    place: Place


class ReplayProcfs(Procfs):
    """Reads moment `index` of `moments`. Answers a moment doesn't contain are taken from the latest earlier one."""

    known_as = ""

    def __init__(self, moments: Moments, index: int) -> None:
        self.moments = moments
        self.index = index
        self._named_at = index + moments.forgotten
        """The moment of the last call of `named_again`, by its number since the first of all."""
        manifest = moments.manifest
        self.page_size, self.host, self.kernel = manifest.page_size, manifest.host, manifest.kernel

    def find(self, name: str) -> Found | Unavailable:
        """Find an answer in this moment or before it; `name` is as in `model.capture.Moment`.

        An older answer isn't used for a process that has ended since, nor for its memory if it ran another program
        then.
        """
        place = self._locate(name)
        return Found(self._stored(name, place), place) if isinstance(place, Place) else place

    def text_place(self, name: str) -> Place | None:
        """Return where the bytes that `find` would return are, without unpacking them; None if there are none."""
        place = self._locate(name)
        return place if isinstance(place, Place) and self.moments.holds(place.changed, name) else None

    def _locate(self, name: str) -> Place | Found | Unavailable:
        """Return where the answer is, without unpacking it: smaps may have 40 MB."""
        place = self._place(name)
        if isinstance(place, Unavailable) or place.read == self.index:
            return place
        pid, _, file = name.removeprefix("proc/").removeprefix("link/").partition("/")
        if not (file and pid.isdigit()):
            return place
        if self._is_gone(int(pid)):
            return Found(ENDED, place)
        # What was read before the first moment left is judged by that moment.
        other = file in _OF_PROGRAM and self._is_other_program(pid, max(0, place.read))
        return _OTHER_PROGRAM if other else place

    def _is_gone(self, pid: int) -> bool:
        """Return whether a process isn't listed at this moment; a thread whose stat was read still exists."""
        listed = self._known("list/")
        if not isinstance(listed, tuple) or pid in listed:
            return False
        stat = self._place(f"proc/{pid}/stat")
        return isinstance(stat, Unavailable) or stat.read < self.index

    def _is_other_program(self, pid: str, before: int) -> bool:
        """Return whether the pid now belongs to another process, or runs another program than at moment `before`."""
        now, then = self._program(pid), ReplayProcfs(self.moments, before)._program(pid)  # noqa: SLF001 - the same class
        return now is not None and then is not None and now != then

    def _program(self, pid: str) -> tuple[int, int] | None:
        text = self._known(f"proc/{pid}/stat")
        stat = parse_stat(text) if isinstance(text, bytes) else None
        return None if stat is None or isinstance(stat, ParseError) else (stat.start_time, stat.start_stack)

    def _known(self, name: str) -> Answer:
        """Return the last answer, even of a process that has ended since."""
        place = self._place(name)
        return self._stored(name, place) if isinstance(place, Place) else place

    def _place(self, name: str) -> Place | Unavailable:
        read: int | None = None
        for index in range(self.index, -1, -1):
            moment = self.moments.moment(index)
            if isinstance(moment, Unavailable):
                return moment
            here = index if name not in moment.earlier else -1
            if name in moment.answers:
                return Place(index, here if read is None else read)
            if name in moment.same:
                read = index if read is None else read
            elif self.moments.holds(index, name):
                return Place(index, here if read is None else read)
            if moment.where is not None:
                return self._earlier(moment.where.get(name), index, read)
        return self.moments.lacking

    def _earlier(self, place: Place | None, before: int, read: int | None) -> Place | Unavailable:
        """Check the place a moment gives, which must be earlier."""
        if place is None or not place.changed < before:
            return self.moments.lacking
        moment = self.moments.moment(place.changed)
        if isinstance(moment, Unavailable):
            return moment
        return Place(place.changed, place.read if read is None else read)

    def _stored(self, name: str, place: Place) -> Answer:
        moment = self.moments.moment(place.changed)
        answer = moment if isinstance(moment, Unavailable) else moment.answers.get(name)
        return self.moments.content(place.changed, name) if answer is None else answer

    def clocks(self) -> Clocks | Unavailable:
        """Return the time of the moment."""
        moment = self.moments.moment(self.index)
        return moment if isinstance(moment, Unavailable) else moment.clocks

    def read_at(self, name: str, place: Place) -> Clocks | Unavailable:
        """Return the time at which an answer that was found at `place` was read."""
        moment = self.moments.moment(place.changed if place.read < 0 else place.read)
        if isinstance(moment, Unavailable):
            return moment
        return moment.clocks if place.read >= 0 else moment.earlier.get(name, moment.clocks)

    def older_map(self, process: str) -> Clocks | None:
        """Return when the map shown of a process was read, if that was before the moment."""
        names = (f"proc/{process}/maps", f"proc/{process}/smaps")
        read = [(name, place) for name in names if (place := self.text_place(name)) is not None]
        name, place = max(read, key=lambda each: self._order(*each), default=("", Place(self.index, self.index)))
        read_at = None if place.read == self.index else self.read_at(name, place)
        return read_at if isinstance(read_at, Clocks) else None

    def read(self, name: str) -> bytes | Unavailable:
        """Return the bytes of a file. If smaps was read later than maps, its header lines are the newer map."""
        newer = self._newer_smaps(name.removesuffix("/maps")) if name.endswith("/maps") else None
        if newer is not None:
            return header_lines(newer)
        answer = self._answer(f"proc/{name}")
        return answer if isinstance(answer, bytes | Unavailable) else self.moments.lacking

    def link(self, name: str) -> str | Unavailable:
        """Return the target of a link."""
        answer = self._answer(f"link/{name}")
        if isinstance(answer, bytes):
            return answer.removesuffix(b"\n").decode("utf-8", "surrogateescape")
        return answer if isinstance(answer, str | Unavailable) else self.moments.lacking

    def exists(self, name: str) -> bool:
        """Return whether the file existed. One that was read, or unreadable for another reason, did."""
        answer = self._answer(f"there/{name}")
        if isinstance(answer, bool):
            return answer
        read = self.read(name)
        return not (isinstance(read, Unavailable) and read.cause in (Cause.GONE, Cause.NOT_READ))

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        """Return the entries of a directory whose names were numbers."""
        answer = self._answer(f"list/{folder}")
        return answer if isinstance(answer, tuple) else ()

    def user(self, pid: int) -> str | Unavailable:
        """Return the name of a process's owner, or the uid if status has it."""
        answer = self._answer(f"user/{pid}")
        if isinstance(answer, str):
            return answer
        status = self.read(f"{pid}/status")
        if isinstance(status, Unavailable):
            return answer if isinstance(answer, Unavailable) else status
        uid = parse_status(status).fields.get("Uid", "").partition("\t")[0]
        return uid or self.moments.lacking

    def named_again(self, pids: Collection[int]) -> Iterable[int]:
        """Return the processes of which an answer was stored between the moment of the last call and this one."""
        forgotten = self.moments.forgotten
        first, last = sorted((self._named_at - forgotten, self.index))
        self._named_at = self.index + forgotten
        # What was stored in a dropped moment is now in the first one left.
        return pids if last - first > _LOOKED_THROUGH else self._named_in(range(max(0, first + 1), last + 1), pids)

    def _named_in(self, indexes: range, pids: Collection[int]) -> Iterator[int]:
        for index in indexes:
            moment = self.moments.moment(index)
            if isinstance(moment, Moment):
                for pid in pids:
                    if f"user/{pid}" in moment.answers or self.moments.holds(index, f"proc/{pid}/cmdline"):
                        yield pid

    def _newer_smaps(self, process: str) -> bytes | None:
        name, of_maps = f"proc/{process}/smaps", f"proc/{process}/maps"
        smaps, maps = self._locate(name), self._locate(of_maps)
        if not isinstance(smaps, Place):
            return None
        read = maps.place if isinstance(maps, Found) else maps
        if isinstance(read, Place) and self._order(of_maps, read) >= self._order(name, smaps):
            return None
        text = self._stored(name, smaps)
        return text if isinstance(text, bytes) else None

    def _order(self, name: str, place: Place) -> tuple[int, float]:
        """Return what sorts answers by when they were read."""
        read_at = self.read_at(name, place) if place.read < 0 else None
        return place.read, read_at.monotonic if isinstance(read_at, Clocks) else 0.0

    def _answer(self, name: str) -> Answer:
        found = self.find(name)
        answer = found if isinstance(found, Unavailable) else found.answer
        return ENDED if answer == ENDED else answer
