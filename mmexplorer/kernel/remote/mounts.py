"""Which files may block their readers: those on a file system served by a program or over a network.

A dead NFS server, or a stopped FUSE program, blocks even open(O_PATH) and stat(2), and a thread waiting for a FUSE
program can't even be killed. Files on the machine's own file systems are opened directly.
"""

import os
import time
from functools import lru_cache

from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.region import Region
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.process.mountinfo import Mount, parse_mountinfo

_OWN = frozenset(
    (
        "bcachefs",
        "btrfs",
        "cramfs",
        "devtmpfs",
        "erofs",
        "exfat",
        "ext2",
        "ext3",
        "ext4",
        "f2fs",
        "hugetlbfs",
        "iso9660",
        "jfs",
        "minix",
        "msdos",
        "nilfs2",
        "ntfs3",
        "overlay",
        "proc",
        "ramfs",
        "reiserfs",
        "rootfs",
        "squashfs",
        "sysfs",
        "tmpfs",
        "ubifs",
        "udf",
        "ufs",
        "vfat",
        "xfs",
        "zfs",
    )
)
"""Types served by the kernel from memory or from a disk of this machine."""
_NAMES = {"nfs4": "NFS", "cifs": "SMB", "smb3": "SMB", "fuseblk": "FUSE"}
_UNKNOWN = "a file system that is not mounted here"
_FRESH_SECONDS = 2
_LINKS_AT_MOST = 40
"""As many as the kernel follows (`path_resolution(7)`)."""


class Remote(NamedTuple):
    """A file system that may not respond."""

    device: tuple[int, int]
    name: str
    """Its name in messages: "FUSE mount /x"."""


def remote(procfs: Procfs, pid: int, region: Region) -> Remote | None:
    """Return the file system of the file behind a region of `pid`, or of a folder above it, if it may not respond."""
    known = _mounts(procfs, pid)
    if not known:
        return None
    device = _device(region)
    on = next((mount for mount in known if mount.device == device), None)
    if on is None and not _nobodys(device, known):
        return Remote(device, _UNKNOWN)
    around = next((mount for mount in known if mount.kind not in _OWN and _holds(mount, region.path)), None)
    return _remote(on if on is not None and on.kind not in _OWN else around)


def remote_at(procfs: Procfs, path: str) -> Remote | None:
    """Return the file system of the file at `path` if it may not respond. Follows links where that can't block."""
    foreign = [mount for mount in _own_mounts(procfs) if mount.kind not in _OWN and mount.point != "/"]
    if not foreign:
        return None
    parts, at, links = os.path.abspath(path).split("/"), "", 0  # noqa: PTH100 - a Path must be text
    while parts and links < _LINKS_AT_MOST:
        part = parts.pop(0)
        at = _step(at, part)
        on = next((mount for mount in foreign if mount.point == at or _holds(mount, at)), None)
        if on is not None:
            return _remote(on)
        target = _link(at) if part not in ("", ".", "..") else None
        if target is not None:
            links += 1
            at = "" if target.startswith("/") else at.rpartition("/")[0]
            parts = [*target.split("/"), *parts]
    return None


def _step(at: str, part: str) -> str:
    if part in ("", "."):
        return at
    return at.rpartition("/")[0] if part == ".." else f"{at}/{part}"


def _link(path: str) -> str | None:
    """Return the target of a symbolic link; None if it isn't one."""
    try:
        return os.readlink(path)  # noqa: PTH115 - a Path must be text
    except (OSError, ValueError):
        return None


def _remote(mount: Mount | None) -> Remote | None:
    return None if mount is None else Remote(mount.device, f"{_name(mount.kind)} mount {mount.point}")


def _nobodys(device: tuple[int, int], known: tuple[Mount, ...]) -> bool:
    """Return whether a device without a mount is local: a disk, memory, or a btrfs subvolume."""
    return device[0] != 0 or device == _shared_memory() or any(mount.kind == "btrfs" for mount in known)


def _holds(mount: Mount, path: str) -> bool:
    return mount.point == "/" or path.startswith(f"{mount.point}/")


def _name(kind: str) -> str:
    return _NAMES.get(kind) or ("FUSE" if kind.startswith("fuse.") or kind == "fuse" else kind.upper())


def _device(region: Region) -> tuple[int, int]:
    major, minor = (int(part, 16) for part in region.dev.split(":"))
    return major, minor


def _mounts(procfs: Procfs, pid: int) -> tuple[Mount, ...]:
    """Return the mounts visible to the process, then ours; empty if /proc doesn't show them."""
    return _read(procfs, f"{pid}/mountinfo", _age()) + _own_mounts(procfs)


def _own_mounts(procfs: Procfs) -> tuple[Mount, ...]:
    return _read(procfs, "self/mountinfo", _age())


def _age() -> int:
    return int(time.monotonic() / _FRESH_SECONDS)


@lru_cache(maxsize=2)  # those of a process and ours: one that is kept here keeps the descriptors that it holds
def _read(procfs: Procfs, name: str, _age: int) -> tuple[Mount, ...]:
    text = procfs.read(name)
    return parse_mountinfo(text) if isinstance(text, bytes) else ()


@lru_cache(maxsize=1)
def _shared_memory() -> tuple[int, int] | None:
    """Return the device of memfd, System V shared memory and /dev/zero, which isn't mounted anywhere."""
    try:
        descriptor = os.memfd_create("mmexplorer", os.MFD_CLOEXEC)
    except OSError:
        return None
    device = os.fstat(descriptor).st_dev
    os.close(descriptor)
    return os.major(device), os.minor(device)
