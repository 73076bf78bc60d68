"""A process in JSON: the rows of `mmexplorer ps --json`."""

from collections.abc import Mapping
from types import MappingProxyType

from mmexplorer.model.process.process import Process
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import record

_NOTHING: Mapping[str, Unavailable] = MappingProxyType({})


def process_record(process: Process, lacking: Mapping[str, Unavailable] = _NOTHING) -> dict[str, object]:
    """Return a process with sizes in bytes and `start_time` in clock ticks after boot; `lacking` are unknown fields."""
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
            "threads": process.threads or Unavailable(Cause.UNSUPPORTED, "the source doesn't tell"),
            "min_flt": process.min_flt,
            "maj_flt": process.maj_flt,
            "kernel_thread": process.kernel_thread,
            **lacking,
        }
    )
