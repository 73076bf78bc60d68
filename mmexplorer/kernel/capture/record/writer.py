"""Writes a capture; each moment is a single write, so that being killed loses only the last one."""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress

from mmexplorer.kernel.capture.container.archive import BUNDLE, MANIFEST, MOMENT
from mmexplorer.kernel.capture.container.tar_format import make_tar
from mmexplorer.kernel.capture.container.zip_format import (
    LARGEST_FILE,
    Packed,
    directory,
    directory_record,
    directory_size,
    local_record,
    pack,
)
from mmexplorer.kernel.capture.record.recorder import Places, Recorded
from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.capture.moments import Manifest
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.capture import manifest_json, moment_json

_SMALL = 1 << 11
_MANY = 16
"""Files up to `_SMALL` bytes share an entry if a moment has more than `_MANY` of them."""

FULL = Unavailable(Cause.NOT_READ, "the capture has reached its largest size")
"""Returned by `add` when there is no room for another moment."""


class CaptureWriter:
    """An open capture. Never raises OSError; returns a sentence when no more can be written."""

    def __init__(self, path: str, descriptor: int, manifest: Manifest, max_size: int) -> None:
        """`descriptor` is that of the file at `path`."""
        self._path = path
        self._descriptor = descriptor
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        """Whether it isn't a device, such as /dev/full."""
        self._manifest = manifest
        self._max_size = min(max_size, LARGEST_FILE)
        self._records: list[bytes] = []
        self._records_size = 0
        self._places = Places()
        self.size = 0
        """Bytes written."""
        self.moments = 0
        """How many moments it contains."""

    def begin(self) -> Unavailable | None:
        """Write the manifest."""
        return self._append([pack(MANIFEST, manifest_json(self._manifest))])

    def add(self, recorded: Recorded) -> Unavailable | None:
        """Write a moment; FULL, with nothing written, if that would exceed the maximum size."""
        number = self.moments
        moment = self._places.told_by(recorded, number)
        files = [pack(f"{number:06}/{name}", content) for name, content in _bundled(recorded.contents).items()]
        refused = self._append([*files, pack(f"{number:06}/{MOMENT}", moment_json(moment))])
        if refused is None:
            self.moments += 1
        return refused

    def close(self) -> Unavailable | None:
        """Write the directory, so that other programs can list the file, and wait until everything is on disk.

        A file without a moment is removed.
        """
        if not self.moments:
            self.remove()
            return None
        try:
            ending = directory(self._records, self.size)
            self._write(ending)
            self.size += len(ending)
            if self._is_file:  # /dev/null can't be synchronized: fsync(2), EINVAL
                os.fsync(self._descriptor)
        except OSError as error:
            return unavailable(error)
        finally:
            os.close(self._descriptor)
        return None

    def remove(self) -> None:
        """Close the file and remove it, unless another is at its path by now: nothing can be shown of it."""
        with suppress(OSError):
            if self._is_file and os.path.samestat(os.lstat(self._path), os.fstat(self._descriptor)):
                os.unlink(self._path)  # noqa: PTH108 - as in the rest of this file
        os.close(self._descriptor)

    def _append(self, packed: list[Packed]) -> Unavailable | None:
        offset = self.size
        pieces, records = [], []
        for each in packed:
            records.append(directory_record(each, offset))
            pieces.append(local_record(each))
            offset += len(pieces[-1])
        records_size = self._records_size + sum(map(len, records))
        if offset + directory_size(records_size) > self._max_size:
            return FULL
        try:
            self._write(b"".join(pieces))
        except OSError as error:
            self._forget_rest()
            return unavailable(error)
        self.size = offset
        self._records += records
        self._records_size = records_size
        return None

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def _forget_rest(self) -> None:
        """Remove a moment that was partly written to a full disk, so that the next one follows directly."""
        if self._is_file:
            os.ftruncate(self._descriptor, self.size)
            os.lseek(self._descriptor, self.size, os.SEEK_SET)


def create(path: str, manifest: Manifest, max_size: int, *, force: bool = False) -> CaptureWriter | Unavailable:
    """Create the file, readable by its owner only; overwrite an existing one only with `force`."""
    descriptor = _open(path, force=force)
    if isinstance(descriptor, Unavailable):
        return descriptor
    writer = CaptureWriter(path, descriptor, manifest, max_size)
    refused = writer.begin()
    if refused is None:
        return writer
    writer.remove()
    return refused


def _open(path: str, *, force: bool) -> int | Unavailable:
    """Open a file or a device, without waiting for the reader of a FIFO, which is refused."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags | (os.O_TRUNC if force else os.O_EXCL), 0o600)
    except OSError as error:
        return _refusal(path, error)
    mode = os.fstat(descriptor).st_mode
    refused = _unsuited(mode)
    if refused is not None:
        os.close(descriptor)
        return refused
    os.set_blocking(descriptor, True)
    if stat.S_ISREG(mode):
        with suppress(OSError):  # another user's file keeps its mode
            os.fchmod(descriptor, 0o600)
    return descriptor


def _refusal(path: str, error: OSError) -> Unavailable:
    with suppress(OSError):
        refused = _unsuited(os.lstat(path).st_mode)
        if refused is not None:
            return refused
    if isinstance(error, FileExistsError):
        return Unavailable(Cause.UNSUPPORTED, "it is there already", "--force writes over it")
    return unavailable(error)


def _unsuited(mode: int) -> Unavailable | None:
    """Say why something that exists isn't written to, with `force` neither, by its type."""
    if stat.S_ISLNK(mode):
        return Unavailable(Cause.UNSUPPORTED, "it is a symbolic link, which isn't followed")
    if stat.S_ISFIFO(mode):
        return Unavailable(Cause.UNSUPPORTED, "it is a FIFO, which keeps nothing")
    return Unavailable(Cause.UNSUPPORTED, "it is a socket, which keeps nothing") if stat.S_ISSOCK(mode) else None


def _bundled(contents: Mapping[str, bytes]) -> Mapping[str, bytes]:
    small = {name: content for name, content in contents.items() if len(content) <= _SMALL}
    if len(small) <= _MANY:
        return contents
    return {name: content for name, content in contents.items() if name not in small} | {BUNDLE: make_tar(small)}
