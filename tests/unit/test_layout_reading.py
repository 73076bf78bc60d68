"""Which of the mapped files are read at all."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mmexplorer.kernel.capture.text_source import NoFiles, text_procfs
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.mapped_file import VDSO
from mmexplorer.kernel.process.layout import LayoutReader, read_image, read_layout
from mmexplorer.model.differing import Differing, differing
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.pasted import Pasted
from mmexplorer.parse.process.maps import parse_maps

_MAPS = b"""\
55d000000000-55d000001000 r-xp 00000000 fe:00 12                         /usr/bin/cat
7f0000000000-7f0000001000 rw-s 00000000 00:01 1024                       /dev/zero (deleted)
7f0000002000-7f0000003000 rw-s 00000000 00:01 1025                       /dev/zero (deleted)
7f0000004000-7f0000005000 rw-p 00000000 00:05 6                          /dev/zero
"""


def test_shared_anonymous_memory_is_not_opened_as_a_file() -> None:
    regions = parse_maps(_MAPS).regions
    procfs, files = text_procfs(Pasted((), 0, (), 0)), NoFiles()
    _, read = read_layout(procfs, files, 1, regions)
    told = ["not at hand", "shared anonymous memory", "shared anonymous memory", "not at hand"]
    assert all(part in str(reason) for part, reason in zip(told, read.values(), strict=True))
    for file, reason in read.items():
        assert read_image(files, 1, regions, file) == reason


class _Paths(NoFiles):
    """Opens each region's path, and the test's own file as the vDSO."""

    def __init__(self, vdso: Path) -> None:
        self._cache = ElfCache()
        self._vdso = vdso

    def images(
        self, pid: int, mapped: Sequence[Region], *, sections: bool = False
    ) -> tuple[ElfImage, ...] | Unavailable:
        del pid, sections
        image = self._cache.open_path(str(self._vdso) if mapped[0].path == VDSO else mapped[0].path)
        return image if isinstance(image, Unavailable) else (image,)


@pytest.mark.parametrize("mapped", ["half", VDSO])
def test_what_was_not_an_elf_file_yet_is_read_when_another_file_is_mapped(tmp_path: Path, mapped: str) -> None:
    half, other = tmp_path / "half", tmp_path / "other"
    other.write_bytes(b"text")
    half.write_bytes(b"\x7fEL")
    named = mapped if mapped == VDSO else str(half)
    inode = 0 if mapped == VDSO else 12
    lines = (
        f"7f0000000000-7f0000001000 r-xp 00000000 {'00:00' if mapped == VDSO else 'fe:00'} {inode} {named}\n",
        f"7f0000002000-7f0000003000 r--p 00000000 fe:00 13 {other}\n",
    )
    before, after = (parse_maps("".join(lines[:count]).encode()).regions for count in (1, 2))
    procfs, files = text_procfs(Pasted((), 0, (), 0)), _Paths(half)
    reader = LayoutReader(procfs, files)
    assert _read(reader.read(1, before, Differing((), before), sections=False)) == set()
    half.write_bytes(Path("/proc/self/exe").read_bytes())
    followed = reader.read(1, after, differing(before, after), sections=False)
    assert followed == read_layout(procfs, files, 1, after)
    assert _read(followed) == {str(half)}


def _read(found: tuple[Layout, dict[FileId, ElfImage | Unavailable]]) -> set[str]:
    """Return which files were found to be ELF files."""
    layout, files = found
    images = (image for image in files.values() if isinstance(image, ElfImage))
    return {image.path for image in (*images, *(loaded.image for loaded in layout.images))}
