"""Value classes like `dataclass(frozen=True, slots=True)`, but much faster to import.

`dataclasses` imports `inspect`, `ast` and `tokenize`, and compiles six methods per class before any value exists. A
command uses only a few of a hundred classes: here a method is compiled when it is first called. The functions of
`dataclasses` (`fields`, `asdict`, its `replace`) accept these values too. A value class can't have subclasses.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import field, replace

__all__ = ["field", "frozen", "mutable", "names", "replace"]

_T = TypeVar("_T")
_Defaults = Mapping[str, object]
_Method = Callable[..., Any]


class _Factory:
    """A field's default, created for each value."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def _field(*, default_factory: Callable[[], object]) -> _Factory:
    """Declare how to make the value of a field that isn't given."""
    return _Factory(default_factory)


def _replace(value: _T, /, **changes: object) -> _T:
    """Return a copy with `changes` applied."""
    cls = type(value)
    return cls(**{name: getattr(value, name) for name in names(cls)} | changes)


if not TYPE_CHECKING:  # type checkers know these two by their names in dataclasses
    field, replace = _field, _replace


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_T]) -> type[_T]:
    """Make a class of immutable values, compared and hashed by their fields."""
    refused = {"__setattr__": _refuse, "__delattr__": _refuse, "__setstate__": _set_state}
    return _made(cls, _frozen_init, {"__hash__": _Compiled(_hash), **refused})


@dataclass_transform(field_specifiers=(field,))
def mutable(cls: type[_T]) -> type[_T]:
    """Make a class of mutable values, compared by their fields, without a hash."""
    return _made(cls, _init, {"__hash__": None})


def names(cls: type) -> tuple[str, ...]:
    """Return the field names of such a class."""
    found: tuple[str, ...] = cls.__match_args__  # type: ignore[attr-defined]
    return found


def _made(cls: type[_T], init: Callable[[type, _Defaults], _Method], own: Mapping[str, object]) -> type[_T]:
    """Build the class again: slots can't be added to an existing one."""
    fields = tuple(cls.__annotations__)
    body = {name: value for name, value in cls.__dict__.items() if name not in {"__dict__", "__weakref__"}}
    defaults = {name: body.pop(name) for name in fields if name in body}
    common = {
        "__init__": _Compiled(lambda made: init(made, defaults)),
        "__eq__": _Compiled(_eq),
        "__repr__": _repr,
        "__match_args__": fields,
        "__dataclass_fields__": _Fields(defaults),
    }
    metaclass: Any = type(cls)
    made: type[_T] = metaclass(cls.__name__, cls.__bases__, {**common, **own, **body, "__slots__": fields})
    made.__qualname__ = cls.__qualname__
    return made


class _Compiled:
    """A method that is compiled on first access and then stored in the class."""

    __slots__ = ("compile", "name", "owner")

    def __init__(self, compiled: Callable[[type], _Method]) -> None:
        self.compile = compiled

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.name = owner, name

    def __get__(self, instance: object, _owner: type | None = None) -> _Method:
        method = self.compile(self.owner)
        setattr(self.owner, self.name, method)
        bound: _Method = method if instance is None else method.__get__(instance)
        return bound


class _Fields:
    """The fields, in the form `dataclasses` uses."""

    __slots__ = ("defaults",)

    def __init__(self, defaults: _Defaults) -> None:
        self.defaults = defaults

    def __get__(self, _instance: object, owner: type) -> Mapping[str, object]:
        import dataclasses  # noqa: PLC0415 - see above

        def described(name: str) -> Any:
            default = self.defaults.get(name, dataclasses.MISSING)
            if isinstance(default, _Factory):
                return dataclasses.field(default_factory=default.make)
            return dataclasses.field(default=default)

        fields = [(name, type_, described(name)) for name, type_ in owner.__annotations__.items()]
        twin = dataclasses.make_dataclass(owner.__name__, fields)
        return {each.name: each for each in dataclasses.fields(twin)}


def _init(cls: type, defaults: _Defaults) -> _Method:
    return _init_of(cls, defaults, "self.{0} = {1}", {})


def _frozen_init(cls: type, defaults: _Defaults) -> _Method:
    setters = {f"_set_{name}": getattr(cls, name).__set__ for name in names(cls)}
    return _init_of(cls, defaults, "_set_{0}(self, {1})", setters)


def _init_of(cls: type, defaults: _Defaults, assign: str, known: dict[str, object]) -> _Method:
    known |= {f"_default_{name}": default for name, default in defaults.items()}
    parameters = "".join(f", {name}=_default_{name}" if name in defaults else f", {name}" for name in names(cls))
    lines = [f"def __init__(self{parameters}):"]
    for name in names(cls):
        made = isinstance(defaults.get(name), _Factory)
        value = f"{name}.make() if {name} is _default_{name} else {name}" if made else name
        lines.append(" " + assign.format(name, value))
    return _function(cls, "__init__", [*lines, " pass"], known)


def _eq(cls: type) -> _Method:
    return _function(
        cls,
        "__eq__",
        [
            "def __eq__(self, other):",
            " if other.__class__ is not self.__class__: return NotImplemented",
            f" return {_fields_of(cls, 'self')} == {_fields_of(cls, 'other')}",
        ],
        {},
    )


def _hash(cls: type) -> _Method:
    return _function(cls, "__hash__", ["def __hash__(self):", f" return hash({_fields_of(cls, 'self')})"], {})


def _fields_of(cls: type, value: str) -> str:
    return "({})".format("".join(f"{value}.{name}, " for name in names(cls)))


def _function(cls: type, name: str, lines: list[str], known: dict[str, object]) -> _Method:
    exec("\n".join(lines), known)  # noqa: S102 - from the names of fields, as dataclasses and namedtuple do it
    method: Any = known[name]
    method.__qualname__, method.__module__ = f"{cls.__qualname__}.{name}", cls.__module__
    return method  # type: ignore[no-any-return]


def _repr(self: object) -> str:
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in names(type(self)))
    return f"{type(self).__qualname__}({fields})"


def _refuse(self: object, name: str, _value: object = None) -> None:
    message = f"cannot change {name!r} of a {type(self).__name__}"
    raise AttributeError(message)


def _set_state(self: object, state: tuple[None, Mapping[str, object]]) -> None:
    """Restore the slots from `object.__getstate__` despite the frozen setter, for `copy` and `pickle`."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)
