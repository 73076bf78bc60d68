"""The words of `typing` for what a short command imports, without `typing`: it takes a tenth of such a command's start.

To a type checker they are those of `typing`. When the program runs they only have to stand in annotations and in lists
of base classes, and do nothing there. Above the screens, which need `typing` anyway, its own names are used.
"""

from collections.abc import Callable

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Generic, Literal, NoReturn, Protocol, Self, TypeVar, cast, dataclass_transform

__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Generic",
    "Literal",
    "NoReturn",
    "Protocol",
    "Self",
    "TypeVar",
    "cast",
    "dataclass_transform",
]


class _Any:
    """Stands for any type; with parameters too."""

    __slots__ = ()

    def __class_getitem__(cls, _parameters: object) -> type:
        return cls


def _type_variable(*_constraints: object, **_bound: object) -> type:
    return _Any


def _cast(_to: object, value: object) -> object:
    return value


def _dataclass_transform(**_described: object) -> "Callable[[type], type]":
    return lambda decorator: decorator


if not TYPE_CHECKING:
    Any = Generic = Literal = NoReturn = Protocol = Self = _Any
    TypeVar, cast, dataclass_transform = _type_variable, _cast, _dataclass_transform
