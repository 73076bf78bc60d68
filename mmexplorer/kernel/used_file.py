"""The file whose users are to be found: given by name, or by a region that maps it."""

import os

from mmexplorer.kernel.elf.mapped_file import open_mapped
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.file_identity import identity_in_maps, identity_of
from mmexplorer.kernel.files import Inode, open_regular
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.remote.opener import no_answer
from mmexplorer.model.process.users import CachedPages, UsedFile
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

_NO_FILE = Unavailable(Cause.UNSUPPORTED, "no file is behind this region: only a fork can share it")


class Asked(NamedTuple):
    """A file, and how much of it is cached."""

    file: UsedFile
    cached: CachedPages | Unavailable


def file_at(path: str) -> Asked | Unavailable:
    """Return the file at `path`. Anything but a regular file isn't opened, as that might block or wake a device."""
    unanswered = no_answer(path)
    if unanswered is not None:
        return unanswered
    identity = identity_of(path)
    if identity is None:
        return _why(path)
    opened = open_regular(path, "a file with pages in the page cache")
    if isinstance(opened, Unavailable):
        return Asked(UsedFile(path, _as_in_maps(identity), identity), opened)
    with opened:
        return Asked(UsedFile(path, _mapped(path, identity), identity), opened.cached())


def file_behind(procfs: LiveProcfs, pid: int, region: Region) -> Asked | Unavailable:
    """Return the file that a region of `pid` maps, whatever happened to its names; shared memory counts as a file."""
    if region.file is None:
        return _NO_FILE
    entry = procfs.path(f"{pid}/map_files/{region.start:x}-{region.end:x}")
    identity = identity_of(entry) or _as_stat(region.file)
    file = UsedFile(region.path, region.file, identity, region.deleted)
    opened = open_mapped(procfs, pid, [region])
    if isinstance(opened, Unavailable):
        return Asked(file, opened)
    with opened:
        return Asked(file, opened.cached())


def _why(path: str) -> Unavailable:
    try:
        os.stat(path)  # noqa: PTH116 - the name may not be text a Path can hold
    except OSError as error:
        return unavailable(error)
    except ValueError:
        return Unavailable(Cause.GONE, "no name of a file")
    return Unavailable(Cause.GONE, "no such file")


def _mapped(path: str, identity: Inode) -> FileId:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return _as_in_maps(identity)
    try:
        return identity_in_maps(descriptor) or _as_in_maps(identity)
    finally:
        os.close(descriptor)


def _as_in_maps(identity: Inode) -> FileId:
    return FileId(f"{os.major(identity[0]):02x}:{os.minor(identity[0]):02x}", identity[1])


def _as_stat(file: FileId) -> Inode:
    major, minor = (int(part, 16) for part in file.dev.split(":"))
    return os.makedev(major, minor), file.inode
