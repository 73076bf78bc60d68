"""Value classes behave like those of `dataclasses`: each is defined both ways and compared."""

import copy
import dataclasses
import pickle
import subprocess
import sys
import typing
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import pytest

from mmexplorer.model.value import NamedTuple, field, frozen, mutable, names, replace
from tests.support.patience import PATIENCE

T = TypeVar("T")


@frozen
class Point(Generic[T]):
    """A generic value with a method."""

    x: T
    y: int = 2

    def sum(self) -> int:
        return self.y + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Model(Generic[T]):
    x: T
    y: int = 2


@frozen
class Holder:
    names: Mapping[str, int] = field(default_factory=dict)
    point: Point[int] = Point(1)


@mutable
class Counter:
    count: int = 0
    seen: list[int] = field(default_factory=list)


def test_it_compares_hashes_and_is_written_as_a_dataclass() -> None:
    assert Point(1) == Point(1, 2) != Point(1, 3)
    assert hash(Point(1)) == hash(Model(1))
    assert repr(Point("a", y=4)) == repr(Model("a", y=4)).replace("Model", "Point")
    unlike: object = Model(1)
    assert Point(1) != unlike
    assert {Point(1): "here"}[Point(1)] == "here"
    assert Point(1).sum() == 3


def test_what_is_missing_or_too_much_is_refused_as_by_a_dataclass() -> None:
    for wrong in ({}, {"x": 1, "z": 2}):
        for made in (Point, Model):
            with pytest.raises(TypeError):
                made(**wrong)


def test_a_frozen_value_keeps_its_fields() -> None:
    point = Point(1)
    with pytest.raises(AttributeError):
        point.y = 5  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del point.y
    assert not hasattr(point, "__dict__")
    assert (point.x, point.y) == (1, 2)


def test_a_default_that_is_made_is_made_for_each() -> None:
    first, second = Counter(), Counter()
    first.seen.append(1)
    first.count += 1
    assert (first.seen, second.seen) == ([1], [])
    assert first == Counter(1, [1])
    assert Holder().names == {}
    with pytest.raises(TypeError):
        hash(first)


def test_a_copy_differs_in_what_was_asked_for() -> None:
    for changed in (replace, dataclasses.replace):
        assert changed(Point(1), y=7) == Point(1, 7)
    with pytest.raises(TypeError):
        replace(Point(1), z=7)  # type: ignore[call-arg]


def test_it_is_copied_and_pickled() -> None:
    holder = Holder({"a": 1}, Point(3))
    assert copy.deepcopy(holder) == copy.copy(holder) == holder
    assert pickle.loads(pickle.dumps(holder)) == holder  # noqa: S301 - our own


def test_dataclasses_takes_it_for_one_of_its_own() -> None:
    assert names(Point) == ("x", "y") == tuple(each.name for each in dataclasses.fields(Point))
    assert dataclasses.asdict(Holder({"a": 1})) == {"names": {"a": 1}, "point": {"x": 1, "y": 2}}
    assert dataclasses.is_dataclass(Counter())


def test_it_is_matched_by_the_order_of_its_fields() -> None:
    match Point(5, 6):
        case Point(x, y):
            assert (x, y) == (5, 6)


def test_making_a_class_imports_neither_dataclasses_nor_inspect() -> None:
    program = "import sys, mmexplorer.model.region, mmexplorer.model.process.process; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert not {"dataclasses", "inspect"} & set(done.stdout.split())
    assert "mmexplorer.model.value" in done.stdout.split()


class Pair(NamedTuple):
    """A named tuple of ours."""

    first: int
    second: str = "b"

    @property
    def both(self) -> str:
        return f"{self.first}{self.second}"


class TypingPair(typing.NamedTuple):
    first: int
    second: str = "b"


def test_a_named_tuple_is_one_of_typing() -> None:
    pair, model = Pair(1), TypingPair(1)
    assert tuple(pair) == tuple(model)
    assert hash(pair) == hash(model)
    assert repr(pair) == repr(model).replace("TypingPair", "Pair")
    assert Pair(second="c", first=2) == (2, "c")
    assert pair.both == "1b"
    assert pair._replace(first=3) == (3, "b")
    assert pair._asdict() == model._asdict()
    assert Pair._make([4, "d"]) == (4, "d")
    for name in ("_fields", "_field_defaults", "__match_args__", "__slots__"):
        assert getattr(Pair, name) == getattr(TypingPair, name)
    assert Pair.__doc__ == "A named tuple of ours."
    assert not hasattr(pair, "__dict__")


def test_a_named_tuple_is_copied_and_pickled() -> None:
    pair = Pair(1, "x")
    for made in (copy.copy(pair), copy.deepcopy(pair), pickle.loads(pickle.dumps(pair))):  # noqa: S301 - our own
        assert (type(made), made) == (Pair, pair)


@pytest.mark.parametrize("made", [Pair, TypingPair])
def test_a_named_tuple_refuses_what_one_of_typing_refuses(made: Any) -> None:
    with pytest.raises(TypeError):
        made()
    with pytest.raises(TypeError):
        made(1, "b", 3)
    with pytest.raises(TypeError):
        made(1, third=3)
    with pytest.raises(TypeError):
        made._make([1])
    with pytest.raises(ValueError, match="third"):
        made(1)._replace(third=3)
    with pytest.raises(AttributeError):
        made(1).first = 2
    with pytest.raises(AttributeError):
        made(1).third = 2


def _point_class() -> Any:
    """Return a new class, of which no value was made yet."""

    @frozen
    class Fresh:
        x: int
        y: int = 2
        seen: list[int] = field(default_factory=list)

    return Fresh


def _pair_class() -> Any:
    class Fresh(NamedTuple):
        x: int
        y: int = 2

    return Fresh


@pytest.mark.parametrize("fresh", [_point_class, _pair_class])
def test_the_first_values_of_a_class_are_made_like_all_others(fresh: Any) -> None:
    cls = fresh()
    made = [(cls(1), cls(x=1), cls(1, 2), cls(y=2, x=1)) for _ in range(10)]
    assert {(value.x, value.y) for values in made for value in values} == {(1, 2)}
    assert all(value == made[0][0] for values in made for value in values)


@pytest.mark.parametrize("fresh", [_point_class, _pair_class])
def test_the_first_values_refuse_what_all_others_refuse(fresh: Any) -> None:
    for calls in (1, 100):
        cls = fresh()
        for _ in range(calls):
            cls(1)
        for positional, named in (((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"z": 1})):
            with pytest.raises(TypeError):
                cls(*positional, **named)


def test_the_default_made_for_each_is_made_for_the_first_too() -> None:
    cls = _point_class()
    lists = [cls(1).seen for _ in range(20)]
    assert len(set(map(id, lists))) == 20
