"""A process in JSON: the rows of `mmexplorer ps --json`."""

from mmexplorer.model.process import Process
from mmexplorer.present.json.document import record


def process_record(process: Process) -> dict[str, object]:
    """Give a process with sizes in bytes and `start_time` in clock ticks after boot."""
    return record(
        {
            "pid": process.pid,
            "ppid": process.ppid,
            "start_time": process.start_time,
            "user": process.user,
            "name": process.name,
            "command": process.command,
            "state": process.state,
            "rss": process.rss,
            "vsz": process.vsz,
            "threads": process.threads,
            "min_flt": process.min_flt,
            "maj_flt": process.maj_flt,
            "kernel_thread": process.kernel_thread,
        }
    )
