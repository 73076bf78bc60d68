"""Each fuzz target on its seeds, which include everything ever found, and on random edits of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS

_EDITS = st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 40), st.binary(max_size=24)), max_size=8)
each_target = pytest.mark.parametrize("name", TARGETS)


def _edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, new in edits:
        place = at % (len(data) + 1)
        data = data[:place] + new + data[place + cut :]
    return data


@each_target
def test_the_seeds(name: str) -> None:
    assert SEEDS[name]
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@each_target
@given(data=st.data())
def test_damaged_seeds(name: str, data: st.DataObject) -> None:
    TARGETS[name](_edited(data.draw(st.sampled_from(SEEDS[name])), data.draw(_EDITS)))


@each_target
@given(data=st.binary(max_size=200))
def test_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)
