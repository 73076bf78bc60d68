"""What a look is about when the person chooses something else while it is under way."""

from collections.abc import Callable

from mmexplorer.model.elf import ElfImage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui.explore.poller import Looker
from tests.support.fakes.machine import cat, machine
from tests.support.fakes.source import FakeSource

ELSEWHERE = ProcessKey(999_999, 1)


class Interrupted:
    """A source during whose first look the person chooses something else."""

    def __init__(self, choose: Callable[[], None]) -> None:
        self._source = FakeSource(machine())
        self._choose = choose
        self.asked: list[tuple[ProcessKey, FileId]] = []

    def sample(self, request: Request) -> Snapshot:
        snapshot = self._source.sample(request)
        self._choose()
        return snapshot

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        self.asked.append((target, file))
        return Unavailable(Cause.NOT_READ, "this process is not looked at")


LIBC = FileId("fe:00", 1)


def test_what_was_chosen_during_a_look_stays_chosen() -> None:
    looker: Looker
    source = Interrupted(lambda: setattr(looker, "target", ELSEWHERE))
    looker = Looker(source, cat.key)
    looker.sections_of = LIBC
    view = looker.look()
    assert view.target == cat.key
    assert looker.target == ELSEWHERE
    assert source.asked == [(cat.key, LIBC)]


def test_the_first_look_does_not_overrule_a_choice() -> None:
    looker: Looker
    source = Interrupted(lambda: setattr(looker, "target", ELSEWHERE))
    looker = Looker(source, None)
    looker.look()
    assert looker.target == ELSEWHERE


def test_the_first_look_settles_on_a_process_that_may_be_read() -> None:
    looker = Looker(FakeSource(machine()), None)
    view = looker.look()
    assert looker.target == view.target
    assert view.map.regions.shown


def test_sections_that_could_not_be_read_yet_are_asked_for_again() -> None:
    source = Interrupted(lambda: None)
    looker = Looker(source, cat.key)
    looker.sections_of = LIBC
    looker.look()
    looker.look()
    assert source.asked == [(cat.key, LIBC)] * 2
    assert looker.image(cat.key, LIBC) is None
