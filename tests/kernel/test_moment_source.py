"""Looking back on the live machine and into a file, as the screens do."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.capture.sources import open_file
from mmexplorer.kernel.process.find import process_key
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace, Snapshot
from mmexplorer.model.source import Request
from tests.support.captures import full_from
from tests.support.specimens.children import ready_line, say

_CHILD = "import mmap\nkept = []\nwhile True: print(1, flush=True); input(); kept.append(mmap.mmap(-1, 1 << 20))"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        ready_line(process)
        yield process
        process.kill()


def _map(child: subprocess.Popen[str]) -> None:
    say(child, "")
    ready_line(child)


def _space(snapshot: Snapshot) -> AddressSpace:
    assert snapshot.target is not None
    return snapshot.target


def _looked(child: subprocess.Popen[str], source: RememberingSource) -> tuple[ProcessKey, list[Snapshot]]:
    key = process_key(LiveProcfs(), str(child.pid))
    assert isinstance(key, ProcessKey)
    snapshots = []
    for _ in range(5):
        snapshots.append(source.sample(Request(target=key)))
        _map(child)
    return key, snapshots


def _open_at(path: Path) -> list[str]:
    """Find the descriptors of this process for a file, removed or not."""
    links = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return [str(link) for link in links if str(link).removesuffix(" (deleted)") == str(path)]


def _same(back: MomentSource, key: ProcessKey, snapshots: list[Snapshot]) -> None:
    for index, expected in enumerate(snapshots):
        back.show(index)
        snapshot = back.sample(Request(target=key))
        assert index == sum(each.taken_at < snapshot.taken_at for each in snapshots if each is not expected)
        assert snapshot.machine == expected.machine
        assert snapshot.processes == expected.processes
        ours, theirs = _space(snapshot), _space(expected)
        assert ours.regions == theirs.regions
        assert ours.exe == theirs.exe
        assert ours.layout == theirs.layout
        assert [back.image(key, file) for file in ours.files][:1] != []


def test_the_last_minutes_are_as_they_were(child: subprocess.Popen[str]) -> None:
    source = RememberingSource(LiveProcfs())
    key, snapshots = _looked(child, source)
    _same(MomentSource(Capture(source.recent, None)), key, snapshots)
    assert source.recent.size < (1 << 18) + 5000 * len(snapshots[-1].processes)


def test_the_last_minutes_in_a_file(child: subprocess.Popen[str], tmp_path: Path) -> None:
    source = RememberingSource(LiveProcfs())
    key, snapshots = _looked(child, source)
    path = str(tmp_path / "x.mmx")
    assert source.write_recent(path) is None
    refused = source.write_recent(path)
    assert refused is not None
    assert "--force" in str(refused)
    capture = open_file(path)
    assert isinstance(capture, Capture)
    _same(MomentSource(capture), key, snapshots)


def test_a_file_from_now_on_begins_with_all_that_is_known(child: subprocess.Popen[str], tmp_path: Path) -> None:
    source = RememberingSource(LiveProcfs())
    _, before = _looked(child, source)
    assert source.start(str(tmp_path / "x.mmx")) is None
    key, after = _looked(child, source)
    assert source.stop() is None
    capture = open_file(str(tmp_path / "x.mmx"))
    assert isinstance(capture, Capture)
    back = MomentSource(capture)
    assert len(back) == 6
    _same(back, key, [before[-1], *after])


def test_a_region_that_stays_is_the_same_object_and_an_ended_process_is_said_to_be(
    child: subprocess.Popen[str],
) -> None:
    source = RememberingSource(LiveProcfs())
    key, _ = _looked(child, source)
    child.kill()
    child.wait()
    source.sample(Request(target=key))
    back = MomentSource(Capture(source.recent, None))
    back.show(3)
    one = _space(back.sample(Request(target=key)))
    back.show(4)
    other = _space(back.sample(Request(target=key)))
    assert len({id(region) for region in one.regions} & {id(region) for region in other.regions}) > 20
    back.show(99)
    gone = _space(back.sample(Request(target=key)))
    assert gone.unavailable is not None
    assert gone.unavailable.reason == "the process has ended"
    assert gone.ended_at is not None


def test_the_last_minutes_for_which_a_disk_has_no_room_leave_neither_file_nor_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RememberingSource(LiveProcfs())
    source.sample(Request())
    path = tmp_path / "x.mmx"
    full_from(monkeypatch, 2)
    assert str(source.write_recent(str(path))) == "no space left on device"
    assert not path.exists()
    assert not _open_at(path)


def test_a_recording_whose_first_moment_is_refused_does_not_begin_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RememberingSource(LiveProcfs())
    source.sample(Request())
    path = tmp_path / "x.mmx"
    with monkeypatch.context() as full:
        full_from(full, 2)
        assert str(source.start(str(path))) == "no space left on device"
    source.sample(Request())
    assert source.recorded is None
    assert source.stop() is None
    assert not path.exists()
