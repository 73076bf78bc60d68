"""Why a process that is there has no memory to show: a sentence for each state of kernel.md 6."""

from mmexplorer.kernel.process.table import Sighting
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.process import Process
from mmexplorer.model.unavailable import Cause, Unavailable

_KERNEL_THREAD = Unavailable(
    Cause.UNSUPPORTED, "a kernel thread: it works in the kernel's memory and has no address space or program of its own"
)
_EXITING = Unavailable(Cause.GONE, "the process is exiting: its memory is already freed")


def without_memory(process: Process) -> Unavailable:
    """Say why maps of this process is empty."""
    if process.kernel_thread:
        return _KERNEL_THREAD
    if process.state == "Z":
        return Unavailable(
            Cause.GONE,
            "a zombie: it has exited and its memory is freed; only its exit status waits, "
            f"for its parent {process.ppid} to collect",
        )
    return _EXITING


def remarks(process: Process, memory_pid: int, unread: int) -> str:
    """Say what is unusual about how the regions came to be seen; "" for nothing.

    `memory_pid` is the number they were read under, `unread` how many lines of maps were not understood.
    """
    sentences = []
    if memory_pid != process.pid:
        sentences.append(
            f"the first thread of {process.pid} has exited, others live on: "
            f"the memory they share is seen through thread {memory_pid}"
        )
    if unread:
        sentences.append(f"lines of maps that were not understood and are left out: {unread}")
    return "; ".join(sentences)


def exe_of(procfs: Procfs, sighting: Sighting) -> str | Unavailable:
    """Give where /proc/PID/exe leads; a process without memory has no such link though it is still there."""
    link = procfs.link(f"{sighting.memory_pid}/exe")
    gone = isinstance(link, Unavailable) and link.cause is Cause.GONE
    return without_memory(sighting.process) if gone else link
