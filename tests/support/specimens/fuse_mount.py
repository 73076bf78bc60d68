"""A FUSE file system that answers until it is told not to."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from tests.support.specimens.children import child, code, ready_line, say

_MNT_DETACH = 2
_MAP = """
import mmap
with open({path!r}, "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
mapped[0]
print(flush=True)
input()
"""


@dataclass(frozen=True)
class FuseMount:
    """A mounted file system with one file."""

    folder: Path
    server: Popen[str]

    @property
    def file(self) -> Path:
        """Its file."""
        return self.folder / "lib.so"

    def stop(self, how: str = "wait") -> None:
        """Stop answering; with "read" it still accepts requests, so that the processes waiting can't even be killed."""
        say(self.server, how)

    def end(self) -> None:
        """Kill the server: requests pending and from now on get ENOTCONN."""
        self.server.kill()
        self.server.wait()


@contextlib.contextmanager
def fuse_mount(folder: Path, content: Path = Path(sys.executable)) -> Iterator[FuseMount]:
    """Mount a file system whose file `lib.so` has the bytes of `content`; needs root and /dev/fuse."""
    folder.mkdir()
    with child(str(Path(__file__).with_name("fuse_server.py")), str(folder), str(content)) as server:
        try:
            assert ready_line(server) == "\n", "the file system could not be mounted"
            yield FuseMount(folder, server)
        finally:
            server.kill()
            server.wait()
            ctypes.CDLL(None).umount2(str(folder).encode(), _MNT_DETACH)


@contextlib.contextmanager
def mapper(mount: FuseMount) -> Iterator[Popen[str]]:
    """Run a process that maps the file. The file system ends first, because closing its file would wait for it."""
    with code(_MAP.format(path=str(mount.file))) as process:
        try:
            yield process
        finally:
            mount.end()
