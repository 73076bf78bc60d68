"""Records of a perf ring buffer: `perf_event_open(2)`, "Layout of the mmap buffer"; linux/perf_event.h."""

import struct
from collections.abc import Iterator

from mmexplorer.model.memory.faults import FaultSample, MappingEvent

_HEADER = struct.Struct("=IHH")
_SAMPLE = struct.Struct("=QIIQQQ")
"""ip, pid, tid, time, addr and the length of the call chain that follows: the layout for `SAMPLE_TYPE`."""
_MMAP2 = struct.Struct("=IIQQQIIQQII")
_LOST = struct.Struct("=QQ")
_ID = struct.Struct("=IIQ")
"""pid, tid, time: appended to other records by `sample_id_all`."""

SAMPLE_TYPE = 0x2F
"""IP, TID, TIME, ADDR, CALLCHAIN."""
_RECORD_LOST, _RECORD_SAMPLE, _RECORD_MMAP2, _RECORD_LOST_SAMPLES = 2, 9, 10, 13
_CONTEXTS = (1 << 64) - 4096
"""Call-chain addresses from here on are markers for the part that follows (PERF_CONTEXT_USER)."""

Record = FaultSample | MappingEvent | int


def parse_records(data: bytes) -> Iterator[Record]:
    """Yield the samples and mappings, and a number for each record that reports lost ones.

    Other records are skipped; a truncated one ends the data.
    """
    position = 0
    while position + _HEADER.size <= len(data):
        kind, _, size = _HEADER.unpack_from(data, position)
        if size < _HEADER.size or position + size > len(data):
            return
        record = _record(kind, data[position + _HEADER.size : position + size])
        if record is not None:
            yield record
        position += size


def _record(kind: int, body: bytes) -> Record | None:
    if kind == _RECORD_SAMPLE and len(body) >= _SAMPLE.size:
        return _sample(body)
    if kind == _RECORD_MMAP2 and len(body) >= _MMAP2.size + _ID.size:
        return _mapping(body)
    if kind == _RECORD_LOST and len(body) >= _LOST.size:
        return int(_LOST.unpack_from(body)[1])
    if kind == _RECORD_LOST_SAMPLES and len(body) >= 8:  # noqa: PLR2004 - a 64-bit number
        return int.from_bytes(body[:8], "little")
    return None


def _sample(body: bytes) -> FaultSample:
    ip, _, tid, time, address, count = _SAMPLE.unpack_from(body)
    whole = min(count, (len(body) - _SAMPLE.size) // 8)
    chain = struct.unpack_from(f"={whole}Q", body, _SAMPLE.size)
    frames = tuple(frame for frame in chain if frame < _CONTEXTS)
    return FaultSample(address, ip, tid, time, frames[1:] if frames[:1] == (ip,) else frames)


def _mapping(body: bytes) -> MappingEvent:
    _, tid, address, size, _, _, _, _, _, prot, flags = _MMAP2.unpack_from(body)
    path = body[_MMAP2.size : -_ID.size].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
    return MappingEvent(tid, _ID.unpack_from(body, len(body) - _ID.size)[2], address, size, prot, flags, path)
