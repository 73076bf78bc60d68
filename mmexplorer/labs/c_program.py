"""The chapter's C programs (`labs/programs/`): their text, and at which statements of main they stop."""

import pkgutil
import re
from collections.abc import Iterator

HEADER = "told.h"
"""What a program is compiled with, so that it stops and tells what it does."""

OWN_CPU_SECONDS, OWN_SECONDS, OWN_MEMORY, OWN_PROCESSES = 2, 5, 256 << 20, 4
"""What a program may use that a learner wrote: of a processor, in all, bytes of address space, further processes."""

_MAIN = re.compile(r"\bmain\s*\([^)]*\)\s*\{")
_NO_CODE = re.compile(
    r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#[^\n]*""", re.DOTALL | re.MULTILINE
)
_NO_STATEMENT = re.compile(r"[}#]|else\b|case\b|default\b|\w+\s*:(?!:)")
_ENDS_BEFORE = frozenset(";{}")


def source(name: str) -> str:
    """Give the text of a file of `labs/programs/`. Raises FileNotFoundError."""
    data = pkgutil.get_data("mmexplorer.labs.programs", name)
    assert data is not None  # noqa: S101 - a loader that can't read data raises OSError itself
    return data.decode()


def stops(text: str) -> tuple[int, ...]:
    """Give the lines, from 1 on, on which a statement of main begins that is in no block of its own."""
    return tuple(_stops(_NO_CODE.sub(_blank, text)))


def _blank(found: re.Match[str]) -> str:
    """Keep places and lines."""
    return re.sub(r"[^\n]", " ", found[0])


def _stops(code: str) -> Iterator[int]:
    main = _MAIN.search(code)
    if main is None:
        return
    depth, last = 1, "{"
    first = code.count("\n", 0, main.end()) + 1
    for number, row in enumerate(code[main.end() :].split("\n"), first):
        statement = row.strip()
        if number > first and depth == 1 and last in _ENDS_BEFORE and statement and not _NO_STATEMENT.match(statement):
            yield number
        depth += row.count("{") - row.count("}")
        last = statement[-1:] or last
        if depth <= 0:
            return


def with_stops(text: str) -> str:
    """Give the text of a program that says, before each of these lines, that it comes next, and waits."""
    rows = text.split("\n")
    for number in stops(text):
        row = rows[number - 1]
        code = row.lstrip()
        rows[number - 1] = f"{row[: len(row) - len(code)]}told_line({number}); {code}"
    return "\n".join(rows)


def line_with(text: str, words: str) -> int:
    """The first stop, from 1 on, whose line holds these words. Raises StopIteration where there is none."""
    rows = text.split("\n")
    return next(number for number in stops(text) if words in rows[number - 1])
