"""`mmexplorer record`: records moments of one process, of all, or of a command until it ends, into a file."""

import os
import signal
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from types import FrameType

from mmexplorer.commands.arguments.duration import duration, pace
from mmexplorer.commands.shared.exit import CANNOT_READ, DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.find_process import find_process
from mmexplorer.kernel.capture.record.recording import AllRecording, ProcessRecording, Taken, manifest_now
from mmexplorer.kernel.capture.record.writer import FULL, CaptureWriter, create
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.process.find import process_key
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.amount import format_size, parse_size
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.typed import Protocol, Self
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, mutable
from mmexplorer.present.json.document import document
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import number_of

_SMALLEST = 1 << 16
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare what to record, how often, for how long and where."""
    parser.usage = "%(prog)s [options] PID|NAME | --all | -- COMMAND [ARGUMENT ...]"
    parser.add_argument("pid", nargs="?", metavar="PID|NAME", help="the process")
    parser.add_argument("--all", action="store_true", help="every process: maps by turns, smaps of the biggest")
    parser.add_argument("-o", dest="output", metavar="FILE", help="the capture (default NAME-DATE-TIME.mmx)")
    parser.add_argument("--every", type=pace, default=1.0, metavar="TIME", help="from moment to moment (default 1s)")
    parser.add_argument("--for", dest="length", type=duration, metavar="TIME", help="how long, such as 10m")
    parser.add_argument("--max-size", type=_size, default=100 << 20, metavar="SIZE", help="largest file (default 100M)")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def run(arguments: Namespace) -> int:
    """Record until it is over, and describe the result. Raises CommandFailure."""
    program: Sequence[str] = arguments.program
    if sum((arguments.pid is not None, arguments.all, bool(program))) != 1:
        raise CommandFailure("say one of the three: PID|NAME, --all, or -- COMMAND", WRONG_USAGE)
    with _Stop() as stop:
        summary = _record_command(arguments, program, stop) if program else _record(arguments, None, stop)
    if not summary.moments:
        raise CommandFailure(f"{summary.file}: {summary.failure or summary.why}; nothing was written", CANNOT_READ)
    print(_document(summary) if arguments.json else clean(_line(summary)))
    if summary.failure is not None:
        raise CommandFailure(f"{summary.file}: {summary.failure}; what was written can be opened", CANNOT_READ)
    return DONE


class _Summary(NamedTuple):
    file: str
    moments: int
    size: int
    seconds: float
    """Wall time in seconds."""
    spent: float
    """How much of it was spent reading."""
    why: str
    """Why it ended."""
    failure: Unavailable | None

    @property
    def cost(self) -> float:
        """The fraction of time spent reading."""
        return self.spent / self.seconds if self.seconds else 0.0


class _Recording(Protocol):
    def take(self) -> Taken: ...


class _Stop:
    """Set by the signals that end a recording, so that its file is completed."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in (*_STOPPING, signal.SIGCHLD):
            self._before[number] = signal.signal(number, self._set)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type] # what signal() returned

    def _set(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD or os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether it was set."""
        return self._event.wait(max(0.0, seconds))


def _record_command(arguments: Namespace, program: Sequence[str], stop: _Stop) -> _Summary:
    """Start a command and record it; wait for it to end unless we are stopped first."""
    try:
        child = subprocess.Popen(program)
    except OSError as error:
        raise CommandFailure(f"{program[0]}: {unavailable(error)}") from error
    summary = _record(arguments, child.pid, stop)
    if child.poll() is None and summary.why != _STOPPED:
        child.wait()
    return summary


def _record(arguments: Namespace, child: int | None, stop: _Stop) -> _Summary:
    procfs = LiveProcfs()
    recording, name = _recording(arguments, procfs, child)
    path = arguments.output or f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.mmx"
    options = {"target": name, "every": f"{arguments.every:g}", "max_size": str(arguments.max_size)}
    writer = create(path, manifest_now(procfs, options), arguments.max_size, force=arguments.force)
    if isinstance(writer, Unavailable):
        raise CommandFailure(f"{path}: {writer}")
    loop = _Loop(writer, recording, _Progress(path, arguments.length))
    why = loop.run(arguments.every, arguments.length, stop)
    failure = writer.close()
    return _Summary(path, writer.moments, writer.size, loop.elapsed, loop.spent, why, loop.failure or failure)


def _recording(arguments: Namespace, procfs: LiveProcfs, child: int | None) -> tuple[_Recording, str]:
    if arguments.all:
        return AllRecording(procfs, arguments.every), "all"
    if child is None:
        key: ProcessKey | Unavailable = find_process(procfs, arguments.pid)
    else:
        key = process_key(procfs, str(child))
    if isinstance(key, Unavailable):
        raise CommandFailure(f"{child}: {key}")
    maps = procfs.head(f"{key.pid}/maps", 1)
    if child is None and isinstance(maps, Unavailable):
        raise CommandFailure(f"{key.pid}: {maps}")
    comm = procfs.read(f"{key.pid}/comm")
    name = "" if isinstance(comm, Unavailable) else comm.decode("utf-8", "replace").strip()
    safe = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name).lstrip(".-")
    return ProcessRecording(procfs, key), f"{safe or 'process'}-{key.pid}"


_STOPPED = "stopped"
_ENDED = "the process ended"
_TOO_LARGE = "its first moment is larger than --max-size"


@mutable
class _Loop:
    writer: CaptureWriter
    recording: _Recording
    progress: "_Progress"
    elapsed: float = 0.0
    spent: float = 0.0
    failure: Unavailable | None = None

    def run(self, every: float, length: float | None, stop: _Stop) -> str:
        """Take moments at the given pace until something ends it; return the reason."""
        start = time.monotonic()
        turn = 0
        while True:
            why = self._take()
            self.elapsed = time.monotonic() - start
            self.progress.show(self.writer, self.elapsed, self.spent)
            if why:
                return why
            turn = max(turn + 1, int(self.elapsed / every) + (self.elapsed % every > 0))
            if length is not None and turn * every > length:
                stop.wait(length - self.elapsed)
                self.elapsed = time.monotonic() - start
                return "the time is up"
            if stop.wait(turn * every - self.elapsed):
                last = self._take()
                self.elapsed = time.monotonic() - start
                return last or _STOPPED

    def _take(self) -> str:
        taken = self.recording.take()
        self.spent += taken.seconds
        refused = self.writer.add(taken.recorded)
        if refused is FULL:
            return f"{FULL.reason}, {format_size(self.writer.size)}" if self.writer.moments else _TOO_LARGE
        if refused is not None:
            self.failure = refused
            return refused.reason
        return _ENDED if taken.ended else ""


class _Progress:
    """A line on stderr that is overwritten, if that is a terminal."""

    def __init__(self, path: str, length: float | None) -> None:
        self._path = path
        self._length = length
        self._terminal = sys.stderr.isatty()

    def show(self, writer: CaptureWriter, elapsed: float, spent: float) -> None:
        """Show the progress."""
        if not self._terminal:
            return
        left = "" if self._length is None else f", {max(0.0, self._length - elapsed):.0f} s left"
        share = 100 * spent / elapsed if elapsed else 0.0
        said = f"{number_of(writer.moments, 'moment')}, {format_size(writer.size)}, cost {share:.2f} %{left}"
        sys.stderr.write(f"\r{clean(f'{self._path}: {said}')}\x1b[K")
        sys.stderr.flush()


def _line(summary: _Summary) -> str:
    over = "\n" if sys.stderr.isatty() else ""
    sys.stderr.write(over)
    moments = number_of(summary.moments, "moment")
    return (
        f"{summary.file}: {moments} in {summary.seconds:.1f} s, {format_size(summary.size)},"
        f" cost {100 * summary.cost:.2f} %; {summary.why}"
    )


def _document(summary: _Summary) -> str:
    return document(
        "record",
        {
            "file": summary.file,
            "moments": summary.moments,
            "size": summary.size,
            "seconds": round(summary.seconds, 3),
            "cost": round(summary.cost, 6),
        },
    )


def _size(text: str) -> int:
    size = parse_size(text)
    if size is None or size < _SMALLEST:
        raise ArgumentTypeError(f"not a size of 64K or more, such as 100M: {text!r}")
    return size
