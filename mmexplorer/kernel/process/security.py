"""How a process is protected: findings from its map, from its files' headers, and from comparing the two."""

from collections.abc import Iterator

from mmexplorer.kernel.elf.dynamic import read_hardening
from mmexplorer.kernel.elf.mapped_file import open_mapped
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.process.security import Finding, Hardening, judged, mapped, randomized, relro_applied
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.system.sysctl import parse_integer


def security_findings(procfs: LiveProcfs, pid: int, space: AddressSpace) -> Iterator[Finding]:
    """Check a process; `pid` is the number below /proc through which its memory is read."""
    persona = procfs.parsed(f"{pid}/personality", _hexadecimal)
    yield from randomized(persona, procfs.parsed("sys/kernel/randomize_va_space", parse_integer))
    yield from mapped(space)
    for loaded in space.layout.images:
        if loaded.file is None:
            continue
        yield from judged(loaded.image.path, _hardening(procfs, pid, space, loaded))
        applied = relro_applied(loaded, space.regions, procfs.page_size)
        if applied is not None:
            yield applied


def _hardening(procfs: LiveProcfs, pid: int, space: AddressSpace, loaded: LoadedImage) -> Hardening | Unavailable:
    opened = open_mapped(procfs, pid, [region for region in space.regions if region.file == loaded.file])
    if isinstance(opened, Unavailable):
        return opened
    with opened:
        return read_hardening(opened, loaded.image)


def _hexadecimal(data: bytes) -> int | ParseError:
    try:
        return int(data, 16)
    except ValueError:
        return ParseError(data, "not a hexadecimal number")
