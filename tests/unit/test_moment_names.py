"""The names of a moment behave like the frozenset of them."""

from sys import getsizeof

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.capture.moments import Names

_SETS = st.frozensets(st.sampled_from([f"proc/{pid}/{name}" for pid in (1, 2, 10, 100) for name in ("stat", "statm")]))


@given(_SETS, _SETS)
def test_names_are_a_set(some: frozenset[str], others: frozenset[str]) -> None:
    names = Names(some)
    assert names == some
    assert some == names
    assert hash(names) == hash(some)
    assert len(names) == len(some)
    assert list(names) == sorted(some)
    assert {name for name in some | others if name in names} == some
    assert (names == Names(others)) == (some == others)
    assert (names & others, names - others, others - names) == (some & others, some - others, others - some)


def test_they_take_a_fraction_of_the_memory() -> None:
    names = [f"proc/{pid}/stat" for pid in range(300)]
    assert 3 * getsizeof(Names(names)) < getsizeof(frozenset(names))


def test_nothing_but_a_text_is_among_them() -> None:
    assert not Names(["1"]).__contains__(1)
    assert Names() == frozenset()
