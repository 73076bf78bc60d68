"""A painted line is freed as soon as it is no longer shown, without a garbage collection."""

import gc
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mmexplorer.ui.paint import crop_extend

_STYLE = Style(bgcolor="blue")


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def _strips() -> int:
    return sum(isinstance(each, Strip) for each in gc.get_objects())


@pytest.mark.parametrize(("start", "end"), [(0, 4), (0, 9), (1, 3), (2, 9)])
def test_a_cropped_line_leaves_nothing_behind(start: int, end: int) -> None:
    before = _strips()
    strip = Strip([Segment("heap", _STYLE)])
    assert crop_extend(strip, start, end, _STYLE).text == "heap".ljust(end)[start:end]
    del strip
    assert _strips() == before
