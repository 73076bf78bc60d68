"""What is unusual about a process, and what is known of one whose map can't be read."""

from collections.abc import Iterator

from mmexplorer.model.process import Process
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.text.cells import size_cell
from mmexplorer.present.text.format import time_of_day
from mmexplorer.present.text.line import Line, Tone, line, span


def state_lines(space: AddressSpace) -> tuple[Line, ...]:
    """Say what is unusual about the process: it ended, it may not be read, its leader has exited."""
    lines: list[Line] = []
    if space.ended_at is not None:
        lines.append(
            line(
                span(f"{_who(space.process)} ended at {time_of_day(space.ended_at)}: this is its last map.", Tone.WARN)
            )
        )
    elif space.unavailable is not None:
        lines.append(line(span(f"{_who(space.process)}: {space.unavailable}.", Tone.WARN)))
    lines += (line(span(f"{remark}.", Tone.WARN)) for remark in remarks(space))
    return tuple(lines)


def remarks(space: AddressSpace) -> Iterator[str]:
    """Say what is unusual about how the regions came to be seen."""
    if space.through_thread is not None:
        yield (
            f"the first thread of {space.process.pid} has exited, others live on: "
            f"the memory they share is seen through thread {space.through_thread}"
        )
    if space.unread_lines:
        yield f"lines of maps that were not understood and are left out: {space.unread_lines}"


def what_can_be_seen(space: AddressSpace) -> tuple[Line, ...]:
    """Tell what is known of a process whose map can't be read."""
    process = space.process
    facts: list[tuple[str, Line]] = [
        ("state", line(process.state)),
        ("owner", line(str(process.user))),
        ("threads", line(str(process.threads))),
        ("VSZ", size_cell(process.vsz)),
        ("RSS", size_cell(process.rss)),
        ("faults", line(f"{process.min_flt:,} minor, {process.maj_flt:,} major")),
        ("exe", line(str(space.exe))),
        ("command", line(_command(process))),
    ]
    return tuple((span(f"{name:<9}", Tone.DIM), *value) for name, value in facts)


def _who(process: Process) -> str:
    return f"{process.name} ({process.pid})"


def _command(process: Process) -> str:
    return " ".join(process.command) if isinstance(process.command, tuple) else str(process.command)
