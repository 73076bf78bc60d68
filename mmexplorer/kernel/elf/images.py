"""The ELF files behind regions: opened, read, cached."""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.elf.mapped_file import VDSO, candidates, header_in_memory, leads_to, vdso_content
from mmexplorer.kernel.elf.reader import MAGIC, Content, Held, Wanted, malformed, read_elf
from mmexplorer.kernel.files import Identity, OpenFile, open_regular
from mmexplorer.kernel.pages.memory import LiveMemory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.region import Region
from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Cause, Unavailable

_REMEMBERED = 1 << 25
"""Approximate bytes of cached images, enough for a thousand libraries. The least recently used is dropped first."""
_EACH, _ENTRY = 1 << 10, 1 << 9
"""Bytes counted for an image, and for each of its segments and sections."""
_REFUSED_REMEMBERED = 1 << 12
"""Files known not to be ELF files. A program may map ever new ones, such as a memfd for each picture it draws."""
_PROBES_REMEMBERED = 1 << 14
_PROBES_AT_MOST = 1 << 10
"""How many offsets in a file are checked for an embedded ELF header."""


class ElfCache:
    """Implements `MappedFiles` with the files themselves, and caches what it read. Never raises OSError."""

    def __init__(self, procfs: LiveProcfs | None = None) -> None:
        self._procfs = procfs or LiveProcfs()
        self._memory = LiveMemory(self._procfs)
        self._images: dict[tuple[Identity | bytes, Wanted], ElfImage] = {}
        self._size = 0
        self._refused: dict[tuple[Identity | bytes, Wanted], Unavailable] = {}
        self._inner: dict[tuple[Identity, int], bool] = {}

    def open_path(self, path: str) -> ElfImage | Unavailable:
        """Read a file, including its sections."""
        opened = open_regular(path)
        if isinstance(opened, Unavailable):
            return opened
        with opened:
            return self._remember(opened.identity, opened, Wanted(path, "path", sections=True))

    def has_name(self, pid: int, region: Region, name: str) -> bool:
        """Return whether the process finds the file that `region` maps under `name`, written as in maps."""
        return leads_to(self._procfs, pid, name, region)

    def images(
        self, pid: int, mapped: Sequence[Region], *, sections: bool = False
    ) -> tuple[ElfImage, ...] | Unavailable:
        """Return the ELF images in the file mapped by all of `mapped`, using the first candidate that can be opened.

        Without `sections` only headers and segments are read, a third of the work. The vDSO exists in memory only.
        """
        path = mapped[0].path
        if path == VDSO:
            content = vdso_content(self._memory, pid, mapped[0])
            return self._of_content(content, Wanted(path, "memory", sections=sections))
        if not path.startswith("/"):
            return malformed("not a file with a path, so not an ELF file")
        refusals: list[tuple[str, Unavailable]] = []
        for via, opened in candidates(self._procfs, pid, mapped):
            found = self._read_opened(opened, mapped, Wanted(path, via, sections=sections))
            if not isinstance(found, Unavailable) or found.cause in (Cause.MALFORMED, Cause.NO_ANSWER):
                return found
            refusals.append((via, found))
        memory = self._in_memory(pid, mapped, Wanted(path, "memory"))
        return _nowhere([*refusals, ("memory", memory)]) if isinstance(memory, Unavailable) else memory

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
        """Find regions that start with an ELF header other than the file's own: Android's libraries in an archive."""
        loads = () if isinstance(whole, Unavailable) else whole.loads
        offsets = {region.offset for region in mapped if region.offset}
        for offset in sorted(offsets)[:_PROBES_AT_MOST]:
            if any(load.offset <= offset < load.offset + load.filesz for load in loads):
                continue
            key = (opened.identity, offset)
            if key not in self._inner:
                make_room(self._inner, _PROBES_REMEMBERED)
                self._inner[key] = _starts_with_magic(opened, offset)
            if self._inner[key]:
                yield offset

    def _in_memory(self, pid: int, mapped: Sequence[Region], wanted: Wanted) -> tuple[ElfImage, ...] | Unavailable:
        return self._of_content(header_in_memory(self._memory, pid, mapped), wanted)

    def _of_content(self, content: bytes | Unavailable, wanted: Wanted) -> tuple[ElfImage, ...] | Unavailable:
        if isinstance(content, Unavailable):
            return content
        if not content.startswith(MAGIC):
            return malformed("not an ELF file")
        image = self._remember(content, Held(content), wanted)
        return image if isinstance(image, Unavailable) else (image,)

    def _remember(self, key: Identity | bytes, content: Content, wanted: Wanted) -> ElfImage | Unavailable:
        refused = self._refused.get((key, wanted))
        if refused is not None:
            return refused
        known = self._images.pop((key, wanted), None)
        if known is None:
            read = read_elf(content, wanted)
            if isinstance(read, Unavailable):
                if read.cause is Cause.MALFORMED:
                    make_room(self._refused, _REFUSED_REMEMBERED)
                    self._refused[key, wanted] = read
                return read
            known = read
            self._size += _size_of(known)
            while self._images and self._size > _REMEMBERED:
                self._size -= _size_of(self._images.pop(next(iter(self._images))))
        self._images[key, wanted] = known
        return known


def _nowhere(refusals: Sequence[tuple[str, Unavailable]]) -> Unavailable:
    """Say why each candidate could not be opened; the first one denied gives the cause and the remedy."""
    words = "; ".join(dict.fromkeys(f"{via}: {refusal.reason}" for via, refusal in refusals))
    telling = next((refusal for _, refusal in refusals if refusal.cause is Cause.DENIED), refusals[0][1])
    return Unavailable(telling.cause, f"the file can't be read ({words})", telling.remedy)


def _starts_with_magic(opened: OpenFile, offset: int) -> bool:
    try:
        return opened.read(offset, len(MAGIC)) == MAGIC
    except OSError:
        return False


def _size_of(image: ElfImage) -> int:
    """Estimate an image's size in memory."""
    sections = () if isinstance(image.sections, Unavailable) else image.sections
    names = sum(len(section.name) for section in sections)
    held = sum(len(segment.sections) for segment in image.segments)
    return _EACH + _ENTRY * (len(image.segments) + len(sections)) + names + 8 * held


def make_room(remembered: dict[Any, Any], most: int) -> None:
    """Drop the oldest entries."""
    while len(remembered) >= most:
        del remembered[next(iter(remembered))]
