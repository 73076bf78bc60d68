"""What a learner's own program did: output, calls, how it ended, or the compiler's messages."""

from collections.abc import Iterator

from mmexplorer.labs.c_program import OWN_CPU_SECONDS, OWN_MEMORY, OWN_PROCESSES, OWN_SECONDS
from mmexplorer.labs.protocol import LabReply
from mmexplorer.present.labs.calls import called
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import wrapped

_BOUNDS = (
    f"It may use {OWN_CPU_SECONDS} s of a processor, {OWN_SECONDS} s in all, {OWN_MEMORY >> 20} MiB of addresses and"
    f" {OWN_PROCESSES} more processes, and may not write files; all of its processes have ended."
)


_LIMITS = {
    "was ended by SIGXCPU": f": it had used its {OWN_CPU_SECONDS} s of a processor",
    "was ended by SIGXFSZ": ": it may not write files",
}


def how_it_ended(reply: LabReply) -> str:
    """Say how it ended, and if a limit ended it, which: "exited with status 0"."""
    return f"{reply.ended}{_LIMITS.get(reply.ended, '')}"


def own_program_lines(reply: LabReply, width: int) -> tuple[Line, ...]:
    """Yield the lines, wrapped to `width` cells."""
    return tuple(_failed(reply, width) if not reply.ended else _ran(reply, width))


def _failed(reply: LabReply, width: int) -> Iterator[Line]:
    yield line(span("It was not run:", Tone.ERROR))
    for row in reply.error.splitlines():
        yield from wrapped(line(row), width)


def _ran(reply: LabReply, width: int) -> Iterator[Line]:
    for row in reply.output.splitlines():
        yield from wrapped(line(row), width)
    yield EMPTY
    yield line(span(f"The program {how_it_ended(reply)}.", Tone.BRIGHT))
    yield EMPTY
    for row in called(reply):
        yield from wrapped(line(span(row, Tone.DIM)), width)
    yield EMPTY
    yield from wrapped(line(span(_BOUNDS, Tone.DIM)), width)
