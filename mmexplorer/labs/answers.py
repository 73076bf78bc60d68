"""A prediction as a person types it."""

import re
from typing import NamedTuple

from mmexplorer.labs.lab import Choice, Number, Question

_NUMBER = re.compile(r"[+-]?\d[\d,_ ]*", re.ASCII)
_DIGITS_AT_MOST = 20


class NoAnswer(NamedTuple):
    """Why a text is no answer to the question."""

    sentence: str
    """Lower case, no full stop. Holds nothing of what was typed."""


def understood(question: Question, text: str) -> int | NoAnswer:
    """The index of an option, or a number in the question's unit.

    An option is chosen by its number, from 1 on. A number may have separators, a sign and the unit behind it.
    """
    return _option(question, text.strip()) if isinstance(question, Choice) else _number(question, text.strip())


def _option(question: Choice, typed: str) -> int | NoAnswer:
    count = len(question.options)
    if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS_AT_MOST and 1 <= int(typed) <= count:
        return int(typed) - 1
    return NoAnswer(f"type a number from 1 to {count}")


def _number(question: Number, typed: str) -> int | NoAnswer:
    digits = typed.removesuffix(question.unit).strip()
    if _NUMBER.fullmatch(digits) and len(digits) <= _DIGITS_AT_MOST:
        return int(re.sub("[,_ ]", "", digits))
    of = f" of {question.unit}" if question.unit else ""
    return NoAnswer(f"type a whole number{of}, such as 12,345")
