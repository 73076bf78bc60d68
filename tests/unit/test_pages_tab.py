"""How often the Pages tab reads the pages that it shows: a reading holds the process up."""

from collections.abc import Mapping

import pytest
from textual.geometry import Size

from mmexplorer.model.memory.inspection import NoInspector
from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.ui.explore.tabs import pages_tab
from mmexplorer.ui.explore.tabs.inspection import Subject
from mmexplorer.ui.explore.tabs.pages_tab import PagesTab
from tests.support.fakes.spaces import anonymous, space

_NONE = Unavailable(Cause.UNSUPPORTED, "none")
_SPACE = space((anonymous(0x1000, 0x9000),))
_OTHER = replace(_SPACE, process=replace(_SPACE.process, pid=_SPACE.process.pid + 1))


class _Counting(NoInspector):
    """Says that all pages are present, and counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__(_NONE)
        self.asked: list[AddressSpace] = []

    def pages(self, space: AddressSpace, region: Region, part: Range, parts: int = 0) -> PageStates:  # noqa: ARG002
        self.asked.append(space)
        return PageStates(part, 4096, (Run(part.start, part.end, PageState.ANONYMOUS),))

    def page_flags(self, space: AddressSpace, states: PageStates) -> Mapping[str, int] | Unavailable:  # noqa: ARG002
        return {}


@pytest.fixture
def affordable(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the budget allows another reading: the last item says."""
    allowed = [False]
    monkeypatch.setattr(pages_tab, "may_read", lambda _waited, _cost: allowed[-1])
    monkeypatch.setattr(PagesTab, "size", property(lambda _: Size(80, 20)))
    return allowed


def _read(tab: PagesTab, inspector: NoInspector, of: AddressSpace) -> None:
    job = tab.reading(Subject(of, of.regions[0], 4096), None, inspector)
    assert job is not None
    job()()


def test_the_same_pages_are_read_again_only_when_the_budget_allows_it(affordable: list[bool]) -> None:
    tab, inspector = PagesTab(), _Counting()
    for _ in range(3):
        _read(tab, inspector, _SPACE)
    assert len(inspector.asked) == 1
    affordable.append(True)
    _read(tab, inspector, _SPACE)
    assert len(inspector.asked) == 2


def test_the_pages_of_another_process_or_of_another_moment_are_read_at_once(affordable: list[bool]) -> None:
    assert not affordable[-1]
    tab, inspector, of_the_past = PagesTab(), _Counting(), _Counting()
    _read(tab, inspector, _SPACE)
    _read(tab, inspector, _OTHER)
    assert inspector.asked == [_SPACE, _OTHER]
    _read(tab, of_the_past, _OTHER)
    assert of_the_past.asked == [_OTHER]
