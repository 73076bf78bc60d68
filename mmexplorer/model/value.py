"""Value classes like `dataclass(frozen=True, slots=True)` and `typing.NamedTuple`, but much faster to import.

`dataclasses` imports `inspect`, `ast` and `tokenize`, and compiles six methods per class before any value exists. A
command uses only a few of a hundred classes, and makes one or two values of most of these: here `__init__` and
`__new__` are compiled once a few values were made, and other methods when they are first called. The functions of
`dataclasses` (`fields`, `asdict`, its `replace`) accept these values too. A value class can't have subclasses.
Importing a `typing.NamedTuple` takes five times as long as importing one of these.
"""

from collections import _tuplegetter  # type: ignore[attr-defined]
from collections.abc import Callable, Iterable, Mapping

from mmexplorer.model.typed import TYPE_CHECKING, Any, Self, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import field, replace
    from typing import NamedTuple

__all__ = ["NamedTuple", "field", "frozen", "mutable", "names", "replace"]

_T = TypeVar("_T")
_Defaults = Mapping[str, object]
_Method = Callable[..., Any]


_FEW = 8
"""How many values of a class are made field by field: making them by compiled code is only then worth compiling it."""


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


class _TupleMaker(type):
    """Makes classes of named tuples, with the methods of `collections.namedtuple`."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: Mapping[str, Any]) -> Any:
        if bases == (tuple,):
            return super().__new__(cls, name, bases, dict(body))
        new = _Compiled(_new, _new_by_field)
        made: Any = super().__new__(cls, name, bases, {"__slots__": (), "__new__": new, **body})
        fields = tuple(made.__annotations__)
        made._field_defaults = {name: body[name] for name in fields if name in body}
        made._fields = made.__match_args__ = fields  # type: ignore[misc]
        for index, field_name in enumerate(fields):
            setattr(made, field_name, _tuplegetter(index, None))
        return made


class _NamedTuple(tuple[Any, ...], metaclass=_TupleMaker):
    __slots__ = ()
    _fields: tuple[str, ...]

    @classmethod
    def _make(cls, values: Iterable[object]) -> Self:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            message = f"expected {len(cls._fields)} values, got {len(made)}"
            raise TypeError(message)
        return made

    def _replace(self, **changes: object) -> Self:
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            message = f"no such fields: {list(changes)}"
            raise ValueError(message)
        return made

    def _asdict(self) -> dict[str, object]:
        return dict(zip(self._fields, self, strict=True))

    def __getnewargs__(self) -> tuple[object, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({fields})"


if not TYPE_CHECKING:  # type checkers know these by their names in dataclasses and typing
    field, replace, NamedTuple = _field, _replace, _NamedTuple


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
        "__init__": _Compiled(lambda made: init(made, defaults), _init_by_field(defaults)),
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
    """A method that is compiled on first access, or after a few calls of `instead`, and then stored in the class."""

    __slots__ = ("compile", "instead", "left", "name", "owner")

    def __init__(self, compiled: Callable[[type], _Method], instead: _Method | None = None) -> None:
        self.compile, self.instead = compiled, instead
        self.left = _FEW if instead is not None else 0

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.name = owner, name

    def __get__(self, instance: object, _owner: type | None = None) -> _Method:
        method = self._method()
        bound: _Method = method if instance is None else method.__get__(instance)
        return bound

    def _method(self) -> _Method:
        if self.instead is not None and self.left:
            self.left -= 1
            return self.instead
        method = self.compile(self.owner)
        setattr(self.owner, self.name, method)
        return method


def _init_by_field(defaults: _Defaults) -> _Method:
    def init(self: object, /, *values: object, **named: object) -> None:
        fields = names(type(self))
        for name, value in zip(fields, _values_of(type(self), fields, defaults, values, named), strict=True):
            object.__setattr__(self, name, value)

    return init


def _new_by_field(cls: Any, /, *values: object, **named: object) -> Any:
    return tuple.__new__(cls, _values_of(cls, cls._fields, cls._field_defaults, values, named))


def _values_of(
    cls: type,
    fields: tuple[str, ...],
    defaults: _Defaults,
    positional: tuple[object, ...],
    named: Mapping[str, object],
) -> list[object]:
    """Return the value of each field. Raises TypeError for one that is missing, unknown or given twice."""
    values = {**defaults, **dict(zip(fields, positional, strict=False)), **named}
    twice = not named.keys().isdisjoint(fields[: len(positional)])
    if twice or len(positional) > len(fields) or values.keys() != set(fields):
        message = f"{cls.__qualname__} takes each of {fields} once, not {len(positional)} values and {tuple(named)}"
        raise TypeError(message)
    return [value.make() if isinstance(value := values[name], _Factory) else value for name in fields]


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


def _new(cls: type) -> _Method:
    defaults: _Defaults = cls._field_defaults  # type: ignore[attr-defined]
    fields: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
    parameters = "".join(f", {name}=_default_{name}" if name in defaults else f", {name}" for name in fields)
    values = "".join(f"{name}, " for name in fields)
    known = {f"_default_{name}": default for name, default in defaults.items()} | {"_tuple_new": tuple.__new__}
    lines = [f"def __new__(_cls{parameters}):", f" return _tuple_new(_cls, ({values}))"]
    return staticmethod(_function(cls, "__new__", lines, known))


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
