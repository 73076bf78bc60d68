"""Finds the process meant by a pid or a name."""

from collections.abc import Sequence

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.kernel.process.find import named_processes, process_key
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.unavailable import Unavailable


def find_process(procfs: Procfs, text: str) -> ProcessKey:
    """Find the process with that pid, or the only one with that name: its comm, or the last part of its argv[0].

    Raises CommandFailure if there is none, or several, which are then listed. Digits are always a pid.
    """
    if is_pid(text):
        key = process_key(procfs, text)
        if isinstance(key, Unavailable):
            some_process(procfs)
            raise CommandFailure(f"{text}: no such process")
        return key
    found = processes_of_name(procfs, text)
    if len(found) > 1:
        details = [f"{process.pid} {command_line(process)}" for process in found]
        raise CommandFailure(f"{text}: {len(found)} processes have that name, choose one by its pid:", details=details)
    return found[0].key


def some_process(procfs: Procfs) -> None:
    """Raise CommandFailure if no process is visible: normally at least our own is."""
    if not procfs.numbers():
        raise CommandFailure(f"{procfs.known_as}: no process can be seen there: is it a proc file system?")


def processes_of_name(procfs: Procfs, name: str) -> Sequence[Process]:
    """Return the processes with that name. Raises CommandFailure if there are none."""
    found = named_processes(procfs, name)
    if not found:
        some_process(procfs)
        raise CommandFailure(f"{name}: no process has that name")
    return found


def is_pid(text: str) -> bool:
    """Return whether `text` is a pid rather than a name."""
    return text.isascii() and text.isdigit()


def command_line(process: Process) -> str:
    """Return the arguments joined by blanks, or the name in brackets if there are none. Not cleaned."""
    if isinstance(process.command, Unavailable) or not any(process.command):
        return f"[{process.name}]"
    return " ".join(process.command)
