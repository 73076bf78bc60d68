"""Text at the edges of panes and screens: the keys that work, in borders and the footer, and the names of tabs."""

from collections.abc import Sequence

from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.line import EMPTY, Line, Tone, cell_count, line, plain, span

_BETWEEN_TABS = " │ "


def hint(pairs: Sequence[tuple[str, str]]) -> Line:
    """Return keys with what they do: `/ filter  s sort`."""
    parts: Line = EMPTY
    for key, does in pairs:
        parts += (span(f"  {key} " if parts else f"{key} ", Tone.ACCENT), span(does, Tone.DIM))
    return parts


def noted_hint(note: Line, pairs: Sequence[tuple[str, str]], width: int) -> Line:
    """Return a note, and after it as many of the keys as fit in `width` cells with it; the first ones matter most."""
    for count in range(len(pairs), 0, -1):
        parts = (*note, *hint(pairs[:count]))
        if cell_count(parts) <= width:
            return parts
    return note


def filter_hint(text: str, pairs: Sequence[tuple[str, str]]) -> Line:
    """Return the active filter, or else the keys."""
    return line(span("/ ", Tone.ACCENT), span(text, Tone.WARN)) if text else hint(pairs)


def tab_line(names: Sequence[tuple[str, str]], current: str) -> Line:
    """Return the names of tabs side by side with the current one highlighted: `Region │ Changes │ Calls`."""
    parts: Line = EMPTY
    for key, name in names:
        parts += (span(_BETWEEN_TABS, Tone.DIM),) if parts else ()
        parts += (span(name, Tone.ACCENT if key == current else Tone.DIM),)
    return parts


def tab_at(names: Sequence[tuple[str, str]], x: int) -> str | None:
    """Return the key of the tab whose name is at cell `x` of `tab_line`."""
    for key, name in names:
        if 0 <= x < len(name):
            return key
        x -= len(name) + len(_BETWEEN_TABS)
    return None


def key_at(hint: Line, x: int) -> str | None:
    """Return the key at cell `x` of a hint, or the key described there."""
    key = None
    for text, tone in hint:
        if tone is Tone.ACCENT:
            key = text.strip()
        if 0 <= x < len(text):
            return key
        x -= len(text)
    return None


def tabs_in_sight(names: Sequence[tuple[str, str]], current: str, width: int) -> Sequence[tuple[str, str]]:
    """Return the tabs that make the current one visible in `width` cells; `…` represents those left out before."""
    seen = tuple(names)
    at = [key for key, _ in names].index(current)
    for first in range(1, at + 1):
        if len(plain(tab_line(seen, current))) <= width:
            break
        seen = ((names[first - 1][0], "…"), *names[first:])
    return seen


class FooterKey(NamedTuple):
    """A key in the footer."""

    shown: str
    """The key as shown to the user."""
    label: str
    """What it does, in a word or two."""
    everywhere: bool = False
    """Whether it works on every screen; such keys stay if there isn't room for all."""

    @property
    def width(self) -> int:
        """Cells, including a blank before, between and after."""
        return len(self.shown) + len(self.label) + 3


def keys_that_fit(keys: Sequence[FooterKey], width: int) -> tuple[FooterKey, ...]:
    """Leave out keys that don't fit in `width` cells, starting with the last of the screen's own."""
    room = width - sum(key.width for key in keys if key.everywhere)
    kept: list[FooterKey] = []
    for key in keys:
        if not key.everywhere:
            room -= key.width
        if key.everywhere or room >= 0:
            kept.append(key)
    return tuple(kept)


def footer_line(keys: Sequence[FooterKey]) -> Line:
    """Return keys with what they do: ` q Quit  ? Help `."""
    return tuple(part for key in keys for part in (span(f" {key.shown} ", Tone.ACCENT), span(f"{key.label} ")))
