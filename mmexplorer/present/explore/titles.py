"""What the borders of the Explore panes say, and the sentence that stands in an empty one."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.process import Process
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.explore.processes import ProcessRows
from mmexplorer.present.explore.totals import Totals, totals_line
from mmexplorer.present.text.border import hint
from mmexplorer.present.text.cells import size_cell
from mmexplorer.present.text.format import time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


def process_title(rows: ProcessRows) -> tuple[Line, Line]:
    """Title and summary: `Processes`, `66 of 131`."""
    return line("Processes"), line(span(f"{len(rows.shown)} of {len(rows.by_key)}", Tone.DIM))


def region_title(space: AddressSpace | None, sums: Totals | None, listed: int) -> tuple[Line, Line]:
    """Title and summary: `Regions of python3 (8360)`, the totals, and how many the filter lets through."""
    if space is None:
        return line("Regions"), EMPTY
    process = space.process
    title = line(span("Regions of ", Tone.DIM), span(process.name, Tone.BRIGHT), span(f" ({process.pid})", Tone.DIM))
    if space.ended_at is not None:
        title += (span(f" ended {time_of_day(space.ended_at)}", Tone.WARN),)
    if not space.regions or sums is None:
        return title, EMPTY
    summary = totals_line(sums)
    return title, summary if listed >= len(space.regions) else (span(f"{listed} of ", Tone.WARN), *summary)


def filter_hint(text: str, pairs: Sequence[tuple[str, str]]) -> Line:
    """Show the filter in force, or the keys."""
    return line(span("/ ", Tone.ACCENT), span(text, Tone.WARN)) if text else hint(pairs)


def no_processes(filter_text: str) -> Line:
    """Say why there are no processes in the list."""
    return line(f"No process matches {filter_text}." if filter_text else "No process can be seen below /proc.")


def no_regions(space: AddressSpace | None, filter_text: str) -> Line:
    """Say why there are no regions in the list."""
    if space is None:
        return line("Choose a process to see its regions.")
    if not space.regions:
        return line(span("— ", Tone.DIM), str(space.unavailable or "it has no memory of its own"))
    return line(f"No region matches {filter_text}.")


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
