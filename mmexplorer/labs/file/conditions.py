"""The condition of a check in a lab file: `rss_change >= 4000 kB and pages_present == 1000`, `signal == SIGSEGV`."""

import operator
import re
from collections.abc import Callable

from mmexplorer.labs.figures import WORDS, Figures, figure_owner, figure_unit
from mmexplorer.labs.file.values import amount
from mmexplorer.labs.simulated.allocator import Rule

Condition = Callable[[Figures], bool]

_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_CLAUSE = re.compile(r"\s*(\w+)\s*(==|!=|<=|>=|<|>|has)\s*(\S.*?)\s*", re.ASCII)
_SUM = re.compile(r"(\w+)(?:\s*([+-])\s*(.+))?", re.ASCII)


def condition(text: str, made: frozenset[str] = frozenset()) -> Condition | str:
    """Parse clauses joined by `and`; return a sentence if that fails. `made`: the names of further processes."""
    clauses: list[Condition] = []
    for part in re.split(r"\band\b", text):
        clause = _clause(part, made)
        if isinstance(clause, str):
            return clause
        clauses.append(clause)
    return lambda figures: all(clause(figures) for clause in clauses)


def _clause(text: str, made: frozenset[str]) -> Condition | str:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        return f'"{text.strip()[:40]}" isn\'t a condition such as "rss_change >= 4000 kB"'
    name, sign, value = found.groups()
    if name in WORDS:
        return _of_words(name, sign, value)
    if not is_figure(name, made):
        return f"no figure is called {name}"
    if sign == "has":
        return f"{name} is a number: use has only with words"
    wanted = _value(value, made)
    if isinstance(wanted, str):
        return wanted
    holds = _COMPARISONS[sign]
    return lambda figures: holds(figures[name], wanted(figures))


def is_figure(name: str, made: frozenset[str]) -> bool:
    """Return whether the lab process, one of the processes `made` or the simulator has a figure of that name."""
    return figure_unit(name) is not None and figure_owner(name) in {"", *made, *(rule.value for rule in Rule)}


def _of_words(name: str, sign: str, value: str) -> Condition | str:
    wanted = value.strip("\"'")
    if sign == "has":
        return lambda figures: wanted in figures.word(name)
    if sign not in {"==", "!="}:
        return f"{name} is a word: compare it with ==, != or has"
    return lambda figures: (figures.word(name) == wanted) is (sign == "==")


def _value(text: str, made: frozenset[str]) -> Callable[[Figures], int] | str:
    """Parse an amount, or a figure plus or minus an amount."""
    plain = amount(text)
    if plain is not None:
        return lambda _figures: plain
    found = _SUM.fullmatch(text)
    if found is None or not is_figure(found[1], made):
        return f'"{text[:40]}" is neither an amount nor a figure'
    added = 0 if found[3] is None else amount(found[3])
    if added is None:
        return f'"{found[3][:40]}" isn\'t an amount'
    name, by = found[1], -added if found[2] == "-" else added
    return lambda figures: figures[name] + by
