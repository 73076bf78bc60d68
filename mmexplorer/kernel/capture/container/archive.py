"""A capture in a file: `NAME.mmx`, or the tar sent by `mmexplorer collect`. Errors become sentences."""

import re
from collections.abc import Callable, Iterator, Sequence

from mmexplorer.kernel.capture.container.tar_format import TarEntry, is_tar, scan_tar
from mmexplorer.kernel.capture.container.zip_format import LOCAL_MAGIC, Entry, Random, scan, unpack
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.capture.moments import Manifest, Moment
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.capture import parse_manifest, parse_moment
from mmexplorer.parse.error import ParseError

MANIFEST = "manifest.json"
MOMENT = "moment.json"
BUNDLE = "small.tar"
"""A moment's files that are too small for an entry each when there are hundreds of them."""

_ENTRIES_AT_MOST = 1 << 19
_DOCUMENT_AT_MOST = 1 << 22
_CONTENT_AT_MOST = 1 << 28
"""Bytes. The smaps of 300,000 regions, five times the default of `vm.max_map_count`."""
_LACKING = Unavailable(Cause.NOT_READ, "not in the capture")
_KEPT = 1 << 24
"""Bytes of moments kept in memory, counted before parsing."""
_IN_MOMENT = re.compile(r"([0-9]{6,9})/((?:proc|files|memory|link)/[^\0]{1,4000}|moment\.json|small\.tar)")

Located = Entry | TarEntry
Value = TypeVar("Value")


class Archive:
    """Moments in a file. One without `moment.json` was not finished and doesn't count."""

    def __init__(
        self, file: Random, manifest: Manifest, moments: Sequence[dict[str, Located]], remark: Unavailable | None
    ) -> None:
        self._file = file
        self._manifest = manifest
        self._entries = moments
        self._moments: dict[int, Moment | Unavailable] = {}
        self._bundles: dict[int, _Bundle] = {}
        self._kept = 0
        self.remark = remark
        """Why the file could not be read to its end; None if it could."""

    @property
    def manifest(self) -> Manifest:
        """The machine on which the moments were recorded."""
        return self._manifest

    @property
    def lacking(self) -> Unavailable:
        """The reason for what neither a moment nor an earlier one has."""
        return _LACKING

    @property
    def forgotten(self) -> int:
        """Return 0: a file keeps all its moments."""
        return 0

    def __len__(self) -> int:
        return len(self._entries)

    def moment(self, index: int) -> Moment | Unavailable:
        """Return everything asked for at a moment."""
        known = self._moments.get(index)
        if known is None:
            entry = self._entries[index][MOMENT]
            self._make_room(entry.size)
            known = self._moments[index] = _understood(
                entry.name, _read(self._file, entry, _DOCUMENT_AT_MOST), parse_moment
            )
        return known

    def holds(self, index: int, name: str) -> bool:
        """Return whether the bytes of `name` are stored with that moment."""
        return name in self._entries[index] or name in self._bundle(index).entries

    def content(self, index: int, name: str) -> bytes | Unavailable:
        """Return those bytes."""
        entry = self._entries[index].get(name)
        if entry is not None:
            return _read(self._file, entry, _CONTENT_AT_MOST)
        bundle = self._bundle(index)
        inner = bundle.entries.get(name)
        if inner is None:
            return bundle.damage or Unavailable(Cause.NOT_READ, f"{name} was not recorded at this moment")
        return bundle.content[inner.offset : inner.offset + inner.size]

    def _bundle(self, index: int) -> "_Bundle":
        entry = self._entries[index].get(BUNDLE)
        if entry is None:
            return _NO_BUNDLE
        known = self._bundles.get(index)
        if known is None:
            self._make_room(entry.size)
            known = self._bundles[index] = _open_bundle(_read(self._file, entry, _CONTENT_AT_MOST))
        return known

    def _make_room(self, size: int) -> None:
        self._kept += size
        if self._kept > _KEPT:
            self._moments.clear()
            self._bundles.clear()
            self._kept = size


class _Bundle(NamedTuple):
    content: bytes
    entries: dict[str, TarEntry]
    damage: Unavailable | None = None


_NO_BUNDLE = _Bundle(b"", {})


def is_container(head: bytes) -> bool:
    """Return whether a file that starts like this may be a capture."""
    return head.startswith(LOCAL_MAGIC) or is_tar(head)


def open_archive(file: Random) -> Archive | Unavailable:
    """Index the file's contents."""
    try:
        return _open(file)
    except OSError as error:
        return unavailable(error)


def _open(file: Random) -> Archive | Unavailable:
    found: dict[str, Located] = {}
    by_number: dict[int, dict[str, Located]] = {}
    remark = None
    for entry in _scan(file):
        if isinstance(entry, Unavailable):
            remark = entry
        elif entry.name == MANIFEST:
            found.setdefault(MANIFEST, entry)
        elif (place := _IN_MOMENT.fullmatch(entry.name)) and ".." not in entry.name.split("/"):
            by_number.setdefault(int(place[1]), {}).setdefault(place[2], entry)
    if MANIFEST not in found:
        reason = f" ({remark})" if remark else ""
        return Unavailable(Cause.MALFORMED, f"not a capture: it has no {MANIFEST}{reason}")
    manifest = _understood(MANIFEST, _read(file, found[MANIFEST], _DOCUMENT_AT_MOST), parse_manifest)
    if isinstance(manifest, Unavailable):
        return manifest
    moments = [entries for _, entries in sorted(by_number.items()) if MOMENT in entries]
    if not moments:
        return Unavailable(Cause.MALFORMED, "a capture that ended before its first moment was written")
    return Archive(file, manifest, moments, remark)


def _scan(file: Random) -> Iterator[Located | Unavailable]:
    head = file.read(0, 1 << 9)
    return scan_tar(file, _ENTRIES_AT_MOST) if is_tar(head) else scan(file, _ENTRIES_AT_MOST)


def _read(file: Random, entry: Located, limit: int) -> bytes | Unavailable:
    if entry.size > limit:
        return Unavailable(Cause.MALFORMED, f"{entry.name} would be larger than {limit >> 10:,} KiB: not read")
    packed = entry.packed if isinstance(entry, Entry) else entry.size
    if packed > limit:
        return Unavailable(Cause.MALFORMED, f"{entry.name} is larger than {limit >> 10:,} KiB: not read")
    try:
        data = file.read(entry.offset, packed)
    except OSError as error:
        return unavailable(error)
    if len(data) < packed:
        return Unavailable(Cause.MALFORMED, f"{entry.name}: the file became shorter while it was read")
    return unpack(data, entry, limit) if isinstance(entry, Entry) else data


def _understood(
    name: str, data: bytes | Unavailable, parse: Callable[[bytes], Value | ParseError]
) -> Value | Unavailable:
    if isinstance(data, Unavailable):
        return data
    value = parse(data)
    return Unavailable(Cause.MALFORMED, f"{name}: {value.reason}") if isinstance(value, ParseError) else value


def _open_bundle(content: bytes | Unavailable) -> _Bundle:
    if isinstance(content, Unavailable):
        return _Bundle(b"", {}, content)
    entries = [entry for entry in scan_tar(Held(content), _ENTRIES_AT_MOST) if isinstance(entry, TarEntry)]
    return _Bundle(content, {entry.name: entry for entry in entries})
