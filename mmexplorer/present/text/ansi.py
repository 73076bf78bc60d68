"""Coloured lines for commands that print to a terminal: tones as its sixteen colours (ECMA-48, SGR)."""

from mmexplorer.present.text.line import Line, Tone, plain

_SGR = {
    Tone.DIM: "2",
    Tone.OLDER: "2",
    Tone.BRIGHT: "1",
    Tone.ACCENT: "1;36",
    Tone.WARN: "1;33",
    Tone.ERROR: "1;31",
    Tone.ADDED: "32",
    Tone.REMOVED: "31",
    Tone.CHANGED: "33",
    Tone.CODE: "34",
    Tone.RODATA: "2",
    Tone.DATA: "33",
    Tone.HEAP: "31",
    Tone.STACK: "35",
    Tone.ANON: "32",
    Tone.FILE: "36",
    Tone.SHARED: "34",
    Tone.GUARD: "2",
    Tone.KERNEL: "36",
}


def coloured(line: Line) -> str:
    """Return a line with its tones; the text itself is as clean as in `plain`."""
    return "".join(f"\x1b[{_SGR[tone]}m{text}\x1b[0m" if tone in _SGR and text else text for text, tone in line)


def written(line: Line, *, colour: bool) -> str:
    """Return a line with or without its tones."""
    return coloured(line) if colour else plain(line)
