"""The program a lab is about: its file, and the process that runs it tied to that file."""

from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.model.elf import ElfImage
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.auxv import parse_auxv
from mmexplorer.parse.error import ParseError


def program_file(pid: int, descriptor: int) -> Program | Unavailable:
    """Read the ELF file that the process has open as `descriptor`."""
    from mmexplorer.kernel.elf.images import Binaries  # noqa: PLC0415 - pyelftools is for the labs about programs

    image = Binaries().open_path(f"/proc/{pid}/fd/{descriptor}")
    return Program(image) if isinstance(image, ElfImage) else image


def running_program(pid: int, measured: Measurement) -> Program | Unavailable:
    """Tie the regions of the process to the files behind them."""
    from mmexplorer.kernel.elf.images import Binaries  # noqa: PLC0415 - as above

    auxv = parse_auxv(data) if isinstance(data := Procfs().read(f"{pid}/auxv"), bytes) else data
    if isinstance(auxv, Unavailable):
        return auxv
    if isinstance(auxv, ParseError):
        return Unavailable(Cause.GONE, "the process runs no program any more")
    layout, _ = Binaries().layout(pid, measured.regions, page_size())
    image = next((loaded.image for loaded in layout.images if loaded.role == "executable"), None)
    if image is None:
        return Unavailable(Cause.UNSUPPORTED, "none of its regions could be tied to the program's file")
    return Program(image, layout, auxv.entry, measured.regions)
