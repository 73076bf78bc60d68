"""An ELF file named by the user, read once."""

from mmexplorer.kernel.elf.reader import Wanted, read_elf
from mmexplorer.kernel.remote.opener import open_named
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.unavailable import Unavailable


def read_file(path: str) -> ElfImage | Unavailable:
    """Read the file at `path`, following links, including its sections."""
    opened = open_named(path)
    if isinstance(opened, Unavailable):
        return opened
    with opened:
        return read_elf(opened, Wanted(path, "path", sections=True))
