"""The machine's figures for the line at the top of the screen."""

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.snapshot import Machine
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.system.meminfo import parse_meminfo


def read_machine(procfs: Procfs, *, hides: bool = False) -> Machine:
    """Read the figures once; `hides`: whether /proc hides processes from us."""
    text = procfs.read("meminfo")

    def figure(name: str) -> int | Unavailable:
        if isinstance(text, Unavailable):
            return text
        missing = Unavailable(Cause.UNSUPPORTED, f"this kernel's meminfo has no {name}")
        return parse_meminfo(text).get(name, missing)

    return Machine(
        host=procfs.host,
        kernel=procfs.kernel,
        page_size=procfs.page_size,
        mem_total=figure("MemTotal"),
        mem_available=figure("MemAvailable"),
        hides_processes=hides,
    )
