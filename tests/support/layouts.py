"""Layouts of regions that are matched once."""

from collections.abc import Mapping, Sequence

from mmexplorer.model.differing import Differing
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.elf.match import LayoutMatcher, Vdso
from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.region import FileId, Region


def match_layout(
    regions: Sequence[Region],
    images: Mapping[FileId, Sequence[ElfImage]],
    page_size: int,
    auxv: Auxv | None = None,
    vdso: ElfImage | None = None,
) -> Layout:
    """Match regions once, as `LayoutMatcher.match` does; `vdso` is the ELF image in `[vdso]`."""
    region = next((region for region in regions if region.path == "[vdso]"), None)
    loaded = Vdso(region, vdso) if region is not None and vdso is not None else None
    everything = Differing((), tuple(regions))
    return LayoutMatcher(page_size).match(regions, _by_file(regions, images), images, everything, auxv, loaded)


def _by_file(regions: Sequence[Region], images: Mapping[FileId, Sequence[ElfImage]]) -> dict[FileId, list[Region]]:
    mapped: dict[FileId, list[Region]] = {file: [] for file in images}
    for region in regions:
        file = region.file
        if file in mapped:
            mapped[file].append(region)
    return mapped
