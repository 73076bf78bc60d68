"""The chapter's C programs (`labs/programs/`): their text, and the statements of main at which they stop."""

import re
from collections.abc import Iterator

HEADER = "told.h"
"""The header a program is compiled with, so that it stops and reports what it does."""

OWN_CPU_SECONDS, OWN_SECONDS, OWN_MEMORY, OWN_PROCESSES = 2, 5, 256 << 20, 4
"""Limits of a learner's program: CPU seconds, seconds, bytes of address space, further processes."""

_MAIN = re.compile(r"\bmain\s*\([^)]*\)\s*\{")
_NO_CODE = re.compile(
    r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#[^\n]*""", re.DOTALL | re.MULTILINE
)
_NO_STATEMENT = re.compile(r"[}#]|else\b|case\b|default\b|\w+\s*:(?!:)")
_ENDS_BEFORE = frozenset(";{}")


def source(name: str) -> str:
    """Return the text of a file of `labs/programs/`. Raises FileNotFoundError."""
    import pkgutil  # noqa: PLC0415 - larger than this module, which labs without a program import too

    data = pkgutil.get_data("mmexplorer.labs.programs", name)
    assert data is not None  # noqa: S101 - a loader that can't read data raises OSError itself
    return data.decode()


def stops(text: str) -> tuple[int, ...]:
    """Return the numbers, from 1, of the lines where a statement of main begins, except within a block."""
    return tuple(_stops(_NO_CODE.sub(_blank, text)))


def _blank(found: re.Match[str]) -> str:
    """Replace text with blanks, so that columns and lines stay the same."""
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
    """Return the text of a program that reports each of these lines before executing it, and waits."""
    rows = text.split("\n")
    for number in stops(text):
        row = rows[number - 1]
        code = row.lstrip()
        rows[number - 1] = f"{row[: len(row) - len(code)]}told_line({number}); {code}"
    return "\n".join(rows)


def line_with(text: str, words: str) -> int:
    """Return the number, from 1, of the first stop whose line contains `words`. Raises StopIteration if none does."""
    rows = text.split("\n")
    return next(number for number in stops(text) if words in rows[number - 1])
