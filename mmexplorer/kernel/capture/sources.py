"""Opens a file given in place of a process (a capture, a core file or a text) as a source."""

import sys
from collections.abc import Sequence

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.container.archive import Archive, is_container, open_archive
from mmexplorer.kernel.capture.container.zip_format import Random
from mmexplorer.kernel.capture.core.file import is_core, read_core
from mmexplorer.kernel.capture.core.mapped_files import CoreFiles
from mmexplorer.kernel.capture.core.source import CoreMemory, core_procfs
from mmexplorer.kernel.capture.text_source import NoFiles, text_procfs
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.remote.opener import open_named
from mmexplorer.kernel.source import Source
from mmexplorer.model.capture.core import Core
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.pasted import Pasted, looks_like_maps, parse_pasted

STDIN = "-"
_WANTED = "a capture, a core file or a text of maps"
_HEAD = 1 << 16
_TEXT_AT_MOST = 1 << 26
_LINES_SHOWN, _LINE_SHOWN = 5, 100


def open_file(path: str) -> Capture | Source | Unavailable:
    """Open a file of any of the three kinds, or standard input for `-`."""
    if path == STDIN:
        data = sys.stdin.buffer.read(_TEXT_AT_MOST + 1)
        return _understood(Held(data), data[:_HEAD])
    opened = open_named(path, _WANTED)
    if isinstance(opened, Unavailable):
        return opened
    try:
        return _understood(opened, opened.read(0, _HEAD))
    except OSError as error:
        return unavailable(error)


def is_source(path: str) -> bool:
    """Return whether there is a file at `path` that can be used in place of a process."""
    opened = open_named(path, _WANTED)
    if isinstance(opened, Unavailable):
        return False
    with opened:
        try:
            head = opened.read(0, _HEAD)
        except OSError:
            return False
    return is_container(head) or is_core(head) or looks_like_maps(head)


def _understood(file: Random, head: bytes) -> Capture | Source | Unavailable:
    if is_container(head):
        archive = open_archive(file)
        return Capture(archive, archive.remark) if isinstance(archive, Archive) else archive
    if is_core(head):
        core = read_core(file)
        return core if isinstance(core, Unavailable) else core_source(core, file)
    return _text(file)


def core_source(core: Core, file: Random) -> Source:
    """Return a source for a core that was read from `file`."""
    when = Unavailable(Cause.UNSUPPORTED, "a core file doesn't say when it was made")
    memory = CoreMemory(core, file)
    return Source("core", core_procfs(core), CoreFiles(memory), when, core=core, memory=memory)


def _text(file: Random) -> Source | Unavailable:
    if file.size > _TEXT_AT_MOST:
        return Unavailable(Cause.MALFORMED, f"not {_WANTED}: larger than {_TEXT_AT_MOST >> 20} MiB")
    if not file.size:
        return Unavailable(Cause.MALFORMED, f"not {_WANTED}: empty", "one in /proc can be given as standard input, -")
    pasted = parse_pasted(file.read(0, file.size))
    if not pasted.processes:
        return Unavailable(Cause.MALFORMED, f"not {_WANTED}: no line of it is one of maps")
    when = Unavailable(Cause.UNSUPPORTED, "a text doesn't say when it was taken")
    return Source("text", text_procfs(pasted), NoFiles(), when, pasted=pasted)


def _lines(count: int) -> str:
    return f"{count:,} line" if count == 1 else f"{count:,} lines"


def left_out(pasted: Pasted) -> Sequence[str]:
    """Describe how much of a text was recognized, and list the lines that weren't."""
    said = [f"{_lines(pasted.understood)} understood; processes: {len(pasted.processes)}"]
    if pasted.left_out_count:
        said.append(f"{_lines(pasted.left_out_count)} left out:")
        said += [f"{each.number}: {each.text[:_LINE_SHOWN]}" for each in pasted.left_out[:_LINES_SHOWN]]
    return said
