"""A process in words: anything unusual, facts other than its memory, and what is known without a map."""

from collections.abc import Callable, Iterator

from mmexplorer.model.process.facts import CpuTimes, IoCounters, ProcessFacts, Relative, Switches, cpu_share
from mmexplorer.model.process.process import UNKNOWN_STATE, Process
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.text.cells import size_cell
from mmexplorer.present.text.format import date_and_time, duration, number_of, size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

Fact = TypeVar("Fact")
_NOT_LIVE = Unavailable(Cause.UNSUPPORTED, "only a live process has it")
_NOT_TOLD = Unavailable(Cause.UNSUPPORTED, "the file doesn't tell")


def state_lines(space: AddressSpace) -> tuple[Line, ...]:
    """Describe anything unusual: it ended, may not be read, or its first thread has exited."""
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
    """Describe anything unusual about how the regions were read."""
    if space.through_thread is not None:
        yield (
            f"the first thread of {space.process.pid} has exited, others live on: "
            f"the memory they share is seen through thread {space.through_thread}"
        )
    if space.unread_lines:
        yield f"lines of maps that were not understood and left out: {space.unread_lines}"


def what_can_be_seen(space: AddressSpace) -> tuple[Line, ...]:
    """Describe a process whose map can't be read."""
    process = space.process
    alive = process.state != UNKNOWN_STATE
    return _named(
        ("state", _known(process.state if alive else _NOT_LIVE, str)),
        ("owner", _known(process.user, str)),
        ("threads", _known(process.threads or _NOT_TOLD, str)),
        ("VSZ", size_cell(process.vsz)),
        ("RSS", _known(process.rss, size)),
        ("faults", _known(process if alive else _NOT_LIVE, _faults)),
        ("exe", _known(space.exe, str)),
        ("command", _known(process.command, " ".join)),
    )


def facts_lines(space: AddressSpace, facts: ProcessFacts, before: ProcessFacts | None) -> tuple[Line, ...]:
    """Describe the process other than its memory; `before` are the facts of the previous refresh."""
    process = space.process
    threads = number_of(process.threads, "thread")
    return (
        line(span(_who(process), Tone.BRIGHT), span(f", state {process.state}, {threads}", Tone.DIM)),
        *_named(
            ("started", _known(facts.started_at, lambda at: _started(at, facts.taken_at))),
            ("parent", _known(facts.parent, _parent)),
            ("owner", line(str(process.user))),
            ("command", line(_command(process))),
            ("exe", line(str(space.exe))),
            ("works in", _known(facts.folder, lambda folder: folder)),
            ("terminal", _known(facts.terminal, lambda terminal: terminal or "none")),
            ("CPU time", (*_known(facts.cpu, _cpu), *_share(facts, before))),
            ("runs on", (*_known(facts.processors, _processors), *_known(facts.nice, lambda nice: f", nice {nice}"))),
            ("switches", _known(facts.switches, _switches)),
            ("open", _known(facts.descriptors, lambda count: number_of(count, "descriptor"))),
            ("storage", _known(facts.io, _storage)),
            ("IO calls", _known(facts.io, _calls)),
        ),
    )


def _named(*facts: tuple[str, Line]) -> tuple[Line, ...]:
    return tuple((span(f"{name:<9}", Tone.DIM), *value) for name, value in facts)


def _known(value: Fact | Unavailable, words: Callable[[Fact], str]) -> Line:
    return line(span(f"— {value}", Tone.DIM)) if isinstance(value, Unavailable) else line(words(value))


def _faults(process: Process) -> str:
    return f"{process.min_flt:,} minor, {process.maj_flt:,} major"


def _started(at: float, now: float) -> str:
    return f"{date_and_time(at)}, {duration(max(0.0, now - at))} ago"


def _parent(parent: Relative | None) -> str:
    return "none visible from here" if parent is None else f"{parent.name} ({parent.pid})"


def _cpu(times: CpuTimes) -> str:
    return f"{times.user:,.2f} s in the program, {times.system:,.2f} s in the kernel for it"


def _share(facts: ProcessFacts, before: ProcessFacts | None) -> Line:
    share = cpu_share(before, facts) if before is not None else None
    return EMPTY if share is None else line(span(f"; {share:.1%} of one processor since the last look", Tone.BRIGHT))


def _processors(count: int) -> str:
    return "1 processor" if count == 1 else f"any of {count} processors"


def _switches(switches: Switches) -> str:
    waited, made_room = number_of(switches.voluntary, "time"), number_of(switches.involuntary, "time")
    return f"{waited} it waited, {made_room} it had to make room"


def _storage(io: IoCounters) -> str:
    return f"{size(io.read_bytes)} read, {size(io.written_bytes)} written"


def _calls(io: IoCounters) -> str:
    read, written = size(io.read_characters), size(io.written_characters)
    return f"{io.read_calls:,} read {read}, {io.write_calls:,} wrote {written}"


def _who(process: Process) -> str:
    return f"{process.name} ({process.pid})"


def _command(process: Process) -> str:
    return " ".join(process.command) if isinstance(process.command, tuple) else str(process.command)
