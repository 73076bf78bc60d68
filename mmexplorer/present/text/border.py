"""What stands in the border of a pane: the keys that work there, and the names of its tabs."""

from collections.abc import Sequence

from mmexplorer.present.text.line import EMPTY, Line, Tone, span


def hint(pairs: Sequence[tuple[str, str]]) -> Line:
    """Write keys with what they do here: `/ filter  s sort`."""
    parts: Line = EMPTY
    for key, does in pairs:
        parts += (span(f"  {key} " if parts else f"{key} ", Tone.ACCENT), span(does, Tone.DIM))
    return parts


def tab_line(names: Sequence[tuple[str, str]], current: str) -> Line:
    """Name tabs side by side with the current one bright: `Region │ Changes │ Calls`."""
    parts: Line = EMPTY
    for key, name in names:
        parts += (span(" │ ", Tone.DIM),) if parts else ()
        parts += (span(name, Tone.ACCENT if key == current else Tone.DIM),)
    return parts
