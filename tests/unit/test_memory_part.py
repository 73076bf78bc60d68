import pytest

from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import RegionKind
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore.region_memory import RegionMemory
from mmexplorer.present.region.row import RegionRow
from mmexplorer.ui.explore.memory_part import MemoryPart
from mmexplorer.ui.explore.tabs.inspection import Subject
from tests.support.fakes.spaces import regions, space

PAGE = 4096
SPACE = space(regions())
HEAP = next(region for region in SPACE.regions if region.path == "[heap]")


def test_pages_that_are_as_before_are_not_composed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(MemoryPart, "is_attached", True)
    monkeypatch.setattr(MemoryPart, "show", lambda part, *_lines, **_reset: shown.append(part._memory.states))
    part = MemoryPart()
    part.show_memory(RegionMemory(RegionRow(HEAP.range, HEAP, RegionKind.HEAP), SPACE, None, None))

    def read(states: PageStates | Unavailable) -> None:
        part._show_states(Subject(SPACE, HEAP, PAGE), states, 0.0, outline=False)

    def touched(pages: int) -> PageStates:
        middle = HEAP.start + pages * PAGE
        runs = (Run(HEAP.start, middle, PageState.ANONYMOUS), Run(middle, HEAP.end, PageState.ABSENT))
        return PageStates(HEAP.range, PAGE, runs)

    denied = Unavailable(Cause.DENIED, "permission denied")
    for states in (touched(1), touched(1), touched(2), touched(2), denied, denied):
        read(states)
    assert shown == [None, touched(1), touched(2), denied]
