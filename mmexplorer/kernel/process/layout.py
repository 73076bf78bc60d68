"""Matches a process's regions with the segments of the files it maps."""

from collections.abc import Sequence

from mmexplorer.kernel.elf.mapped_file import VDSO, MappedFiles
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.differing import Differing
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.elf.match import LayoutMatcher, Vdso
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.auxv import parse_auxv

_SHARED_ANONYMOUS = Unavailable(Cause.MALFORMED, "shared anonymous memory, not an ELF file")


def read_layout(
    procfs: Procfs, files: MappedFiles, pid: int, regions: Sequence[Region], *, sections: bool = False
) -> tuple[Layout, dict[FileId, ElfImage | Unavailable]]:
    """Match `regions` with segments once, as `LayoutReader.read` does."""
    return LayoutReader(procfs, files).read(pid, regions, Differing((), tuple(regions)), sections=sections)


class LayoutReader:
    """Reads the layout of one program again and again, but only files that gained or lost a region or were refused."""

    def __init__(self, procfs: Procfs, files: MappedFiles) -> None:
        self._procfs = procfs
        self._files = files
        self._matcher = LayoutMatcher(procfs.page_size)
        self._mapped: dict[FileId, tuple[Region, ...]] = {}
        """The regions of each file."""
        self._found: dict[FileId, tuple[ElfImage, ...] | Unavailable] = {}
        self._sections = False
        self._vdso_regions: Sequence[Region] = ()
        self._vdso: Vdso | None = None
        """None also if it couldn't be read, which is tried again."""

    def read(
        self, pid: int, regions: Sequence[Region], changed: Differing, *, sections: bool
    ) -> tuple[Layout, dict[FileId, ElfImage | Unavailable]]:
        """Match `regions` with segments, and read each mapped file: for an archive, the first ELF in it.

        `changed` is how they differ from those of the last call, apart from what `concerns_layout` denies. Without
        `sections`, only the files' headers and segments are read.
        """
        if sections is not self._sections:
            self._sections, self._found = sections, {}
        self._follow(changed)
        self._mapped = dict(sorted(self._mapped.items(), key=lambda item: item[1][0].start))
        self._found = {file: self._image_of(pid, file, mapped) for file, mapped in self._mapped.items()}
        self._follow_vdso(pid, changed)
        images = {file: found for file, found in self._found.items() if not isinstance(found, Unavailable)}
        firsts = {file: found if isinstance(found, Unavailable) else found[0] for file, found in self._found.items()}
        auxv = self._procfs.parsed(f"{pid}/auxv", parse_auxv)
        known_auxv = None if isinstance(auxv, Unavailable) else auxv
        return self._matcher.match(regions, self._mapped, images, changed, known_auxv, self._vdso), firsts

    def _follow(self, changed: Differing) -> None:
        """Sort what came and went by file, and forget what was read of the files for which that makes a difference."""
        gone = frozenset(changed.before)
        came: dict[FileId, list[Region]] = {file: [] for region in gone if (file := region.file) is not None}
        for region in changed.after:
            if (file := region.file) is not None:
                came.setdefault(file, []).append(region)
        for file, new in came.items():
            before = self._mapped.pop(file, ())
            mapped = tuple(sorted((*(region for region in before if region not in gone), *new)))
            if mapped != before:
                self._found.pop(file, None)
            if mapped:
                self._mapped[file] = mapped

    def _image_of(self, pid: int, file: FileId, mapped: Sequence[Region]) -> tuple[ElfImage, ...] | Unavailable:
        """Return what is known of a file, or read it; one that was refused, perhaps half written, is tried again."""
        known = self._found.get(file)
        if known is None or isinstance(known, Unavailable):
            return _images(self._files, pid, mapped, sections=self._sections)
        return known

    def _follow_vdso(self, pid: int, changed: Differing) -> None:
        if any(region.path == VDSO for side in changed for region in side):
            self._vdso_regions = [region for region in changed.after if region.path == VDSO]
            self._vdso = None
        if self._vdso is None:
            image = _vdso(self._files, pid, self._vdso_regions)
            self._vdso = Vdso(self._vdso_regions[0], image) if image is not None else None


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


def _vdso(files: MappedFiles, pid: int, mapped: Sequence[Region]) -> ElfImage | None:
    if not mapped:
        return None
    # Unlike a file's, all of its contents are mapped, including section headers.
    found = files.images(pid, mapped, sections=True)
    return None if isinstance(found, Unavailable) else found[0]
