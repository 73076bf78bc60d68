"""The values of a lab file, each of the expected type, or an error with its line."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmexplorer.labs.file.lines import Path

MOST_TEXT = 4000
"""The most characters of a text."""
_SHOWN = 40
_KINDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a decimal number", list: "a list",
          dict: "a table"}  # fmt: skip
_AMOUNT = re.compile(r"(-?\d[\d,_]*) ?(bytes|kB|KiB|MiB|GiB|TiB|pages|page)?", re.ASCII)
_UNITS = {"": 1, "bytes": 1, "kB": 1 << 10, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
          "page": 4096, "pages": 4096}  # fmt: skip
_MOST_DIGITS = 20
_BREAKS = frozenset("\n\t")


class LabFileError(Exception):
    """A mistake in a lab file."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        """`line`: from 1; 0 if the mistake concerns the whole file."""
        super().__init__(sentence)
        self.sentence = sentence
        """Lower case, no full stop; may quote some characters of the file, not cleaned."""
        self.line = line


def amount(text: str) -> int | None:
    """Parse `100 MiB`, `4,000 kB`, `16 pages` (as bytes) or `1000`; return None for anything else."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or len(found[1]) > _MOST_DIGITS:
        return None
    return int(found[1].replace(",", "").replace("_", "")) * _UNITS[found[2] or ""]


class Node:
    """A table of the file: returns values by key, and knows their lines."""

    def __init__(self, value: Mapping[str, Any], path: Path, lines: Mapping[Path, int]) -> None:
        self._value = value
        self._path = path
        self._lines = lines

    def __contains__(self, key: str) -> bool:
        """Return whether the table has that key."""
        return key in self._value

    def line(self, *key: str | int) -> int:
        """Return the line of a key, or of the table if it is missing."""
        path = (*self._path, *key)
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def error(self, sentence: str, *key: str | int) -> LabFileError:
        """Return an error about a key or the table."""
        return LabFileError(sentence, self.line(*key))

    def only(self, *keys: str) -> None:
        """Raise LabFileError if there is any other key."""
        for key in self._value:
            if key not in keys:
                raise self.error(f"unknown name {_short(key)}; the names here are {', '.join(keys)}", key)

    def text(self, key: str, default: str | None = None, most: int = MOST_TEXT) -> str:
        """Return a text; without a default it must be present and not empty. Raises LabFileError."""
        value: str = self._of(key, str, default)
        self._clean(value, key)
        value = _in_one_row(value)
        if default is None and not value.strip():
            raise self.error(f"{key} is empty", key)
        if len(value) > most:
            raise self.error(f"{key} has {len(value):,} characters; at most {most:,} are allowed", key)
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a boolean, `default` if missing. Raises LabFileError."""
        return bool(self._of(key, bool, default))

    def number(self, key: str, default: int | None = None, most: int = 1 << 47) -> int:
        """Return a whole number from 0 to `most`, written as such or as an amount: `"100 MiB"`. Raises LabFileError."""
        raw = self._value.get(key)
        if isinstance(raw, str):
            value = amount(raw)
            if value is None:
                raise self.error(f'{key} is {_short(raw)}, which isn\'t an amount such as "100 MiB"', key)
        else:
            value = self._of(key, int, default)
        if not 0 <= value <= most:
            raise self.error(f"{key} must be from 0 to {most:,}", key)
        return value

    def one_of(self, key: str, options: Sequence[str], default: str | None = None) -> str:
        """Return one of these words. Raises LabFileError."""
        value = self.text(key, default)
        if value not in options:
            raise self.error(f"{key} is {_short(value)}; it can be {', '.join(options)}", key)
        return value

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """Return a list of texts, empty if missing. Raises LabFileError."""
        values = self._list(key, most)
        for index, value in enumerate(values):
            self._is(value, str, f"each of {key}", key, index)
            self._clean(value, key, index)
        return tuple(_in_one_row(value) for value in values)

    def nodes(self, key: str, most: int) -> tuple["Node", ...]:
        """Return a list of tables, empty if missing. Raises LabFileError."""
        return tuple(self._nodes(key, most))

    def _nodes(self, key: str, most: int) -> Iterator["Node"]:
        for index, value in enumerate(self._list(key, most)):
            self._is(value, dict, f"each {key}", key, index)
            yield Node(value, (*self._path, key, index), self._lines)

    def node(self, key: str) -> "Node | None":
        """Return a table, None if missing. Raises LabFileError."""
        return Node(self._of(key, dict, {}), (*self._path, key), self._lines) if key in self._value else None

    def keys(self) -> tuple[str, ...]:
        """Return the keys."""
        return tuple(self._value)

    def _list(self, key: str, most: int) -> list[Any]:
        values: list[Any] = self._of(key, list, [])
        if len(values) > most:
            raise self.error(f"{key} has {len(values):,} entries; at most {most} are allowed", key, most)
        return values

    def _of(self, key: str, kind: type, default: Any) -> Any:
        if key not in self._value:
            if default is None:
                raise self.error(f"{key} is missing")
            return default
        value = self._value[key]
        self._is(value, kind, key, key)
        return value

    def _is(self, value: object, kind: type, what: str, *key: str | int) -> None:
        if type(value) is not kind:
            found = _KINDS.get(type(value), "a date or a time")
            raise self.error(f"{what} must be {_KINDS[kind]}, but this is {found}", *key)

    def _clean(self, text: str, *key: str | int) -> None:
        """Raise LabFileError if a text contains anything that could control the terminal."""
        for char in text:
            if char not in _BREAKS and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}:
                raise self.error(f"the text holds U+{ord(char):04X}, which could control the terminal", *key)


def _in_one_row(text: str) -> str:
    """Return a text in one line; it is wrapped when shown."""
    return " ".join(text.split()) if _BREAKS & set(text) else text


def _short(text: str) -> str:
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'
