"""The log of what the lab process was told, as strace(1) prints it."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.protocol import LabReply
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped

NO_CALLS: Line = (span("The lab process hasn't done anything yet.", Tone.DIM),)

_REPLIES_AT_MOST = 100
_CALLS_SHOWN = 6
_LINES_SHOWN = 12
"""Of one reply."""


def called(reply: LabReply) -> list[str]:
    """The calls of a reply, one a line; of many, the first and the last ones. Not cleaned."""
    calls = reply.call.split("\n") if reply.call else []
    if len(calls) <= _CALLS_SHOWN:
        return calls
    half = _CALLS_SHOWN // 2
    return [*calls[:half], f"... {len(calls) - _CALLS_SHOWN} more like these", *calls[-half:]]


def printed(reply: LabReply) -> list[str]:
    """What a program printed, line by line; of many lines, the first and the last ones. Not cleaned."""
    lines = reply.output.splitlines()
    if len(lines) <= _LINES_SHOWN:
        return lines
    half = _LINES_SHOWN // 2
    return [*lines[:half], f"... {len(lines) - _LINES_SHOWN} more lines", *lines[-half:]]


def printed_besides(reply: LabReply) -> list[str]:
    """Return the same for a log, which needs none of it if the calls themselves show what was written."""
    return [] if "write(2, " in reply.call else printed(reply)


def call_log(replies: Sequence[LabReply], width: int) -> tuple[Line, ...]:
    """Give the log, the newest last; what a program printed stands where it was printed."""
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
    """Signals and ends stand out."""
    return Tone.WARN if text.startswith(("---", "+++")) else Tone.DIM if text.startswith("...") else Tone.NORMAL
