"""/proc read a second time, by the plainest code there is, to hold our reading against."""

import json
from pathlib import Path
from typing import Any

from mmexplorer.kernel.machine import page_size
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import snake
from mmexplorer.present.json.maps import maps_document
from tests.support.live import address_space

_NAME_COLUMN = 73
_ATTEMPTS = 10


def proc(pid: int, name: str) -> bytes:
    """Read a file of a process."""
    return (Path("/proc") / str(pid) / name).read_bytes()


def our_document(pid: int) -> dict[str, Any] | Unavailable:
    """Give what `maps --json` prints, read back."""
    space = address_space(pid)
    if isinstance(space, Unavailable):
        return space
    document: dict[str, Any] = json.loads("".join(maps_document(space, page_size(), "live", 0.0)))
    return document


def as_maps_lines(document: dict[str, Any]) -> list[str]:
    """Write our regions as the kernel does."""
    return [_line(region) for region in document["regions"]]


def _line(region: dict[str, Any]) -> str:
    start, end, offset = (int(region[name], 16) for name in ("start", "end", "offset"))
    head = f"{start:08x}-{end:08x} {region['perms']} {offset:08x} {region['dev']} {region['inode']} "
    name = region["path"] + (" (deleted)" if region["deleted"] else "")
    return head.ljust(_NAME_COLUMN) + name if name else head


def kernel_maps_lines(text: bytes) -> list[str]:
    """Give the kernel's rows with the escape for bytes that our JSON has."""
    return [line.decode("utf-8", "backslashreplace") for line in text.split(b"\n")[:-1]]


def kernel_counters(text: bytes) -> list[dict[str, Any]]:
    """Give the counters of smaps, line by line."""
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


def stable_look(pid: int, name: str) -> tuple[bytes, dict[str, Any]] | None:
    """Give /proc/PID/`name` and our document of the same moment; None if the process ended or never held still."""
    for _ in range(_ATTEMPTS):
        try:
            before = proc(pid, name)
            document = our_document(pid)
            if proc(pid, name) == before and not isinstance(document, Unavailable):
                return before, document
        except (FileNotFoundError, ProcessLookupError):
            return None
    return None
