"""The files behind a core's regions: those on this machine, if they are the same as at the crash."""

from collections.abc import Sequence

from mmexplorer.kernel.capture.core.source import CoreMemory
from mmexplorer.kernel.capture.named_files import difference
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.mapped_file import VDSO, header_in_memory
from mmexplorer.kernel.elf.reader import MAGIC, Held, Wanted, malformed, read_elf
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable

Images = tuple[ElfImage, ...] | Unavailable


class CoreFiles:
    """Implements `MappedFiles`. Compares the build-id in the dumped memory with that of today's file of that name."""

    def __init__(self, memory: CoreMemory) -> None:
        self._memory = memory
        self._cache = ElfCache()
        self._known: dict[tuple[str, bool], Images] = {}
        self.other: dict[str, str] = {}
        """What is wrong with today's file, keyed by path."""

    def images(self, pid: int, mapped: Sequence[Region], *, sections: bool = False) -> Images:
        """Return the file as of the crash: the one on disk or, if that has changed, what the core contains of it."""
        key = mapped[0].path, sections
        if key not in self._known:
            self._known[key] = self._find(pid, mapped, sections=sections)
        return self._known[key]

    def has_name(self, _pid: int, _region: Region, _name: str) -> bool:
        """Return False: what a name referred to then is unknown."""
        return False

    def _find(self, pid: int, mapped: Sequence[Region], *, sections: bool) -> Images:
        path = mapped[0].path
        dumped = self._dumped(pid, mapped, Wanted(path, "memory", sections=sections and path == VDSO))
        if not path.startswith("/") or mapped[0].deleted:
            return dumped if isinstance(dumped, Unavailable) else (dumped,)
        today = self._cache.open_path(path)
        if isinstance(dumped, Unavailable):
            return today if isinstance(today, Unavailable) else (today,)
        wrong = difference(dumped, today)
        if wrong or isinstance(today, Unavailable):
            self.other[path] = wrong
            return (dumped,)
        return (today,)

    def _dumped(self, pid: int, mapped: Sequence[Region], wanted: Wanted) -> ElfImage | Unavailable:
        content = header_in_memory(self._memory, pid, mapped)
        if isinstance(content, Unavailable):
            return content
        if not content.startswith(MAGIC):
            return malformed("not an ELF file")
        return read_elf(Held(content), wanted)
