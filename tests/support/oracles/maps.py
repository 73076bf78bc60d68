"""A second, minimal reader of /proc, to compare ours with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmexplorer.kernel.machine import page_size
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import snake
from mmexplorer.present.json.maps import maps_document
from tests.support.live import address_space

_NAME_COLUMN = 73
_ATTEMPTS = 100
_NOT_OF_SMAPS = frozenset(
    ("start", "end", "perms", "offset", "dev", "inode", "path", "deleted", "kind", "segment", "unavailable")
)


def proc(pid: int, name: str) -> bytes:
    """Read a file of a process."""
    return (Path("/proc") / str(pid) / name).read_bytes()


def our_document(pid: int) -> dict[str, Any] | Unavailable:
    """Return the output of `maps --json`, parsed."""
    space = address_space(pid)
    if isinstance(space, Unavailable):
        return space
    document: dict[str, Any] = json.loads("".join(maps_document(space, page_size(), "live", 0.0)))
    return document


def as_maps_lines(document: dict[str, Any]) -> list[str]:
    """Return our regions as the kernel writes them."""
    return [_line(region) for region in document["regions"]]


def _line(region: dict[str, Any]) -> str:
    start, end, offset = (int(region[name], 16) for name in ("start", "end", "offset"))
    head = f"{start:08x}-{end:08x} {region['perms']} {offset:08x} {region['dev']} {region['inode']} "
    name = region["path"] + (" (deleted)" if region["deleted"] else "")
    return head.ljust(_NAME_COLUMN) + name if name else head


def kernel_maps_lines(text: bytes) -> list[str]:
    """Return the kernel's lines, with bytes escaped as in our JSON."""
    return [line.decode("utf-8", "backslashreplace") for line in text.split(b"\n")[:-1]]


def kernel_counters(text: bytes) -> list[dict[str, Any]]:
    """Return the counters of smaps, line by line."""
    records: list[dict[str, Any]] = []
    for line in text.decode("utf-8", "backslashreplace").split("\n")[:-1]:
        name, colon, rest = line.partition(":")
        if not colon or not name[0].isupper():
            records.append({})
        elif name == "VmFlags":
            records[-1]["vm_flags"] = rest.split()
        elif name == "Size":
            records[-1]["size"] = int(rest.split()[0]) * 1024
        else:
            records[-1][snake(name)] = int(rest.split()[0]) * (1024 if rest.endswith(" kB") else 1)
    return records


def smaps_counters(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what only smaps provides of our regions."""
    return [
        {name: value for name, value in region.items() if name not in _NOT_OF_SMAPS and value is not None}
        for region in document["regions"]
    ]


def equal_look(
    pid: int, name: str, theirs: Callable[[bytes], list[Any]], ours: Callable[[dict[str, Any]], list[Any]]
) -> dict[str, Any] | None:
    """Return our document from a moment at which /proc/PID/`name` agrees; fail if many readings never agree.

    Equal readings of the kernel before and after aren't enough: other processes' mappings, which Pss depends on, may
    have come and gone in between. Return None if the process ended, or never held still.
    """
    unequal: tuple[list[Any], list[Any]] | None = None
    for _ in range(_ATTEMPTS):
        try:
            before = proc(pid, name)
            document = our_document(pid)
            after = proc(pid, name)
        except (FileNotFoundError, ProcessLookupError):
            return None
        if isinstance(document, Unavailable):
            continue
        found = ours(document)
        if found in (theirs(before), theirs(after)):
            return document
        if before == after:
            unequal = found, theirs(before)
    if unequal is not None:
        assert unequal[0] == unequal[1], pid
    return None
