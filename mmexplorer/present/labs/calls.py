"""The log of what the lab process did, in the style of strace(1)."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.protocol import LabReply
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped

NO_CALLS: Line = (span("The lab process hasn't done anything yet.", Tone.DIM),)

_REPLIES_AT_MOST = 100
_CALLS_SHOWN = 6
_LINES_SHOWN = 12
"""At most so many calls and printed lines of one reply."""


def called(reply: LabReply) -> list[str]:
    """Return the calls of a reply, one per line; only the first and last if there are many. Not cleaned."""
    calls = reply.call.split("\n") if reply.call else []
    if len(calls) <= _CALLS_SHOWN + 1:  # a line about a single call would take as much room
        return calls
    half = _CALLS_SHOWN // 2
    return [*calls[:half], f"... {len(calls) - _CALLS_SHOWN} more like these", *calls[-half:]]


def printed(reply: LabReply) -> list[str]:
    """Return the lines that a program printed; only the first and last if there are many. Not cleaned."""
    lines = reply.output.splitlines()
    if len(lines) <= _LINES_SHOWN + 1:
        return lines
    half = _LINES_SHOWN // 2
    return [*lines[:half], f"... {len(lines) - _LINES_SHOWN} more lines", *lines[-half:]]


def printed_besides(reply: LabReply) -> list[str]:
    """Return the same for the log; nothing if its calls already show what was written."""
    return [] if "write(2, " in reply.call else printed(reply)


def call_log(replies: Sequence[LabReply], width: int) -> tuple[Line, ...]:
    """Return the log, newest reply last, wrapped to `width` cells."""
    lines = [text for reply in replies[-_REPLIES_AT_MOST:] for text in _reply(reply, width)]
    return tuple(lines) or (NO_CALLS,)


def _reply(reply: LabReply, width: int) -> Iterator[Line]:
    for text in called(reply):
        yield from wrapped(line(span(text, _tone(text))), width, EMPTY)
    if not reply.ok and reply.error and not reply.ended:
        yield from wrapped(line(span(reply.error, Tone.ERROR)), width, line("    "))
    for text in printed_besides(reply):
        yield from wrapped(line(text), width, line(span("    prints: ", Tone.DIM)))


def _tone(text: str) -> Tone:
    """Return the tone of a call: signals and exits stand out."""
    return Tone.WARN if text.startswith(("---", "+++")) else Tone.DIM if text.startswith("...") else Tone.NORMAL
