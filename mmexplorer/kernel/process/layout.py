"""Matches a process's regions with the segments of the files it maps."""

from collections.abc import Sequence

from mmexplorer.kernel.elf.mapped_file import VDSO, MappedFiles
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.elf.match import match_layout
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.auxv import parse_auxv

_SHARED_ANONYMOUS = Unavailable(Cause.MALFORMED, "shared anonymous memory, not an ELF file")


def read_layout(
    procfs: Procfs, files: MappedFiles, pid: int, regions: Sequence[Region], *, sections: bool = False
) -> tuple[Layout, dict[FileId, ElfImage | Unavailable]]:
    """Match `regions` with segments, and read each mapped file: for an archive, the first ELF in it.

    Without `sections`, only the files' headers and segments are read.
    """
    mapped: dict[FileId, list[Region]] = {}
    for region in regions:
        if (file := region.file) is not None:
            mapped.setdefault(file, []).append(region)
    found = {file: _images(files, pid, of_file, sections=sections) for file, of_file in mapped.items()}
    images = {file: each for file, each in found.items() if not isinstance(each, Unavailable)}
    firsts = {file: each if isinstance(each, Unavailable) else each[0] for file, each in found.items()}
    auxv = procfs.parsed(f"{pid}/auxv", parse_auxv)
    known_auxv = None if isinstance(auxv, Unavailable) else auxv
    return match_layout(regions, images, procfs.page_size, known_auxv, _vdso(files, pid, regions)), firsts


def read_image(files: MappedFiles, pid: int, regions: Sequence[Region], file: FileId) -> ElfImage | Unavailable:
    """Read the file mapped by those of `regions` that map `file`, with sections. For an archive, the first ELF."""
    mapped = [region for region in regions if region.file == file]
    if not mapped:
        return Unavailable(Cause.GONE, "the file is not mapped any more")
    found = _images(files, pid, mapped, sections=True)
    return found if isinstance(found, Unavailable) else found[0]


def _images(
    files: MappedFiles, pid: int, mapped: Sequence[Region], *, sections: bool
) -> tuple[ElfImage, ...] | Unavailable:
    """Read a mapped file, but not shared anonymous memory: each mapping has a new inode, perhaps thousands a second.

    They would all be opened, and remembered.
    """
    if mapped[0].path == "/dev/zero" and mapped[0].deleted:
        return _SHARED_ANONYMOUS
    return files.images(pid, mapped, sections=sections)


def _vdso(files: MappedFiles, pid: int, regions: Sequence[Region]) -> ElfImage | None:
    mapped = [region for region in regions if region.path == VDSO]
    if not mapped:
        return None
    # Unlike a file's, all of its contents are mapped, including section headers.
    found = files.images(pid, mapped, sections=True)
    return None if isinstance(found, Unavailable) else found[0]
