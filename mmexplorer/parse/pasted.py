"""maps and smaps as people send them: quoted in mails, logs or crash reports, truncated, several in a row.

Recognized are lines of `proc_pid_maps(5)` and counters of `proc_pid_smaps(5)` at any position in a line, the memory map
of an Android tombstone (`12c00000-12dfffff rw- 0 200000 /x`, where the last address is inclusive) and that of the
sanitizers (`0x400000-0x4cd000 /x`, whose missing permissions become `????`). Anything else is left out.
"""

import re
from collections.abc import Iterator

from mmexplorer.model.value import NamedTuple, field, mutable

_ANSI = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
_TICK = re.compile(rb"(?<=[0-9a-f])['`](?=[0-9a-f]{8})")
"""Between the halves of a 64-bit address, as in Android."""
_ROW = rb"(?<![0-9a-zA-Z])(?:0x)?([0-9a-f]{4,16})-(?:0x)?([0-9a-f]{4,16})"
_MAPS = re.compile(
    _ROW
    + rb" +([r?-][w?-][x?-][sp?]) +(?:0x)?([0-9a-f]{1,16}) +([0-9a-f]{2,8}:[0-9a-f]{2,8}) +([0-9]{1,20})(?: +(.*))?$"
)
_TOMBSTONE = re.compile(_ROW + rb" +([r-][w-][x-]) +([0-9a-f]{1,16}) +([0-9a-f]{1,16})(?: +(.*))?$")
_TOMBSTONE_NOTE = re.compile(rb" +\((?:BuildId: |load (?:base|bias) )[^)]*\)")
_SANITIZER = re.compile(rb"(?<![0-9a-zA-Z])0x([0-9a-f]{4,16})-0x([0-9a-f]{4,16})(?: +(/.*)?)?$")
_COUNTER = re.compile(rb"(?<![\w:])([A-Z][A-Za-z]+(?:_[A-Za-z]+)*): *([0-9]{1,17})( kB)? *$")
_FLAGS = re.compile(rb"(?<!\w)VmFlags:((?: (?:[a-z]{2}|\?\?))*) *$")
_COUNTERS = frozenset(
    b"Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean Private_Dirty"
    b" Referenced Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped Shared_Hugetlb Private_Hugetlb"
    b" Swap SwapPss Locked THPeligible ProtectionKey".split()
)
_WRAPPED = re.compile(rb"[\s>|]*((?:/|\[)[^\n]*)$")
"""A region's name alone on a line, because a mail program wrapped the line."""
_LABEL = re.compile(rb"/proc/([0-9]{1,9})/(?:s?maps)\b|(?<![\w])[Pp](?:id|ID)[:= ] *([0-9]{1,9})\b")
_LEFT_OUT_AT_MOST = 1000


class LeftOut(NamedTuple):
    """A line that wasn't recognized."""

    number: int
    """From 1."""
    text: str
    """Undecodable bytes as surrogates; not cleaned."""


class PastedProcess(NamedTuple):
    """What the text contains about one process, in /proc's format."""

    pid: int | None
    """None if the text doesn't say."""
    maps: bytes
    smaps: bytes
    """Empty if there were no counters."""


class Pasted(NamedTuple):
    """The result of parsing a text, as far as it was understood."""

    processes: tuple[PastedProcess, ...]
    understood: int
    """How many lines."""
    left_out: tuple[LeftOut, ...]
    """The first thousand, without empty lines."""
    left_out_count: int


@mutable
class _Region:
    start: int
    head: bytes
    """The line without its name."""
    name: bytes = b""
    counters: list[bytes] = field(default_factory=list)

    @property
    def line(self) -> bytes:
        return b"%s %s" % (self.head, self.name) if self.name else self.head + b" "


@mutable
class _Process:
    pid: int | None = None
    regions: list[_Region] = field(default_factory=list)
    end: int = 0

    @property
    def heads(self) -> list[bytes]:
        return [region.head for region in self.regions]


def parse_pasted(data: bytes) -> Pasted:
    """Parse a text; no processes if nothing was recognized."""
    reader = _Reader()
    for number, raw in enumerate(data.split(b"\n"), 1):
        reader.take(number, raw)
    return reader.result()


def looks_like_maps(head: bytes) -> bool:
    """Return whether a text that starts like this contains a line of maps."""
    return any(_region(_plain(line)) for line in head.split(b"\n"))


class _Reader:
    """Reads line by line."""

    def __init__(self) -> None:
        self._processes: list[_Process] = []
        self._label: int | None = None
        self._pending: _Region | None = None
        """A region whose name may be on the next line."""
        self._understood = 0
        self._left_out: list[LeftOut] = []
        self._left_out_count = 0

    def take(self, number: int, raw: bytes) -> None:
        if not raw or raw.isspace():
            return
        line = _plain(raw)
        if not line.strip():
            return
        if self._understand(line):
            self._understood += 1
            return
        self._left_out_count += 1
        if len(self._left_out) < _LEFT_OUT_AT_MOST:
            self._left_out.append(LeftOut(number, raw.rstrip(b"\r").decode("utf-8", "surrogateescape")))

    def result(self) -> Pasted:
        processes = [_written(process) for process in _merged(self._processes)]
        return Pasted(tuple(processes), self._understood, tuple(self._left_out), self._left_out_count)

    def _understand(self, line: bytes) -> bool:
        pending, self._pending = self._pending, None
        found = _region(line)
        if found is not None:
            self._add(*found)
            return True
        if self._counter(line):
            return True
        label = _LABEL.search(line)
        if label is not None:
            self._label = int(label[1] or label[2])
            return True
        wrapped = _WRAPPED.match(line)
        if pending is not None and wrapped is not None:
            pending.name = wrapped[1].rstrip(b" ")
            return True
        return False

    def _add(self, region: _Region, end: int) -> None:
        process = self._processes[-1] if self._processes else None
        if process is None or region.start < process.end or self._label not in (None, process.pid):
            process = _Process(self._label)
            self._processes.append(process)
        self._label = process.pid
        process.regions.append(region)
        process.end = end
        self._pending = None if region.name else region

    def _counter(self, line: bytes) -> bool:
        if not self._processes:
            return False
        counters = self._processes[-1].regions[-1].counters
        flags = _FLAGS.search(line)
        if flags is not None:
            counters.append(b"VmFlags:" + flags[1])
            return True
        found = _COUNTER.search(line)
        if found is None or found[1] not in _COUNTERS:
            return False
        counters.append(b"%s: %s%s" % (found[1], found[2], found[3] or b""))
        return True


def _plain(raw: bytes) -> bytes:
    """Remove what terminals and mail programs add."""
    line = raw.rstrip(b"\r")
    if b"\x1b" in line:
        line = _ANSI.sub(b"", line)
    if b"'" in line or b"`" in line:
        line = _TICK.sub(b"", line)
    return line.replace(b"\t", b" ")


def _region(line: bytes) -> tuple[_Region, int] | None:
    """Read a row in any format; return it with the first address after it."""
    if b"-" not in line:
        return None
    found = _MAPS.search(line)
    if found is not None:
        start, end, perms, offset, dev, inode, name = found.groups()
        rest = b"%s %08x %s %s" % (perms, int(offset, 16), dev, inode)
        return _checked(int(start, 16), int(end, 16), rest, name)
    found = _TOMBSTONE.search(line)
    if found is not None:
        start, last, perms, offset, _, name = found.groups()
        path = _TOMBSTONE_NOTE.sub(b"", name or b"").rstrip(b" ")
        rest = b"%s? %08x 00:00 0" % (perms, int(offset, 16))
        return _checked(int(start, 16), int(last, 16) + 1, rest, path)
    found = _SANITIZER.search(line)
    if found is not None:
        start, end, name = found.groups()
        return _checked(int(start, 16), int(end, 16), b"???? 00000000 00:00 0", name)
    return None


def _checked(start: int, end: int, rest: bytes, name: bytes | None) -> tuple[_Region, int] | None:
    if not start < end <= 1 << 64:
        return None
    return _Region(start, b"%08x-%08x %s" % (start, end, rest), name or b""), end


def _merged(processes: list[_Process]) -> Iterator[_Process]:
    """Merge maps and smaps of the same process if one follows the other."""
    before: _Process | None = None
    for process in processes:
        if before is not None and before.heads == process.heads and before.pid in (None, process.pid):
            if any(region.counters for region in process.regions):
                before.regions = process.regions
            before.pid = process.pid
            continue
        if before is not None:
            yield before
        before = process
    if before is not None:
        yield before


def _written(process: _Process) -> PastedProcess:
    maps = b"".join(region.line + b"\n" for region in process.regions)
    records = (b"\n".join([region.line, *region.counters]) + b"\n" for region in process.regions if region.counters)
    return PastedProcess(process.pid, maps, b"".join(records))
