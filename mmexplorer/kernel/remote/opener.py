"""Opens the files behind regions where blocking does no harm."""

from mmexplorer.kernel import files, files_below
from mmexplorer.kernel.files import Inode, OpenFile
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.remote.mounts import Remote, remote, remote_at
from mmexplorer.model.region import Region
from mmexplorer.model.typed import TYPE_CHECKING, Protocol
from mmexplorer.model.unavailable import Cause, Unavailable

if TYPE_CHECKING:  # most machines never need it
    from mmexplorer.kernel.remote.helper import Helper


class Opener(Protocol):
    """Opens and identifies files."""

    def open(self, path: str, root: str | None = None) -> OpenFile | Unavailable:
        """Open the regular file at `path`, as seen by a process whose root directory is `root`."""
        ...

    def inode(self, path: str, root: str | None = None) -> Inode | None:
        """Return the device and inode of the file at `path`, or below `root`; None if unavailable."""
        ...


def opener_for(procfs: Procfs, pid: int, region: Region) -> Opener:
    """Return the opener for the file behind a region of `pid`: this process, or one that can wait."""
    return _opener_on(remote(procfs, pid, region))


def opener_at(path: str) -> Opener:
    """Return the opener for a file named by the user."""
    return _opener_on(remote_at(LiveProcfs(), path))


def open_named(path: str, wanted: str = "an ELF file") -> OpenFile | Unavailable:
    """Open the regular file at `path`, following links; `wanted` says what it should be. Never blocks forever."""
    opener = opener_at(path)
    return files.open_regular(path, wanted) if isinstance(opener, _Local) else opener.open(path)


def no_answer(path: str) -> Unavailable | None:
    """Return the reason if the file system of a file named by the user doesn't respond; None if it does."""
    opener = opener_at(path)
    if isinstance(opener, _Local):
        return None
    opened = opener.open(path)
    if isinstance(opened, Unavailable):
        return opened if opened.cause is Cause.NO_ANSWER else None
    opened.close()
    return None


def _opener_on(on: Remote | None) -> Opener:
    if on is None:
        return _Local()
    from mmexplorer.kernel.remote.helper import helper_for  # noqa: PLC0415 - most machines never need it

    return _Remote(helper_for(on))


class _Local:
    def open(self, path: str, root: str | None = None) -> OpenFile | Unavailable:
        return files.open_regular(path) if root is None else files_below.open_below(root, path)

    def inode(self, path: str, root: str | None = None) -> Inode | None:
        return files.inode_of(path) if root is None else files_below.inode_below(root, path)


class _Remote:
    def __init__(self, helper: "Helper") -> None:
        self._helper = helper

    def open(self, path: str, root: str | None = None) -> OpenFile | Unavailable:
        return self._helper.open(path, root)

    def inode(self, path: str, root: str | None = None) -> Inode | None:
        try:
            return self._helper.inode(path, root)
        except OSError:
            return None
