"""Uses this machine's files to describe a recorded process, if they are the same as when it was recorded."""

import threading
from collections.abc import Callable

from mmexplorer.kernel.elf.dynamic import read_dynamic
from mmexplorer.kernel.elf.namer import Namer
from mmexplorer.kernel.elf.reader import Wanted, read_elf
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.files import OpenFile
from mmexplorer.kernel.pages.memory import MemoryBytes
from mmexplorer.kernel.remote.opener import open_named
from mmexplorer.model.elf.dynamic import Dynamic
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.memory.inspection import FoundSymbol, NoInspector
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable


def difference(recorded: ElfImage, today: ElfImage | Unavailable) -> str:
    """Say how today's file differs from the recorded one; "" if no difference is known."""
    if isinstance(today, Unavailable):
        return "it is not on this machine" if today.cause is Cause.GONE else str(today)
    if recorded.build_id and today.build_id and recorded.build_id != today.build_id:
        return f"not the one of then: its build-id is {today.build_id}, and was {recorded.build_id}"
    if _shapes(recorded) != _shapes(today):
        return "not the one of then: its program headers are others"
    return ""


def _shapes(image: ElfImage) -> list[tuple[int, int, int, int]]:
    return [(load.offset, load.vaddr, load.filesz, load.memsz) for load in image.loads]


def open_same(recorded: ElfImage) -> OpenFile | Unavailable:
    """Open the file with the name of a recorded one, if it is the same."""
    opened = open_named(recorded.path)
    if isinstance(opened, Unavailable):
        return Unavailable(opened.cause, f"{recorded.path}: {difference(recorded, opened)}")
    wrong = difference(recorded, read_elf(opened, Wanted(recorded.path, "path", recorded.header_offset)))
    if not wrong:
        return opened
    opened.close()
    return Unavailable(Cause.GONE, f"{recorded.path}: {wrong}")


class FileInspector(NoInspector):
    """Inspects a recorded process as far as its ELF files allow."""

    def __init__(self, reason: Unavailable, memory: MemoryBytes | None = None) -> None:
        """`reason`: why it tells nothing else. `memory` has the vDSO, which is no file."""
        super().__init__(reason)
        self._vdso = memory
        self._cache = SymbolCache()
        self._reading = threading.Lock()
        """Two threads may ask for the same file."""

    def namer(self, space: AddressSpace) -> Callable[[int], FoundSymbol | None]:
        """Return a function that finds the symbol at an address."""
        return Namer(space, lambda loaded: self.symbols(space, loaded)).symbol

    def symbols(self, space: AddressSpace, loaded: LoadedImage) -> Symbols | Unavailable:
        """Read the symbols of a loaded file."""
        image = loaded.image
        wanted = Wanted(image.path, "path", image.header_offset)
        with self._reading:
            if loaded.file is None and self._vdso is not None:
                return self._cache.of_vdso(self._vdso, space.process.pid, space.regions, wanted)
            opened = open_same(image)
            if isinstance(opened, Unavailable):
                return opened
            with opened:
                return self._cache.of_content(opened, wanted, opened.identity)

    def dynamic(self, space: AddressSpace, loaded: LoadedImage) -> Dynamic | Unavailable:  # noqa: ARG002 - of the protocol
        """Read the dynamic section of a loaded file."""
        opened = open_same(loaded.image)
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            found = read_dynamic(opened, loaded.image)
        return found if isinstance(found, Unavailable) else found[0]


class FileBytes:
    """Reads the bytes of regions from loaded ELF files; not of writable regions, which may have differed."""

    def __init__(self, space: AddressSpace) -> None:
        self._space = space
        self._refused: dict[int, Unavailable] = {}

    def __call__(self, region: Region, wanted: Range) -> bytes | Unavailable | None:
        """Read the bytes of part of a region; None if no file has them."""
        match = self._space.layout.matches.get(region.start)
        if match is None or match.loaded.file is None or "w" in region.perms:
            return None
        image = match.loaded.image
        refused = self._refused.get(id(image))
        opened = refused or open_same(image)
        if isinstance(opened, Unavailable):
            self._refused[id(image)] = opened
            return opened
        with opened:
            try:
                return opened.read(region.offset + wanted.start - region.start, wanted.size)
            except OSError as error:
                return unavailable(error)
