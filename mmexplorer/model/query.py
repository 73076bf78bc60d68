"""The filter language of every table, and sorting.

    query  = term*                      spaces between terms mean "and"
    term   = ["!"] (text | field ":" text | field ("<" | "<=" | ">" | ">=" | "=") number)
    text   = anything without spaces, or "in double quotes"; a word such as deleted is a condition on its own
    number = 4096, 0x1000, 4K, 1.5M, 2GiB

`!` negates, `-` does not, since names can start with it. Text matches anywhere in the row's texts, in either case. An
unknown value matches no comparison, negated or not: `rss>0` and `!rss>0` both leave out a row whose rss could not be
read. `name=""` matches rows without a name. The fields are those of the table being filtered.

`perm:` takes a pattern in the notation of maps, which may be cut short, with `?` for any letter: `perm:?w?p`,
`perm:rw`; or just letters that must all occur: `perm:x`, `perm:wx`.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from mmexplorer.model.amount import parse_amount
from mmexplorer.model.typed import Any, Protocol, TypeVar
from mmexplorer.model.value import NamedTuple, frozen

Row = TypeVar("Row")


class Filterable(Protocol):
    """A row that can be filtered."""

    def words(self) -> Iterable[str]:
        """Return the texts searched for a plain word."""
        ...

    def word(self, field: str) -> str | None:
        """Return the text of a field; None if unknown."""
        ...

    def number(self, field: str) -> float | None:
        """Return the number in a field, sizes in bytes; None if unknown."""
        ...


class Vocabulary(NamedTuple):
    """The fields of a table, in lower case without underscores."""

    contains: frozenset[str]
    """Texts that match anywhere: paths."""
    begins: frozenset[str]
    """Texts that match by their beginning: kinds, users."""
    numbers: frozenset[str]
    flags: frozenset[str] = frozenset()
    """Words that are conditions on their own, true of rows whose number of that name isn't 0; when quoted, plain text.
    """
    values: Mapping[str, Sequence[str]] = MappingProxyType({})
    """All that a text can be, for fields with few values."""

    def __or__(self, other: "Vocabulary") -> "Vocabulary":
        """Combine the fields of both."""
        return Vocabulary(
            self.contains | other.contains,
            self.begins | other.begins,
            self.numbers | other.numbers,
            self.flags | other.flags,
            {**self.values, **other.values},
        )

    @property
    def fields(self) -> frozenset[str]:
        """All field names."""
        return self.contains | self.begins | self.numbers | self.flags


class QueryError(NamedTuple):
    """What is wrong with a query."""

    position: int
    """The index of the offending character."""
    sentence: str
    """Lower case, no full stop. Contains the typed text; not cleaned."""


class Test(Protocol):
    """One condition on a row."""

    @property
    def field(self) -> str:
        """The field it tests; "" for all the texts of the row."""
        ...

    def holds(self, row: Filterable) -> bool | None:
        """Return whether it holds; None if the row doesn't know."""
        ...


class Anywhere(NamedTuple):
    """A plain word."""

    text: str
    field: str = ""

    def holds(self, row: Filterable) -> bool:
        """Search all the row's texts."""
        return any(self.text in each.casefold() for each in row.words())


class Contains(NamedTuple):
    """`path:libc`."""

    field: str
    text: str

    def holds(self, row: Filterable) -> bool | None:
        """Search one text."""
        value = row.word(self.field)
        return None if value is None else self.matches(value)

    def matches(self, value: str) -> bool:
        """Return whether it holds for that text."""
        return self.text in value.casefold()


class Begins(NamedTuple):
    """`kind:heap`."""

    field: str
    text: str

    def holds(self, row: Filterable) -> bool | None:
        """Compare the beginning of one text."""
        value = row.word(self.field)
        return None if value is None else self.matches(value)

    def matches(self, value: str) -> bool:
        """Return whether it holds for that text."""
        return value.casefold().startswith(self.text)


class Equals(NamedTuple):
    """`user=root`."""

    field: str
    text: str

    def holds(self, row: Filterable) -> bool | None:
        """Compare one complete text."""
        value = row.word(self.field)
        return None if value is None else self.matches(value)

    def matches(self, value: str) -> bool:
        """Return whether it holds for that text."""
        return value.casefold() == self.text


class Permits(NamedTuple):
    """`perm:rw?p`."""

    pattern: str
    """A letter or `?` for each position."""
    letters: str = ""
    """Letters that must all occur, at any position."""
    field: str = "perm"

    def holds(self, row: Filterable) -> bool | None:
        """Compare position by position."""
        perms = row.word("perm")
        if perms is None:
            return None
        placed = all(wanted in ("?", found) for wanted, found in zip(self.pattern, perms, strict=False))
        return placed and set(self.letters) <= set(perms)


class Is(NamedTuple):
    """`deleted`."""

    field: str

    def holds(self, row: Filterable) -> bool | None:
        """Return whether the number isn't 0."""
        value = row.number(self.field)
        return None if value is None else bool(value)


class Compares(NamedTuple):
    """`size>1M`."""

    field: str
    sign: str
    number: float

    def holds(self, row: Filterable) -> bool | None:
        """Compare a number."""
        value = row.number(self.field)
        return None if value is None else bool(_COMPARE[self.sign](value, self.number))


class Term(NamedTuple):
    """A condition, perhaps negated."""

    test: Test
    negated: bool = False


@frozen
class Query:
    """The conditions a row must meet; without terms every row matches."""

    terms: tuple[Term, ...] = ()

    def matches(self, row: Filterable) -> bool:
        """Return whether all terms hold; never if a value is unknown. Called for tens of thousands of rows."""
        for test, negated in self.terms:
            answer = test.holds(row)
            if answer is None or answer is negated:
                return False
        return True

    @property
    def fields(self) -> frozenset[str]:
        """The fields used in the terms."""
        return frozenset(term.test.field for term in self.terms)

    def about(self, fields: frozenset[str]) -> "Query":
        """Keep only the terms about `fields`."""
        return Query(tuple(term for term in self.terms if term.test.field in fields))

    def not_about(self, fields: frozenset[str]) -> "Query":
        """Keep only the other terms."""
        return Query(tuple(term for term in self.terms if term.test.field not in fields))


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}

_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*")+')
_FIELD = re.compile(r"(?P<field>[^\W\d][\w.]*)(?P<sign>:|<=|>=|<|>|=)")
_LENGTH_AT_MOST = 1 << 12
"""Characters: each word is compared with each row."""
_PLACES = ("r-?", "w-?", "x-?", "sp?")


def parse_query(text: str, vocabulary: Vocabulary) -> Query | QueryError:
    """Parse a filter; never raises."""
    if len(text) > _LENGTH_AT_MOST:
        return QueryError(_LENGTH_AT_MOST, f"{len(text):,} characters, and no more than {_LENGTH_AT_MOST:,} are read")
    if text.count('"') % 2:
        return QueryError(text.rindex('"'), "the quote is not closed")
    terms = []
    for token in _TOKEN.finditer(text):
        term = _term(token[0], token.start(), vocabulary)
        if isinstance(term, QueryError):
            return term
        terms.append(term)
    return Query(tuple(terms))


def text_about(text: str, fields: frozenset[str]) -> str:
    """Return the words of a query that are about `fields`, as typed."""
    return " ".join(token[0] for token in _TOKEN.finditer(text) if _field_of(token[0]) in fields)


def _field_of(token: str) -> str:
    bare = token.removeprefix("!")
    found = _FIELD.match(bare)
    return (found["field"] if found else bare).casefold().replace("_", "")


def _term(token: str, start: int, vocabulary: Vocabulary) -> Term | QueryError:
    negated = token.startswith("!")
    found = _FIELD.match(token, int(negated))
    at_value = found.end() if found else int(negated)
    value = token[at_value:].replace('"', "")
    if not value and not (found and token[found.start("sign") :] == '=""'):
        return QueryError(start + at_value, f"something must follow {token[:at_value]}")
    if found is None and token[at_value:].casefold() in vocabulary.flags:
        return Term(Is(value.casefold()), negated)
    if found is None:
        return Term(Anywhere(value.casefold()), negated)
    field = found["field"].casefold().replace("_", "")
    if field not in vocabulary.fields - vocabulary.flags:
        return QueryError(start + found.start(), _no_such_field(token[found.start() :], field, vocabulary))
    test = _test(field, found["sign"], value, vocabulary)
    return QueryError(start + at_value, test) if isinstance(test, str) else Term(test, negated)


def _no_such_field(condition: str, field: str, vocabulary: Vocabulary) -> str:
    fields = ", ".join(sorted(vocabulary.fields))
    return f'there is no field {field} here, only {fields}; to look for the text, quote it: "{condition}"'


def _test(field: str, sign: str, value: str, vocabulary: Vocabulary) -> Test | str:
    """Return the condition, or a sentence saying what is wrong with the value."""
    if field in vocabulary.numbers:
        number = parse_amount(value)
        if number is None:
            return f"{field} is compared with a number: 4096, 0x1000, 4K, 1.5M"
        return Compares(field, "=" if sign == ":" else sign, number)
    if sign not in ":=":
        return f"{field} is a text: write {field}:{value}"
    if field == "perm":
        return _permits(value)
    text, values = value.casefold(), vocabulary.values.get(field)
    test = Equals(field, text) if sign == "=" else (Contains if field in vocabulary.contains else Begins)(field, text)
    if values is not None and not any(test.matches(each) for each in values):
        return f"there is no {field} {value}, only {', '.join(values)}"
    return test


def _permits(pattern: str) -> Test | str:
    if len(pattern) <= len(_PLACES) and all(letter in place for letter, place in zip(pattern, _PLACES, strict=False)):
        return Permits(pattern)
    if set(pattern) <= set("rwxsp"):
        return Permits("", pattern)
    return "permissions are written rwxp or rwxs, with - for none and ? for any, or as letters that must be there: wx"


def ordered(
    rows: Sequence[Row],
    value: Callable[[Row], object | None],
    *,
    descending: bool = False,
    unknown: Callable[[Row], Any] | None = None,
) -> tuple[Row, ...]:
    """Sort by a value of one comparable type; rows without it come last either way, and ties keep their order.

    Rows without a value are sorted by `unknown`, ascending.
    """
    return tuple(map(rows.__getitem__, order(rows, value, descending=descending, unknown=unknown)))


def order(
    rows: Iterable[Row],
    value: Callable[[Row], object | None],
    *,
    descending: bool = False,
    unknown: Callable[[Row], Any] | None = None,
) -> list[int]:
    """Return the indices of the rows as `ordered` sorts them; each row is looked at once, before the next is taken."""
    values: dict[int, Any] = {}
    last: dict[int, Any] = {}
    for at, row in enumerate(rows):
        found = value(row)
        if found is not None:
            values[at] = found
        else:
            last[at] = unknown(row) if unknown is not None else 0
    known = sorted(values, key=values.__getitem__, reverse=descending)
    return [*known, *sorted(last, key=last.__getitem__)]
