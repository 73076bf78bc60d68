"""Text with a meaning, independent of any terminal: a line consists of spans with tones, which a theme colours."""

from collections.abc import Iterable
from enum import Enum

from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.width import cell_width


class Tone(Enum):
    """The meaning of a piece of text. Never the only sign of it: a mark or a word says the same."""

    NORMAL = "normal"
    DIM = "dim"
    """Units, separators, values that don't matter now."""
    OLDER = "older"
    """A value from before what stands beside it; as dim, and dim also where a row is lit because it changed."""
    BRIGHT = "bright"
    """The most important number."""
    ACCENT = "accent"
    """Keys, the selected item, links."""
    WARN = "warn"
    """Unusual: writable and executable, a denied value."""
    ERROR = "error"
    ADDED = "added"
    REMOVED = "removed"
    """Struck through."""
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
    """What is shown is not now; reversed, so that it can't be missed."""

    __hash__ = object.__hash__  # Enum's is a function of Python, and the styles of tones are looked up all the time


class Span(NamedTuple):
    """A piece of a line. Created by `span`, which cleans; the screen prints nothing else."""

    text: str
    tone: Tone = Tone.NORMAL


Line = tuple[Span, ...]
"""One line of text, from left to right."""

EMPTY: Line = ()


def span(text: str, tone: Tone = Tone.NORMAL) -> Span:
    """Return a span of any text, whoever controls it."""
    return Span(clean(text), tone)


def line(*parts: "Span | str") -> Line:
    """Return a line; a plain string is cleaned and has no special meaning."""
    return tuple(part if isinstance(part, Span) else span(part) for part in parts)


def plain(spans: Iterable[Span]) -> str:
    """Return the text of a line without its tones."""
    return "".join(piece.text for piece in spans)


def cell_count(spans: Iterable[Span]) -> int:
    """Return the number of terminal cells that a line takes: wide characters take two."""
    return cell_width(plain(spans))
