"""Facts about a process other than its memory, from psutil, which is imported on first use.

Nothing is requested that might block on a file system: only the number of open files, and only the name of the working
directory.
"""

import errno
import time
from collections.abc import Callable

from mmexplorer.kernel.errors import ENDED, process_unavailable, unavailable
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process.facts import CpuTimes, IoCounters, ProcessFacts, Relative, Switches
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.typed import TYPE_CHECKING, TypeVar
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.stat import Stat, parse_stat

if TYPE_CHECKING:
    import psutil

Fact = TypeVar("Fact")

_ZOMBIE = Unavailable(Cause.GONE, "it has ended, and its parent hasn't collected its exit status")


def process_facts(procfs: Procfs, key: ProcessKey) -> ProcessFacts | Unavailable:
    """Collect all facts; if the pid has been reused, the process is gone."""
    import psutil  # noqa: PLC0415 - a third of the screen's start-up time

    try:
        process = psutil.Process(key.pid)
        with process.oneshot():
            facts = _ask(procfs, process)
    except psutil.Error as error:
        return _reason(error)
    stat = procfs.parsed(f"{key.pid}/stat", parse_stat)
    return facts if isinstance(stat, Stat) and stat.start_time == key.start_time else ENDED


def _ask(procfs: Procfs, process: "psutil.Process") -> ProcessFacts:
    return ProcessFacts(
        clock=time.monotonic(),
        taken_at=time.time(),
        started_at=_fact(process.create_time),
        parent=_fact(lambda: _parent(process)),
        cpu=_fact(lambda: CpuTimes(*process.cpu_times()[:2])),
        nice=_fact(process.nice),
        processors=_fact(lambda: len(process.cpu_affinity() or ())),
        switches=_fact(lambda: Switches(*process.num_ctx_switches())),
        folder=procfs.link(f"{process.pid}/cwd"),
        terminal=_fact(process.terminal),
        descriptors=_fact(process.num_fds),
        io=_fact(lambda: IoCounters(*process.io_counters())),
    )


def _parent(process: "psutil.Process") -> Relative | None:
    parent = process.parent()
    return Relative(parent.pid, parent.name()) if parent is not None else None


def _fact(ask: Callable[[], Fact]) -> Fact | Unavailable:
    """Get one fact, or the reason why it is unavailable: psutil raises whatever reading and parsing /proc raises."""
    import psutil  # noqa: PLC0415 - already imported

    try:
        return ask()
    except psutil.Error as error:
        return _reason(error)
    except OSError as error:
        return unavailable(error)
    except (RuntimeError, ValueError, KeyError, IndexError):
        return Unavailable(Cause.MALFORMED, "this kernel writes it in a way that psutil doesn't understand")


def _reason(error: "psutil.Error") -> Unavailable:
    import psutil  # noqa: PLC0415 - already imported

    if isinstance(error, psutil.ZombieProcess):
        return _ZOMBIE
    if isinstance(error, psutil.NoSuchProcess):
        return ENDED
    if isinstance(error, psutil.AccessDenied):
        return process_unavailable(PermissionError(errno.EACCES, ""))
    return Unavailable(Cause.UNSUPPORTED, str(error))
