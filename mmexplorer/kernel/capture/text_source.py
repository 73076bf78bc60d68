"""A pasted text as a source: one process for each map in it."""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.capture.written import WrittenProcess, WrittenProcfs, stat_text, status_text
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import UNKNOWN_STATE
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.pasted import Pasted, PastedProcess
from mmexplorer.parse.process.maps import parse_maps

_NOT_IN_TEXT = Unavailable(Cause.UNSUPPORTED, "not in the text")
_NO_COUNTERS = Unavailable(Cause.UNSUPPORTED, "the text has no counters: it is maps, not smaps")
_NO_FILES = Unavailable(Cause.NOT_READ, "the files of another machine are not at hand")
_PAGE = 4096


class NoFiles:
    """Implements `MappedFiles` for sources without files."""

    def images(
        self, _pid: int, _mapped: Sequence[Region], *, sections: bool = False
    ) -> tuple[ElfImage, ...] | Unavailable:
        """Return the reason."""
        del sections
        return _NO_FILES

    def has_name(self, _pid: int, _region: Region, _name: str) -> bool:
        """Return False."""
        return False


def text_procfs(pasted: Pasted) -> WrittenProcfs:
    """Write the files of /proc for the processes of a text; those without a pid are numbered from 1."""
    return WrittenProcfs(dict(_numbered(pasted.processes)), _PAGE, _NOT_IN_TEXT, "text: ")


def _numbered(processes: Sequence[PastedProcess]) -> Iterator[tuple[int, WrittenProcess]]:
    taken = {process.pid for process in processes}
    number = 0
    told: set[int] = set()
    for process in processes:
        pid = process.pid
        if pid is None or pid in told:
            number = next(each for each in range(number + 1, number + len(taken) + 2) if each not in taken)
            pid = number
        told.add(pid)
        yield pid, _process(pid, process)


def _process(pid: int, process: PastedProcess) -> WrittenProcess:
    regions = parse_maps(process.maps).regions
    vsize = sum(region.size for region in regions if not region.kernels_own)
    files: dict[str, bytes | Unavailable] = {
        "stat": stat_text(pid, _program(regions), UNKNOWN_STATE, 0, threads=0, vsize=vsize),
        "status": status_text(pid, None),
        "statm": _NOT_IN_TEXT,
        "cmdline": _NOT_IN_TEXT,
        "maps": process.maps,
        "smaps": process.smaps or _NO_COUNTERS,
    }
    return WrittenProcess(files, _NOT_IN_TEXT, (pid,), _NOT_IN_TEXT)


def _program(regions: Sequence[Region]) -> str:
    """Name it after the first file in its map, which is usually the program."""
    return next((region.name for region in regions if region.path.startswith("/")), "")[:15]
