"""Finds what a command looks at: a live process, or one in a capture, a core file or a text."""

from argparse import Namespace
from datetime import datetime

from mmexplorer.commands.shared.exit import WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.find_process import command_line, find_process
from mmexplorer.commands.shared.found import Found, find_anywhere, find_live
from mmexplorer.kernel.capture.boot import boot_of
from mmexplorer.kernel.capture.capture import Capture, counted
from mmexplorer.kernel.capture.core.mapped_files import CoreFiles
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.capture.sources import STDIN, is_source, left_out, open_file
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.source import Source, live
from mmexplorer.model.capture.comparison import Side
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.capture.core import core_lines
from mmexplorer.present.capture.moment import moment_at
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import date_and_time, number_of

_LISTED = 20


def find_source(text: str | None, arguments: Namespace) -> Source:
    """Return the file of that name, or the live machine if there is no such file. Raises CommandFailure."""
    if text is None or not _names_a_file(text):
        if arguments.at is not None or arguments.pid_in_file is not None:
            raise CommandFailure("--at and --pid are for a file: a capture, a core file, a text", WRONG_USAGE)
        return live()
    return open_source(text, arguments.at, arguments.pid_in_file)


def find_live_or_in_file(text: str, arguments: Namespace) -> Found:
    """Return the process meant by a pid, a name or a file. Raises CommandFailure."""
    source = find_source(text, arguments)
    if source.kind == "live":
        return Found(source, find_process(source.procfs, text).pid)
    return Found(source, process_in(source, text, arguments.pid_in_file))


def find_live_or_at_a_moment(text: str) -> Found:
    """Return the process meant by PID, NAME, FILE or FILE@TIME. Raises CommandFailure.

    For a capture without a time, this is the last moment at which the counters were read as well.
    """
    path, at, moment = text.rpartition("@")
    in_capture = bool(at) and not is_source(text) and is_source(path)
    if _names_a_file(text) and not in_capture:
        source = open_source(text, None, None)
        pid = _only_process(source, text)
        return Found(counted(source, pid), pid)
    if in_capture:
        source = open_source(path, moment, None)
        return Found(source, _only_process(source, path))
    return find_live(text)


def find_side(text: str) -> Side:
    """Read the named process, to compare it with another. Raises CommandFailure, also for one without memory."""
    found = find_anywhere(text)
    space = found.address_space(Request(counters_now=True))
    if not space.regions:
        raise CommandFailure(f"{text}: {space.unavailable or 'it has no memory'}")
    return Side(space, boot_of(found.source), text)


def open_source(path: str, at: str | None, pid: str | None) -> Source:
    """Open a file at a moment; by default the last at which a process has a map. Raises CommandFailure."""
    opened = open_any(path)
    if isinstance(opened, Source):
        if at is not None:
            raise CommandFailure(f"{path}: --at is for a capture, and this is a {opened.kind}", WRONG_USAGE)
        return opened
    return opened.at(_index(path, opened, at, pid))


def open_capture(path: str) -> Capture:
    """Open a file that must be a capture. Raises CommandFailure."""
    opened = open_any(path)
    if isinstance(opened, Source):
        raise CommandFailure(f"{path}: a {opened.kind}, and this needs a capture with several moments")
    return opened


def capture_and_process(path: str, pid: str | None) -> tuple[Capture, int]:
    """Open a capture, and choose a process in it. Raises CommandFailure."""
    capture = open_capture(path)
    return capture, process_in(capture.at(_index(path, capture, None, pid)), path, pid)


def process_in(source: Source, path: str, wanted: str | None) -> int:
    """Choose a process of a source. Raises CommandFailure, which lists them if there are several."""
    if wanted is not None:
        return find_process(source.procfs, wanted).pid
    return _one_of(source, path, "choose one with --pid")


def _only_process(source: Source, path: str) -> int:
    """Return the process of a source for a command that can't choose among several. Raises CommandFailure."""
    return _one_of(source, path, f"and this needs a file of one (mmexplorer maps {path} --pid N shows one of them)")


def _one_of(source: Source, path: str, advice: str) -> int:
    pids = source.procfs.numbers()
    if len(pids) == 1:
        return pids[0]
    if not pids:
        raise CommandFailure(f"{path}: no process is there at that moment")
    processes = [each.process for each in ProcessTable(source.procfs).read().values() if not each.process.kernel_thread]
    details = [f"{process.pid} {command_line(process)}" for process in processes[:_LISTED]]
    if len(processes) > _LISTED:
        details.append(f"and {len(processes) - _LISTED} more: mmexplorer ps {path}")
    raise CommandFailure(f"{path}: {number_of(len(processes), 'process', 'processes')}, {advice}:", details=details)


def open_any(path: str) -> Capture | Source:
    """Open a capture, a core file or a text. Raises CommandFailure."""
    opened = open_file(path)
    if isinstance(opened, Unavailable):
        raise CommandFailure(f"{'standard input' if path == STDIN else path}: {opened}")
    return opened


def source_lines(source: Source, space: AddressSpace | None) -> list[str]:
    """Describe the source itself: the moment, how a core ended, what was left out of a text."""
    lines: list[str] = []
    if isinstance(source.procfs, ReplayProcfs) and not isinstance(source.taken_at, Unavailable):
        count = len(source.procfs.moments)
        lines.append(f"moment {source.procfs.index} of {count}, from 0: {date_and_time(source.taken_at)}")
    if source.core is not None and space is not None:
        lines += core_lines(source.core, space)
    lines += other_files(source)
    if source.pasted is not None:
        lines += left_out(source.pasted)
    return [clean(line) for line in lines]


def other_files(source: Source) -> list[str]:
    """Return which files of a core differ today. Not cleaned."""
    other = source.files.other if isinstance(source.files, CoreFiles) else {}
    return [f"{path}: {wrong}" for path, wrong in other.items()]


def _names_a_file(text: str) -> bool:
    if text == STDIN or "/" in text:
        return True
    return not (text.isascii() and text.isdigit()) and is_source(text)


def _index(path: str, capture: Capture, at: str | None, pid: str | None) -> int:
    if at is not None:
        return moment_index(path, capture, at)
    wanted = int(pid) if pid is not None and pid.isascii() and pid.isdigit() else None
    last = len(capture.moments) - 1
    for shows in (_has_map, _has_process):
        for index in range(last, -1, -1):
            if shows(capture.at(index), wanted):
                return index
    return last


def moment_index(path: str, capture: Capture, at: str) -> int:
    """Return the index of the requested moment. Raises CommandFailure."""
    index = moment_at(at, capture.moments, datetime.now().astimezone())
    if isinstance(index, str):
        raise CommandFailure(f"{path}: {index}", WRONG_USAGE)
    return index


def _has_map(source: Source, pid: int | None) -> bool:
    """Return whether that process, or the only one, has a map: a zombie has none. Of several, any may be meant."""
    pids = source.procfs.numbers()
    if pid is None and len(pids) != 1:
        return bool(pids)
    space = source.address_space(pids[0] if pid is None else pid, Request(counters=False))
    return isinstance(space, AddressSpace) and bool(space.regions)


def _has_process(source: Source, pid: int | None) -> bool:
    pids = source.procfs.numbers()
    return pid in pids if pid is not None else bool(pids)
