"""Identifies files without asking their file system, which may not respond."""

import ctypes
import os
import struct
from collections.abc import Callable

from mmexplorer.kernel.files import Inode
from mmexplorer.model.region import FileId
from mmexplorer.parse.process.maps import parse_maps

_AT_STATX_DONT_SYNC = 0x4000
_STATX_INO = 0x100
_AT_FDCWD = -100
_INO_AT = 32
_DEV_AT = 136
"""Offsets in `struct statx` (`statx(2)`)."""
_SIZE = 256
_ONE = struct.Struct("=Q")
_TWO = struct.Struct("=II")
_PROT_NONE = 0
_MAP_PRIVATE = 2
_FAILED = ctypes.c_void_p(-1).value


def identifier() -> Callable[[int, bytes], Inode | None]:
    """Return a function that gives device and inode of a name in an open directory, following links; None if it can't.

    The kernel's cached answer is used: a network or FUSE file system might know better but is never asked.
    """
    statx = ctypes.CDLL(None).statx
    statx.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)
    buffer = ctypes.create_string_buffer(_SIZE)
    address = ctypes.addressof(buffer)

    def identify(folder: int, name: bytes) -> Inode | None:
        if statx(folder, name, _AT_STATX_DONT_SYNC, _STATX_INO, address):
            return None
        return os.makedev(*_TWO.unpack_from(buffer, _DEV_AT)), _ONE.unpack_from(buffer, _INO_AT)[0]

    return identify


def identity_of(path: str) -> Inode | None:
    """Return device and inode of the file at `path`."""
    return identifier()(_AT_FDCWD, os.fsencode(path))


def identity_in_maps(descriptor: int) -> FileId | None:
    """Return device and inode as in maps: on btrfs the device differs from stat's.

    Found by mapping a page of the file, which reads nothing of it; None if that fails.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
    libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    address = libc.mmap(None, page, _PROT_NONE, _MAP_PRIVATE, descriptor, 0)
    if address == _FAILED:
        return None
    try:
        with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - our own process, whatever the source
            regions = parse_maps(maps.read()).regions
    finally:
        libc.munmap(address, page)
    return next((region.file for region in regions if region.start <= address < region.end), None)
