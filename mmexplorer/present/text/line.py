"""Text with a meaning, before any terminal: a line is spans, a span has a tone, and a theme gives the tone a colour."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.width import cell_width


class Tone(Enum):
    """What a piece of text means. Never the only sign of it: a mark or a word says the same."""

    NORMAL = "normal"
    DIM = "dim"
    """Units, separators, values that don't matter now."""
    BRIGHT = "bright"
    """The number the eye looks for."""
    ACCENT = "accent"
    """Keys, the selected thing, links."""
    WARN = "warn"
    """Unusual: writable and executable, a denied value."""
    ERROR = "error"
    ADDED = "added"
    REMOVED = "removed"
    """Drawn struck out."""
    CHANGED = "changed"
    CODE = "code"
    RODATA = "rodata"
    DATA = "data"
    HEAP = "heap"
    STACK = "stack"
    ANON = "anon"
    FILE = "file"
    SHARED = "shared"
    GUARD = "guard"
    KERNEL = "kernel"
    """vdso, vvar, vsyscall."""
    PAST = "past"
    """What is shown is not now: in reverse, so that it can't be missed."""


class Span(NamedTuple):
    """A piece of a line. Made by `span`, which cleans; the screen prints nothing else."""

    text: str
    tone: Tone = Tone.NORMAL


Line = tuple[Span, ...]
"""One line of text, from left to right."""

EMPTY: Line = ()


def span(text: str, tone: Tone = Tone.NORMAL) -> Span:
    """Make a span of any text, whoever controls it."""
    return Span(clean(text), tone)


def line(*parts: "Span | str") -> Line:
    """Make a line; a plain string is cleaned and has no special meaning."""
    return tuple(part if isinstance(part, Span) else span(part) for part in parts)


def plain(spans: Iterable[Span]) -> str:
    """Give the text of a line without its tones."""
    return "".join(piece.text for piece in spans)


def cell_count(spans: Iterable[Span]) -> int:
    """Count the cells that a line takes on a terminal: letters of some scripts take two."""
    return cell_width(plain(spans))
