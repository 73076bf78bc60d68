"""Writes the files that processes map into a capture, and reads them from it."""

from collections.abc import Sequence

from mmexplorer.kernel.capture.file_parts import FileParts, Remembering, unpacked
from mmexplorer.kernel.capture.record.recorder import RecordingProcfs
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.elf.images import ElfCache, make_room
from mmexplorer.kernel.elf.mapped_file import VDSO, candidates, header_in_memory, vdso_content
from mmexplorer.kernel.elf.reader import Content, Held, Wanted, read_elf
from mmexplorer.kernel.pages.memory import LiveMemory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Cause, Unavailable

Images = tuple[ElfImage, ...] | Unavailable

_KEPT = 1 << 12
"""Files remembered as passed on; one that is asked for later is read and passed on again. As many aren't ELF."""


class RecordingFiles:
    """Implements `MappedFiles` as `ElfCache` does, and passes what must be kept of each file to the recorder."""

    def __init__(self, procfs: LiveProcfs, recorder: RecordingProcfs) -> None:
        self._procfs = procfs
        self._recorder = recorder
        self._cache = ElfCache(procfs)
        self._memory = LiveMemory(procfs)
        self._kept: dict[str, ElfImage | Unavailable] = {}
        self._refused: set[str] = set()

    def images(self, pid: int, mapped: Sequence[Region], *, sections: bool = False) -> Images:
        """Read the file; if it is new, keep everything needed to read it again, including sections."""
        found = self._cache.images(pid, mapped, sections=sections)
        first = found if isinstance(found, Unavailable) else found[0]
        name = _name(pid, mapped[0])
        if self._kept.get(name) is not first:
            make_room(self._kept, _KEPT)
            self._kept[name] = first
            if isinstance(first, Unavailable) and not self._has_room_for(name):
                return found
            whole = self._cache.images(pid, mapped, sections=True)
            kept = whole if isinstance(whole, Unavailable) else self._parts(pid, mapped, whole)
            self._recorder.keep(name, kept if isinstance(kept, Unavailable) else kept.packed())
        return found

    def _has_room_for(self, refused: str) -> bool:
        """Limit the files that aren't ELF: a program may map ever new ones, and a capture keeps each one's name."""
        if len(self._refused) < _KEPT:
            self._refused.add(refused)
        return refused in self._refused

    def has_name(self, pid: int, region: Region, name: str) -> bool:
        """Return whether the process finds the file that `region` maps under `name`."""
        answer = self._cache.has_name(pid, region, name)
        self._recorder.keep(_has_name(pid, name), answer)
        return answer

    def _parts(self, pid: int, mapped: Sequence[Region], images: tuple[ElfImage, ...]) -> FileParts | Unavailable:
        """Read the file again the way it was found."""
        via = images[0].opened_via
        if via == "memory":
            vdso = mapped[0].path == VDSO
            content = (
                vdso_content(self._memory, pid, mapped[0]) if vdso else header_in_memory(self._memory, pid, mapped)
            )
            return content if isinstance(content, Unavailable) else _remembered(Held(content), images)
        for way, opened in candidates(self._procfs, pid, mapped):
            if isinstance(opened, Unavailable):
                continue
            with opened:
                if way == via:
                    return _remembered(opened, images)
        return Unavailable(Cause.GONE, "the file went away while it was recorded")


class ReplayFiles:
    """Implements `MappedFiles` with the contents of a capture."""

    def __init__(self, procfs: ReplayProcfs, known: dict[tuple[int, bool], Images] | None = None) -> None:
        """`known` is shared by the moments of a capture: they have the same files."""
        self._procfs = procfs
        self._known = {} if known is None else known

    def images(self, pid: int, mapped: Sequence[Region], *, sections: bool = False) -> Images:
        """Return what could be read of the file when it was recorded."""
        found = self._procfs.find(_name(pid, mapped[0]))
        if isinstance(found, Unavailable):
            return found
        if not isinstance(found.answer, bytes):
            return found.answer if isinstance(found.answer, Unavailable) else _NOT_A_FILE
        key = hash(found.answer), sections  # its key differs in each run, so that no collision can be forged
        if key not in self._known:
            self._known[key] = _read(found.answer, sections=sections)
        return self._known[key]

    def has_name(self, pid: int, _region: Region, name: str) -> bool:
        """Return whether the process found the file under that name."""
        found = self._procfs.find(_has_name(pid, name))
        return not isinstance(found, Unavailable) and found.answer is True


_NOT_A_FILE = Unavailable(Cause.MALFORMED, "what the capture keeps of this file is damaged")


def _read(data: bytes, *, sections: bool) -> Images:
    parts = unpacked(data)
    if isinstance(parts, Unavailable):
        return parts
    read = [read_elf(parts, parts.wanted._replace(header_offset=at, sections=sections)) for at in parts.headers]
    images = tuple(image for image in read if isinstance(image, ElfImage))
    return images or next((each for each in read if isinstance(each, Unavailable)), _NOT_A_FILE)


def _remembered(content: Content, images: tuple[ElfImage, ...]) -> FileParts:
    remembering = Remembering(content)
    headers = tuple(image.header_offset for image in images)
    wanted = Wanted(images[0].path, images[0].opened_via, sections=True)
    for at in headers:
        read_elf(remembering, wanted._replace(header_offset=at))
    return FileParts(wanted, content.size, remembering.parts(), headers)


def _name(pid: int, region: Region) -> str:
    """Name a file in a capture by device and inode; name the vDSO, which has neither, by its process."""
    return f"files/{pid}-vdso" if region.path == VDSO or region.file is None else f"files/{region.dev}-{region.inode}"


def _has_name(pid: int, name: str) -> str:
    return f"there/{pid}/root{name}"
