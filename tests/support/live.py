"""The real readers, on the live /proc or on a directory in its place."""

from collections.abc import Sequence
from pathlib import Path

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.process.find import process_key
from mmexplorer.kernel.process.layout import read_layout
from mmexplorer.kernel.process.live_source import LiveSource
from mmexplorer.kernel.process.maps import MapsReader
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable


def live_source(root: str | Path = "/proc") -> LiveSource:
    """Return a source that reads below `root`."""
    procfs = LiveProcfs(str(root))
    return LiveSource(procfs, ElfCache(procfs))


def key_of(pid: int) -> ProcessKey:
    """Return the key of an existing process."""
    key = process_key(LiveProcfs(), str(pid))
    assert isinstance(key, ProcessKey)
    return key


def address_space(pid: int) -> AddressSpace | Unavailable:
    """Read a process once."""
    procfs = LiveProcfs()
    return read_address_space(procfs, ElfCache(procfs), pid, Request(counters_now=True))


def live_layout(pid: int, regions: Sequence[Region]) -> Layout:
    """Match the regions of a process to the files behind them."""
    procfs = LiveProcfs()
    return read_layout(procfs, ElfCache(procfs), pid, regions)[0]


def maps_reader() -> MapsReader:
    """Return a reader of maps."""
    procfs = LiveProcfs()
    return MapsReader(procfs, ElfCache(procfs))
