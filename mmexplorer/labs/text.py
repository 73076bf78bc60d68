"""The texts of labs: `{rss_change:kB}` stands for a figure, `[[term]]` or `[[term|shown]]` marks a glossary term."""

import re
from collections.abc import Iterator
from string import Formatter

from mmexplorer.labs.figures import Figures, MissingFigureError

_TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")
_KIB = 1024
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text, each with its glossary term, "" if it has none."""
    at = 0
    for found in _TERM.finditer(text):
        yield text[at : found.start()], ""
        yield found[2] or found[1], found[1]
        at = found.end()
    yield text[at:], ""


def without_marks(text: str) -> str:
    """Return a text without the marks of terms."""
    return _TERM.sub(lambda found: found[2] or found[1], text)


def filled(text: str, figures: Figures) -> str:
    """Replace the figures in a text; one that wasn't measured becomes "(not measured)".

    Formats: `n` a count with separators, `kB`, `+kB` with its sign for a change, `MiB`, `bytes`, `hex`, or `distance`
    for bytes in the largest unit that fits; none for a word.
    """
    return _Filler(figures).vformat(text, (), {})


class _Filler(Formatter):
    """Formats figures by name."""

    def __init__(self, figures: Figures) -> None:
        super().__init__()
        self._figures = figures

    def get_field(self, field_name: str, _args: object, _kwargs: object) -> tuple[object, str]:
        try:
            known = self._figures.words.get(field_name)
            return (self._figures[field_name] if known is None else known), field_name
        except MissingFigureError:
            return None, field_name

    def format_field(self, value: object, format_spec: str) -> str:
        if not isinstance(value, int):
            return "(not measured)" if value is None else str(value)
        return amount(value, format_spec)


def amount(value: int, unit: str) -> str:
    """Write a number of bytes, pages or faults: "4,000 kB", "100 MiB", "0x7f3a45800000", "1,000", "42.2 TiB"."""
    if unit in {"kB", "+kB"}:
        return f"{'+' if unit == '+kB' and value >= 0 else ''}{_whole(value, _KIB)} kB"
    if unit == "MiB":
        return f"{_whole(value, _KIB * _KIB)} MiB"
    if unit == "bytes":
        return f"{value:,} bytes"
    if unit == "distance":
        return _distance(value)
    return f"{value:#x}" if unit == "hex" else f"{value:,}"


def counted(count: int, unit: str) -> str:
    """Write a number with its unit: "3 pages", "1 page", "4,000 kB"; without one, "139"."""
    one = unit.removesuffix("es" if unit.endswith("sses") else "s") if count == 1 else unit
    return f"{count:,} {one}".rstrip(" ")


def _distance(value: int) -> str:
    step = min((value.bit_length() - 1) // 10, len(_UNITS) - 1) if value else 0
    return f"{_whole(value, _KIB**step)} {_UNITS[step]}"


def _whole(value: int, unit: int) -> str:
    return f"{value // unit:,}" if value % unit == 0 else f"{value / unit:,.1f}"
