"""The machine's figures for the line at the top of the screen."""

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.snapshot import Machine
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.system.meminfo import parse_meminfo


def read_machine(procfs: Procfs, *, hides: bool = False) -> Machine:
    """Read the figures once; `hides`: whether /proc hides processes from us."""
    text = procfs.read("meminfo")
    figures = text if isinstance(text, Unavailable) else parse_meminfo(text)

    def figure(name: str) -> int | Unavailable:
        if isinstance(figures, Unavailable):
            return figures
        value = figures.get(name)
        return Unavailable(Cause.UNSUPPORTED, f"this kernel's meminfo has no {name}") if value is None else value

    return Machine(
        host=procfs.host,
        kernel=procfs.kernel,
        page_size=procfs.page_size,
        mem_total=figure("MemTotal"),
        mem_available=figure("MemAvailable"),
        hides_processes=hides,
    )
