"""The line of each value in a TOML text; `tomllib` doesn't report lines."""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The keys and indices leading to a value."""

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<text>\"\"\"(?:\\.|[^\\])*?\"{3,5} | '''.*?'{3,5} | \"(?:\\.|[^\"\\\n])*\" | '[^'\n]*')
      | (?P<sign>[\[\]{}=,.\n])
      | (?P<word>[^\s\[\]{}=,.\#\"']+)""",
    re.VERBOSE | re.DOTALL,
)


class _Token:
    def __init__(self, found: re.Match[str], line: int) -> None:
        self.kind, self.text, self.line = str(found.lastgroup), found[0], line

    @property
    def key(self) -> str:
        """The key without quotes."""
        return self.text[1:-1] if self.kind == "text" else self.text


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every key, table and element in a text that `tomllib` has accepted."""
    return dict(_Reader(list(_tokens(text))).statements())


def _tokens(text: str) -> Iterator[_Token]:
    line, at = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        if found.lastgroup != "comment":
            yield _Token(found, line)


class _Reader:
    """Reads the tokens in one pass."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._tables: dict[Path, int] = {}
        """The number of elements so far in each array of tables."""

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else "\n"

    def _next(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def statements(self) -> Iterator[tuple[Path, int]]:
        """Yield the path and line of each key, table and element."""
        table: Path = ()
        while self._at < len(self._tokens):
            if self._peek() == "\n":
                self._next()
            elif self._peek() == "[":
                line = self._tokens[self._at].line
                table = self._header()
                yield table, line
            else:
                yield from self._pair(table)

    def _header(self) -> Path:
        signs = 0
        while self._peek() == "[":
            self._next()
            signs += 1
        path: Path = ()
        while self._peek() != "]":
            token = self._next()
            if token.text != ".":
                path = self._in_last((*path, token.key))
        for _ in range(signs):
            self._next()
        if signs > 1:
            base = path[:-1] if isinstance(path[-1], int) else path
            self._tables[base] = self._tables.get(base, -1) + 1
            return (*base, self._tables[base])
        return path

    def _in_last(self, path: Path) -> Path:
        """Add the index of the newest element if the path leads to an array of tables."""
        return (*path, self._tables[path]) if path in self._tables else path

    def _pair(self, table: Path) -> Iterator[tuple[Path, int]]:
        path, line = table, self._tokens[self._at].line
        while self._peek() != "=":
            token = self._next()
            if token.text != ".":
                path = (*path, token.key)
        self._next()
        yield path, line
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        if self._peek() == "[":
            yield from self._array(path)
        elif self._peek() == "{":
            yield from self._inline(path)
        else:
            while self._peek() not in {"\n", ",", "]", "}"}:
                self._next()

    def _array(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._next()
        index = 0
        while self._peek() != "]":
            if self._peek() in {"\n", ","}:
                self._next()
                continue
            yield (*path, index), self._tokens[self._at].line
            yield from self._value((*path, index))
            index += 1
        self._next()

    def _inline(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._next()
        while self._peek() != "}":
            if self._peek() in {"\n", ","}:
                self._next()
            else:
                yield from self._pair(path)
        self._next()
