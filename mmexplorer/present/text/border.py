"""What stands in the border of a pane: the keys that work there, and the names of its tabs."""

from collections.abc import Sequence

from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


def hint(pairs: Sequence[tuple[str, str]]) -> Line:
    """Write keys with what they do here: `/ filter  s sort`."""
    parts: Line = EMPTY
    for key, does in pairs:
        parts += (span(f"  {key} " if parts else f"{key} ", Tone.ACCENT), span(does, Tone.DIM))
    return parts


def filter_hint(text: str, pairs: Sequence[tuple[str, str]]) -> Line:
    """Show the filter in force, or the keys."""
    return line(span("/ ", Tone.ACCENT), span(text, Tone.WARN)) if text else hint(pairs)


def tab_line(names: Sequence[tuple[str, str]], current: str) -> Line:
    """Name tabs side by side with the current one bright: `Region │ Changes │ Calls`."""
    parts: Line = EMPTY
    for key, name in names:
        parts += (span(" │ ", Tone.DIM),) if parts else ()
        parts += (span(name, Tone.ACCENT if key == current else Tone.DIM),)
    return parts
