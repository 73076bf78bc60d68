"""What a poll is about if the user chooses something else meanwhile."""

from collections.abc import Callable
from dataclasses import replace

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui.explore.poller import ExplorePoller
from tests.support.fakes.machine import cat, leaderless, machine
from tests.support.fakes.source import FakeSource

ELSEWHERE = ProcessKey(999_999, 1)


class Interrupted(FakeSource):
    """A source during whose first sample the user chooses something else."""

    def __init__(self, choose: Callable[[], None]) -> None:
        super().__init__(machine())
        self._choose = choose
        self.asked: list[tuple[ProcessKey, FileId]] = []

    def sample(self, request: Request) -> Snapshot:
        snapshot = super().sample(request)
        self._choose()
        return snapshot

    def image(self, target: ProcessKey, file: FileId) -> ElfImage | Unavailable:
        self.asked.append((target, file))
        return Unavailable(Cause.NOT_READ, "this process is not looked at")


LIBC = FileId("fe:00", 1)


def test_what_was_chosen_during_a_look_stays_chosen() -> None:
    poller: ExplorePoller
    source = Interrupted(lambda: setattr(poller, "target", ELSEWHERE))
    poller = ExplorePoller(source, cat.key)
    poller.sections_of = LIBC
    view = poller.poll()
    assert view.target == cat.key
    assert poller.target == ELSEWHERE
    assert source.asked == [(cat.key, LIBC)]


def test_the_first_look_does_not_overrule_a_choice() -> None:
    poller: ExplorePoller
    source = Interrupted(lambda: setattr(poller, "target", ELSEWHERE))
    poller = ExplorePoller(source, None)
    poller.poll()
    assert poller.target == ELSEWHERE


def test_the_first_look_settles_on_a_process_that_may_be_read() -> None:
    poller = ExplorePoller(FakeSource(machine()), None)
    view = poller.poll()
    assert poller.target == view.target
    assert view.map.regions.shown


def test_sections_that_could_not_be_read_yet_are_asked_for_again() -> None:
    source = Interrupted(lambda: None)
    poller = ExplorePoller(source, cat.key)
    poller.sections_of = LIBC
    poller.poll()
    poller.poll()
    assert source.asked == [(cat.key, LIBC)] * 2
    assert poller.image(cat.key, LIBC) is None


def test_a_file_is_opened_at_the_largest_process_that_has_a_map() -> None:
    scene = machine()
    without = {key: replace(space, regions=()) for key, space in scene.spaces.items() if key != leaderless.key}
    scene = replace(scene, spaces={**scene.spaces, **without})
    of_file = ExplorePoller(FakeSource(scene), None, live=False)
    assert of_file.poll().target == of_file.target == leaderless.key
    # On the live machine not every process is tried: reading a map costs it something.
    assert ExplorePoller(FakeSource(scene), None).poll().target == cat.key
