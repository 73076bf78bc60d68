"""Captures built from what a test specifies."""

import errno
import os
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path

import pytest

from mmexplorer.kernel.capture.container.archive import Archive, open_archive
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.kernel.capture.record.writer import CaptureWriter, create
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.model.capture.moments import Answer, Clocks, Manifest

MANIFEST = Manifest(
    host="here",
    kernel="6.18.0",
    boot_id="b00t",
    page_size=4096,
    clock_ticks=100,
    byte_order="little",
    machine="x86_64",
    uid=1000,
    started=Clocks(1_700_000_000.0, 50.0, 60.0),
)


def clocks(second: float) -> Clocks:
    return Clocks(1_700_000_000.0 + second, 50.0 + second, 60.0 + second)


def written(path: Path, readings: Iterable[Mapping[str, Answer]], max_size: int = 1 << 30) -> CaptureWriter:
    """Write one moment per second, and close the capture."""
    writer = create(str(path), MANIFEST, max_size)
    assert isinstance(writer, CaptureWriter)
    maker = MomentMaker()
    for second, answers in enumerate(readings):
        assert writer.add(maker.make(answers, clocks(second), 0.001)) is None
    assert writer.close() is None
    return writer


def opened(data: bytes) -> Archive:
    archive = open_archive(Held(data))
    assert isinstance(archive, Archive)
    return archive


def full_from(monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    """Let the disk be full from the nth write on."""
    write, writes = os.write, count(1)

    def written(descriptor: int, data: bytes) -> int:
        if next(writes) >= nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", written)
