"""The ELF files behind regions: opened, read through pyelftools, remembered, and tied to the regions."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from elftools.elf.structs import ELFStructs

from mmexplorer.kernel.elf.mapped_file import doors, header_in_memory
from mmexplorer.kernel.elf.reader import MAGIC, Content, Held, Wanted, malformed, read_elf
from mmexplorer.kernel.files import Identity, OpenFile, open_regular
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.auxv import Auxv
from mmexplorer.model.elf import ElfImage
from mmexplorer.model.layout import Layout
from mmexplorer.model.match import match_layout
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.auxv import parse_auxv

_REMEMBERED = 1 << 12
"""Images kept: more than the files of any process."""
_PROBES_REMEMBERED = 1 << 16
_PROBES_AT_MOST = 1 << 10
"""Places in a file that are looked at for an ELF header inside it."""


class Binaries:
    """Opens the ELF files that processes map, and remembers what it read by what was read. Never raises OSError."""

    def __init__(self, proc_root: str = "/proc") -> None:
        self._procfs = Procfs(proc_root)
        self._images: dict[tuple[Identity | bytes, Wanted], ElfImage | Unavailable] = {}
        self._inner: dict[tuple[Identity, int], bool] = {}

    def open_path(self, path: str) -> ElfImage | Unavailable:
        """Read a file, sections included."""
        opened = open_regular(path)
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            return self._remember(opened.identity, opened, Wanted(path, "path", sections=True))

    def image(self, pid: int, regions: tuple[Region, ...], file: FileId) -> ElfImage | Unavailable:
        """Read the file behind those of `regions` that map `file`, sections included. Of an archive, the first ELF."""
        mapped = [region for region in regions if region.file == file]
        if not mapped:
            return Unavailable(Cause.GONE, "the file is not mapped any more")
        found = self._look(pid, mapped, sections=True)
        return found if isinstance(found, Unavailable) else found[0]

    def layout(
        self, pid: int, regions: tuple[Region, ...], page_size: int, *, sections: bool = False
    ) -> tuple[Layout, dict[FileId, ElfImage | Unavailable]]:
        """Tie `regions` to segments, and tell what each mapped file is: of an archive, the first ELF in it.

        Without `sections` only headers and segments are read, which is a third of the work.
        """
        mapped: dict[FileId, list[Region]] = {}
        for region in regions:
            if (file := region.file) is not None:
                mapped.setdefault(file, []).append(region)
        found = {file: self._look(pid, of_file, sections=sections) for file, of_file in mapped.items()}
        images = {file: each for file, each in found.items() if not isinstance(each, Unavailable)}
        files = {file: each if isinstance(each, Unavailable) else each[0] for file, each in found.items()}
        return match_layout(regions, images, page_size, self._auxv(pid), self._vdso(pid, regions)), files

    def _look(
        self, pid: int, mapped: Sequence[Region], *, sections: bool = False
    ) -> tuple[ElfImage, ...] | Unavailable:
        """Give the ELF images in the file that all of `mapped` map, by the first door that opens."""
        path = mapped[0].path
        if not path.startswith("/"):
            return malformed("not a file with a path, so not an ELF file")
        refusals: list[tuple[str, Unavailable]] = []
        for via, opened in doors(self._procfs, pid, mapped):
            found = self._read_opened(opened, mapped, Wanted(path, via, sections=sections))
            if not isinstance(found, Unavailable) or found.cause is Cause.MALFORMED:
                return found
            refusals.append((via, found))
        memory = self._from_memory(header_in_memory(self._procfs, pid, mapped), path)
        if not isinstance(memory, Unavailable):
            return (memory,)
        return _nowhere([*refusals, ("memory", memory)])

    def _read_opened(
        self, opened: OpenFile | Unavailable, mapped: Sequence[Region], wanted: Wanted
    ) -> tuple[ElfImage, ...] | Unavailable:
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            whole = self._remember(opened.identity, opened, wanted)
            if isinstance(whole, Unavailable) and whole.cause is not Cause.MALFORMED:
                return whole
            inner = (
                self._remember(opened.identity, opened, wanted._replace(header_offset=offset))
                for offset in self._inner_headers(opened, mapped, whole)
            )
            images = tuple(image for image in (whole, *inner) if not isinstance(image, Unavailable))
        return whole if isinstance(whole, Unavailable) and not images else images

    def _inner_headers(
        self, opened: OpenFile, mapped: Sequence[Region], whole: ElfImage | Unavailable
    ) -> Iterator[int]:
        """Find where regions begin with an ELF header that isn't the file's: Android's libraries inside an archive."""
        loads = () if isinstance(whole, Unavailable) else whole.loads
        offsets = {region.offset for region in mapped if region.offset}
        for offset in sorted(offsets)[:_PROBES_AT_MOST]:
            if any(load.offset <= offset < load.offset + load.filesz for load in loads):
                continue
            key = (opened.identity, offset)
            if key not in self._inner:
                _make_room(self._inner, _PROBES_REMEMBERED)
                self._inner[key] = _starts_with_magic(opened, offset)
            if self._inner[key]:
                yield offset

    def _from_memory(
        self, content: bytes | Unavailable, path: str, *, sections: bool = False
    ) -> ElfImage | Unavailable:
        if isinstance(content, Unavailable):
            return content
        if not content.startswith(MAGIC):
            return malformed("not an ELF file")
        return self._remember(sha256(content).digest(), Held(content), Wanted(path, "memory", sections=sections))

    def _remember(self, key: Identity | bytes, content: Content, wanted: Wanted) -> ElfImage | Unavailable:
        known = self._images.get((key, wanted))
        if known is None:
            known = read_elf(content, wanted, elf_structures)
            if not isinstance(known, Unavailable) or known.cause is Cause.MALFORMED:
                _make_room(self._images, _REMEMBERED)
                self._images[key, wanted] = known
        return known

    def _auxv(self, pid: int) -> Auxv | None:
        auxv = self._procfs.parsed(f"{pid}/auxv", parse_auxv)
        return None if isinstance(auxv, Unavailable) else auxv

    def _vdso(self, pid: int, regions: Sequence[Region]) -> ElfImage | None:
        mapped = [region for region in regions if region.path == "[vdso]"]
        if not mapped:
            return None
        # Unlike a file's, all of it is mapped, section headers included.
        image = self._from_memory(header_in_memory(self._procfs, pid, mapped), "[vdso]", sections=True)
        return image if isinstance(image, ElfImage) else None


@lru_cache(maxsize=64)
def elf_structures(*of_file: Any) -> ELFStructs:
    """Make pyelftools' structures, as `elf_reader.Structures` says: dear, and the same for all files of a kind."""
    little_endian, bits, *of_header = of_file
    structs = ELFStructs(little_endian, bits)
    structs.create_basic_structs()
    if of_header:
        structs.create_advanced_structs(*of_header)
    return structs


def _nowhere(refusals: Sequence[tuple[str, Unavailable]]) -> Unavailable:
    """Say why each door stayed shut; the first that was denied tells the cause and the way out."""
    words = "; ".join(dict.fromkeys(f"{via}: {refusal.reason}" for via, refusal in refusals))
    telling = next((refusal for _, refusal in refusals if refusal.cause is Cause.DENIED), refusals[0][1])
    return Unavailable(telling.cause, f"the file can't be read ({words})", telling.remedy)


def _starts_with_magic(opened: OpenFile, offset: int) -> bool:
    try:
        return opened.read(offset, len(MAGIC)) == MAGIC
    except OSError:
        return False


def _make_room(remembered: dict[Any, Any], most: int) -> None:
    """Forget what was learnt first."""
    while len(remembered) >= most:
        del remembered[next(iter(remembered))]
