import contextlib
import gc
import io
import os
import socket
import tarfile
import zipfile
from pathlib import Path

import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.container.archive import Archive, open_archive
from mmexplorer.kernel.capture.container.tar_format import TarEntry, make_tar, scan_tar
from mmexplorer.kernel.capture.container.zip_format import Packed, directory, directory_record, local_record, pack
from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.record import recorder
from mmexplorer.kernel.capture.record.recorder import WHERE_EVERY, MomentMaker, RecordingProcfs
from mmexplorer.kernel.capture.record.writer import FULL, CaptureWriter, create
from mmexplorer.kernel.capture.replay import Found, ReplayProcfs
from mmexplorer.kernel.capture.sources import open_file
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.capture.moments import Answer, Clocks, Place
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.capture import manifest_json
from tests.support.captures import MANIFEST, clocks, full_from, opened, written

_DENIED = Unavailable(Cause.DENIED, "permission denied", "run with sudo")


def _reading(second: int) -> dict[str, bytes | str | bool | tuple[int, ...] | Unavailable]:
    return {
        "proc/7/stat": b"stat %d" % (second // 3),
        "proc/7/maps": b"maps",
        "proc/7/smaps": _DENIED if second % 2 else b"smaps %d" % second,
        "link/7/exe": "/bin/\udcff" if second < 5 else "/bin/true",
        "list/": (1, 7),
        "there/self/smaps": True,
    }


def _replayed(procfs: ReplayProcfs) -> dict[str, object]:
    return {
        "proc/7/stat": procfs.read("7/stat"),
        "proc/7/maps": procfs.read("7/maps"),
        "proc/7/smaps": procfs.read("7/smaps"),
        "link/7/exe": procfs.link("7/exe"),
        "list/": procfs.numbers(),
        "there/self/smaps": procfs.exists("self/smaps"),
    }


def test_a_replay_answers_as_the_machine_did(tmp_path: Path) -> None:
    written(tmp_path / "x.mmx", map(_reading, range(200)))
    archive = opened((tmp_path / "x.mmx").read_bytes())
    assert archive.manifest == MANIFEST
    assert len(archive) == 200
    for second in (0, 1, 2, 59, 60, 61, 119, 150, 199):
        assert _replayed(ReplayProcfs(archive, second)) == _reading(second)


def test_a_capture_that_nobody_looks_at_any_more_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    written(path, map(_reading, range(3)))

    def opened_here() -> list[Path]:
        return [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink() and each.readlink() == path]

    capture = open_file(str(path))
    assert isinstance(capture, Capture)
    assert opened_here()
    del capture
    gc.collect()
    assert opened_here() == []


def test_other_programs_list_and_check_it(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    written(path, map(_reading, range(3)))
    with zipfile.ZipFile(path) as container:
        assert container.testzip() is None
        assert container.read("000000/proc/7/maps") == b"maps"
        assert "000001/proc/7/maps" not in container.namelist()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_directory_counts_past_16_bits() -> None:
    packed = [pack(str(number), b"x") for number in range(70_000)]
    body, records = io.BytesIO(), []
    for each in packed:
        records.append(directory_record(each, body.tell()))
        body.write(local_record(each))
    body.write(directory(records, body.tell()))
    with zipfile.ZipFile(body) as container:
        assert len(container.namelist()) == 70_000
        assert container.read("69999") == b"x"


def test_many_small_files_share_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    readings = [{f"proc/{pid}/stat": b"%d at %d" % (pid, second) for pid in range(100)} for second in range(3)]
    written(path, readings)
    assert len(zipfile.ZipFile(path).namelist()) == 1 + 3 * 2
    procfs = ReplayProcfs(opened(path.read_bytes()), 1)
    assert procfs.read("42/stat") == b"42 at 1"
    with (
        zipfile.ZipFile(path) as container,
        tarfile.open(fileobj=io.BytesIO(container.read("000001/small.tar"))) as tar,
    ):
        member = tar.extractfile("proc/42/stat")
        assert member is not None
        assert member.read() == b"42 at 1"


def test_of_thousands_of_processes_all_is_read_back(tmp_path: Path) -> None:
    reading = {f"proc/{pid}/{name}": b"%d" % pid for pid in range(3_000) for name in ("stat", "statm")}
    written(tmp_path / "x.mmx", [reading | {"proc/meminfo": b"of the machine"}])
    procfs = ReplayProcfs(opened((tmp_path / "x.mmx").read_bytes()), 0)
    assert procfs.read("meminfo") == b"of the machine"
    assert procfs.read("2999/statm") == b"2999"


def test_it_knows_how_old_an_answer_is(tmp_path: Path) -> None:
    readings = [
        {"proc/7/maps": b"maps"} | ({"proc/7/smaps": b"smaps"} if second in (2, 5) else {}) for second in range(9)
    ]
    written(tmp_path / "x.mmx", readings)
    archive = opened((tmp_path / "x.mmx").read_bytes())
    assert ReplayProcfs(archive, 8).find("proc/7/smaps") == Found(b"smaps", Place(2, 5))
    assert ReplayProcfs(archive, 8).find("proc/7/maps") == Found(b"maps", Place(0, 8))
    assert ReplayProcfs(archive, 1).read("7/smaps") == Unavailable(Cause.NOT_READ, "not in the capture")


def test_what_was_read_long_ago_is_found_from_the_nearest_list(tmp_path: Path) -> None:
    count = 3 * WHERE_EVERY
    written(
        tmp_path / "x.mmx", [{"proc/7/stat": b"%d" % s} | ({} if s else {"proc/7/exe": b"x"}) for s in range(count)]
    )
    procfs = ReplayProcfs(opened((tmp_path / "x.mmx").read_bytes()), count - 1)
    assert procfs.find("proc/7/exe") == Found(b"x", Place(0, 0))


def test_a_capture_that_was_cut_anywhere_loses_at_most_its_last_moment(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    writer = create(str(path), MANIFEST, 1 << 30)
    assert isinstance(writer, CaptureWriter)
    maker = MomentMaker()
    ends = [writer.size]
    for second in range(6):
        writer.add(maker.make(_reading(second), clocks(second), 0.0))
        ends.append(writer.size)
    writer.close()
    whole = path.read_bytes()
    for length in range(len(whole)):
        archive = open_archive(Held(whole[:length]))
        finished = sum(end <= length for end in ends) - 1
        if finished <= 0:
            assert isinstance(archive, Unavailable)
        else:
            assert isinstance(archive, Archive)
            assert len(archive) == finished
            assert _replayed(ReplayProcfs(archive, finished - 1)) == _reading(finished - 1)


def test_it_stops_before_it_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    writer = create(str(path), MANIFEST, 4000)
    assert isinstance(writer, CaptureWriter)
    maker = MomentMaker()
    refusals = [writer.add(maker.make({"proc/7/stat": b"%d" % n}, clocks(n), 0.0)) for n in range(50)]
    assert refusals[0] is None
    assert refusals[-1] is FULL
    writer.close()
    assert path.stat().st_size <= 4000
    assert len(opened(path.read_bytes())) == writer.moments


def opened_by(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the descriptors that are opened from now on."""
    open_one, descriptors = os.open, list[int]()

    def opened_one(name: str, flags: int, mode: int) -> int:
        descriptors.append(open_one(name, flags, mode))
        return descriptors[-1]

    monkeypatch.setattr(os, "open", opened_one)
    return descriptors


def test_a_file_that_cannot_be_begun_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, descriptors = tmp_path / "x.mmx", opened_by(monkeypatch)
    assert create(str(path), MANIFEST, max_size=1) == FULL
    assert not path.exists()
    assert not Path(f"/proc/self/fd/{descriptors[0]}").is_symlink()


@pytest.mark.parametrize("there", [True, False])
def test_a_file_forced_onto_a_full_disk_is_not_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    path = tmp_path / "x.mmx"
    if there:
        path.write_bytes(b"old")
    full_from(monkeypatch, 1)
    assert str(create(str(path), MANIFEST, 4000, force=True)) == "no space left on device"
    assert not path.exists()


def test_a_file_whose_first_moment_found_a_full_disk_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.mmx"
    full_from(monkeypatch, 2)
    writer = create(str(path), MANIFEST, 1 << 20)
    assert isinstance(writer, CaptureWriter)
    refused = writer.add(MomentMaker().make({"proc/meminfo": b"MemTotal: 1 kB\n"}, clocks(0), 0.0))
    assert str(refused) == "no space left on device"
    assert writer.close() is None
    assert not path.exists()


def test_another_file_at_the_path_of_one_without_a_moment_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    writer = create(str(path), MANIFEST, 4000)
    assert isinstance(writer, CaptureWriter)
    path.rename(tmp_path / "moved.mmx")
    path.write_bytes(b"precious")
    assert writer.close() is None
    assert path.read_bytes() == b"precious"


def test_a_device_that_takes_nothing_stays() -> None:
    assert str(create("/dev/full", MANIFEST, 4000, force=True)) == "no space left on device"
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("force", [False, True])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, *, force: bool) -> None:
    path, target = tmp_path / "link", tmp_path / "target"
    target.write_bytes(b"precious")
    path.symlink_to(target)
    assert str(create(str(path), MANIFEST, 4000, force=force)) == "it is a symbolic link, which isn't followed"
    assert path.is_symlink()
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("reads", [False, True])
def test_a_fifo_is_refused_whether_it_is_read_or_not(tmp_path: Path, *, force: bool, reads: bool) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK) if reads else None
    assert str(create(str(path), MANIFEST, 4000, force=force)) == "it is a FIFO, which keeps nothing"
    assert path.is_fifo()
    if reader is not None:
        os.close(reader)


@pytest.mark.parametrize("force", [False, True])
def test_a_socket_is_refused(tmp_path: Path, *, force: bool) -> None:
    path = tmp_path / "s"
    with contextlib.chdir(tmp_path), socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        assert str(create(str(path), MANIFEST, 4000, force=force)) == "it is a socket, which keeps nothing"
    assert path.is_socket()


def test_a_device_that_is_slow_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors = opened_by(monkeypatch)
    writer = create("/dev/null", MANIFEST, 4000, force=True)
    assert isinstance(writer, CaptureWriter)
    assert os.get_blocking(descriptors[0])
    writer.remove()


def test_nothing_is_overwritten_without_being_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    path.write_bytes(b"precious")
    refused = create(str(path), MANIFEST, 4000)
    assert isinstance(refused, Unavailable)
    assert "--force" in str(refused)
    assert path.read_bytes() == b"precious"
    assert isinstance(create(str(path), MANIFEST, 4000, force=True), CaptureWriter)


def test_a_file_written_over_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "x.mmx"
    path.touch()
    path.chmod(0o644)
    assert isinstance(create(str(path), MANIFEST, 4000, force=True), CaptureWriter)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_device_keeps_its_mode() -> None:
    mode = Path("/dev/null").stat().st_mode
    assert isinstance(create("/dev/null", MANIFEST, 4000, force=True), CaptureWriter)
    assert Path("/dev/null").stat().st_mode == mode


def _container(*packed: Packed) -> bytes:
    return b"".join(map(local_record, packed))


_MANIFEST = pack("manifest.json", manifest_json(MANIFEST))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no manifest.json"),
        (b"PK\3\4", "no manifest.json"),
        (_container(pack("word/document.xml", b"<xml/>")), "no manifest.json"),
        (_container(_MANIFEST), "before its first moment"),
        (_container(pack("manifest.json", b"[" * 100_000)), "no JSON object"),
        (_container(pack("manifest.json", b'{"schema": "mmexplorer/capture/2"}')), "format 2"),
        (_container(_MANIFEST._replace(crc=1)), "checksum"),
        (_container(_MANIFEST._replace(size=1 << 31)), "larger than"),
        (_container(pack("manifest.json", bytes(1 << 25))), "larger than"),
        (_container(_MANIFEST, pack("000000/moment.json", b"{}")._replace(name="../../moment.json")), "first moment"),
    ],
)
def test_a_file_that_is_no_capture_gives_a_sentence(data: bytes, said: str) -> None:
    refused = open_archive(Held(data))
    assert isinstance(refused, Unavailable)
    assert said in refused.reason


def test_a_bomb_is_not_unpacked() -> None:
    bomb = pack("000000/proc/7/smaps", bytes(1 << 22))
    liar = bomb._replace(size=100)
    moment = b'{"realtime": 1, "monotonic": 1, "boottime": 1}'
    archive = opened(_container(_MANIFEST, liar, pack("000000/moment.json", moment)))
    refused = ReplayProcfs(archive, 0).read("7/smaps")
    assert isinstance(refused, Unavailable)
    assert "damaged" in refused.reason


def test_a_tar_goes_in_and_out() -> None:
    files = {"short": b"x" * 513, "long/" * 40 + "name": b"", "last": b"end"}
    data = make_tar(files)
    entries = list(scan_tar(Held(data), 100))
    assert all(isinstance(entry, TarEntry) for entry in entries)
    assert {e.name: data[e.offset : e.offset + e.size] for e in entries if isinstance(e, TarEntry)} == files
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert tar.getnames() == list(files)


def test_memory_forgets_the_oldest_and_nothing_else() -> None:
    recent = RecentMoments(MANIFEST, bytes_at_most=1 << 20, seconds_at_most=10)
    maker = MomentMaker()
    for second in range(60):
        recent.add(maker.make(_reading(second), clocks(second), 0.0))
    assert len(recent) == 11
    assert ReplayProcfs(recent, 0).read("meminfo") == Unavailable(Cause.NOT_READ, "not read by then")
    for index in range(11):
        assert _replayed(ReplayProcfs(recent, index)) == _reading(49 + index)


def _growing(second: int) -> dict[str, Answer]:
    """A heap that grows in each second; its smaps is read only while it is small, its list of threads every 7 s."""
    maps = b"1000-%x rw-p 00000000 00:00 0 [heap]\n" % (0x2000 + 0x1000 * second)
    smaps: dict[str, Answer] = {"proc/7/smaps": maps + b"Rss: %d kB\n" % (4 * second)} if second in (1, 3) else {}
    listed: dict[str, Answer] = {"list/7/task": (7, second)} if second % 7 == 0 else {}
    own: dict[str, Answer] = {"proc/7/stat": b"stat %d" % (second // 2), "proc/7/maps": maps, "link/7/exe": "/x"}
    return own | smaps | listed


@pytest.mark.parametrize("bounds", [{"seconds_at_most": 20}, {"bytes_at_most": 40_000}], ids=["by time", "by size"])
def test_a_moment_left_in_memory_keeps_what_was_read_at_it_and_when(bounds: dict[str, int], tmp_path: Path) -> None:
    recent, maker = RecentMoments(MANIFEST, **bounds), MomentMaker()
    read: dict[str, tuple[Answer, float]] = {}
    known = []
    for second in range(70):
        read |= {name: (answer, clocks(second).monotonic) for name, answer in _growing(second).items()}
        known.append(dict(read))
        recent.add(maker.make(_growing(second), clocks(second), 0.0))
        first = second + 1 - len(recent)
        for index in range(len(recent)):
            procfs = ReplayProcfs(recent, index)
            found = {name: procfs.find(name) for name in known[first + index]}
            assert {
                name: (each.answer, each_at.monotonic)
                for name, each in found.items()
                if isinstance(each, Found) and isinstance(each_at := procfs.read_at(name, each.place), Clocks)
            } == known[first + index]
            assert procfs.read("7/maps") == _growing(first + index)["proc/7/maps"]
    assert 10 < len(recent) < 60
    writer = create(str(tmp_path / "x.mmx"), MANIFEST, 1 << 20)
    assert isinstance(writer, CaptureWriter)
    assert [writer.add(recorded) for recorded in recent.recorded()] == [None] * len(recent)
    archive = opened((tmp_path / "x.mmx").read_bytes())
    for index in range(len(recent)):
        assert ReplayProcfs(archive, index).read("7/maps") == _growing(70 - len(recent) + index)["proc/7/maps"]


def test_counters_read_before_the_first_moment_left_are_not_of_it() -> None:
    recent, maker = RecentMoments(MANIFEST, seconds_at_most=20), MomentMaker()
    status = b"Name:\tx\nVmRSS:\t8 kB\n"
    for second in range(70):
        of_process: dict[str, Answer] = {"proc/7/stat": _stat(1, 1), "proc/7/status": status, "list/": (7,)}
        recent.add(maker.make(_growing(second) | of_process, clocks(second), 0.0))
    for index in (0, 1, 2):
        space = Capture(recent, None).at(index).address_space(7, Request(counters=True, counters_now=True))
        assert isinstance(space, AddressSpace)
        assert [region.end for region in space.regions] == [0x2000 + 0x1000 * (49 + index)]
        assert isinstance(space.counters, Counters)
        assert space.counters.taken_at == clocks(3).monotonic


def test_a_map_that_was_not_read_at_a_moment_is_as_of_an_earlier_one() -> None:
    recent, maker = RecentMoments(MANIFEST), MomentMaker()
    for second in range(6):
        of_process: dict[str, Answer] = {"proc/7/stat": _stat(1, 1), "proc/7/status": b"Name:\tx\n", "list/": (7,)}
        looked_at = second not in (3, 4)
        recent.add(maker.make((_growing(second) if looked_at else {}) | of_process, clocks(second), 0.0))
    spaces = [Capture(recent, None).at(index).address_space(7, Request(counters=True)) for index in range(6)]
    assert all(isinstance(space, AddressSpace) for space in spaces)
    at = [space.read_at for space in spaces if isinstance(space, AddressSpace)]
    assert at == [None, None, None, clocks(2).realtime, clocks(2).realtime, None]


def test_memory_of_another_program_is_not_shown_after_its_moment_was_forgotten() -> None:
    recent, maker = RecentMoments(MANIFEST, seconds_at_most=4), MomentMaker()
    for second in range(8):
        read: dict[str, Answer] = {"proc/7/stat": _stat(1, 1 if second < 6 else 2), "list/": (7,)}
        old: dict[str, Answer] = {"proc/7/smaps": b"old"} if second == 0 else {}
        recent.add(maker.make(read | old, clocks(second), 0.0))
    shown = [ReplayProcfs(recent, index).read("7/smaps") for index in range(len(recent))]
    assert shown[:3] == [b"old"] * 3
    assert all(isinstance(each, Unavailable) for each in shown[3:])
    assert len(shown) == 5


def test_memory_has_room_for_ten_minutes_of_an_ordinary_machine() -> None:
    recent, maker = RecentMoments(MANIFEST), MomentMaker()
    for second in range(700):
        # Of 120 processes a half changes in each second; files and owners are asked for again.
        stats: dict[str, Answer] = {
            f"proc/{pid}/stat": b"%d (it) S %d %d" % (pid, pid * 7919, second if (pid + second) % 4 == 0 else 0)
            + b" 1234567 89" * 12
            for pid in range(120)
        }
        rest: dict[str, Answer] = {f"{kind}/{pid}": "it" for pid in range(80) for kind in ("link", "user")}
        recent.add(maker.make(stats | rest | {"list/": tuple(range(120))}, clocks(second), 0.0))
    assert len(recent) == 601


def test_memory_is_bounded() -> None:
    recent = RecentMoments(MANIFEST, bytes_at_most=20_000)
    maker = MomentMaker()
    for second in range(200):
        recent.add(maker.make(_reading(second), clocks(second), 0.0))
        assert recent.size <= 20_000
    last = ReplayProcfs(recent, len(recent) - 1)
    assert _replayed(last) == _reading(199)


def test_the_end_of_a_process_is_told_as_it_was_live(tmp_path: Path) -> None:
    written(tmp_path / "x.mmx", [{"proc/7/stat": b"7"}, {"proc/7/stat": ENDED}])
    assert ReplayProcfs(opened((tmp_path / "x.mmx").read_bytes()), 1).read("7/stat") is ENDED


def _stat(start_time: int, start_stack: int) -> bytes:
    fields = [0] * 48
    fields[22 - 5], fields[28 - 5] = start_time, start_stack
    return b"7 (x) S 1 " + " ".join(map(str, fields)).encode() + b"\n"


@pytest.mark.parametrize(("start_time", "start_stack"), [(2, 1), (1, 2)], ids=["a reused pid", "an exec"])
def test_memory_of_another_program_is_not_shown(tmp_path: Path, start_time: int, start_stack: int) -> None:
    first: dict[str, Answer] = {
        "proc/7/stat": _stat(1, 1),
        "proc/7/maps": b"old",
        "proc/7/smaps": b"old",
        "list/": (7,),
    }
    then: dict[str, Answer] = {"proc/7/stat": _stat(start_time, start_stack), "proc/7/maps": b"new", "list/": (7,)}
    written(tmp_path / "x.mmx", [first, {"proc/7/stat": _stat(1, 1), "list/": (7,)}, then])
    archive = opened((tmp_path / "x.mmx").read_bytes())
    assert ReplayProcfs(archive, 1).read("7/smaps") == b"old"
    assert ReplayProcfs(archive, 2).read("7/maps") == b"new"
    assert isinstance(ReplayProcfs(archive, 2).read("7/smaps"), Unavailable)


def test_a_process_that_is_not_listed_any_more_has_ended(tmp_path: Path) -> None:
    written(tmp_path / "x.mmx", [{"proc/7/stat": _stat(1, 1), "list/": (7, 8)}, {"list/": (8,)}])
    archive = opened((tmp_path / "x.mmx").read_bytes())
    assert ReplayProcfs(archive, 0).read("7/stat") == _stat(1, 1)
    assert ReplayProcfs(archive, 1).read("7/stat") is ENDED


def test_a_name_that_is_asked_for_again_is_one_string_in_memory(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/stat").write_bytes(b"x")
    procfs = RecordingProcfs(LiveProcfs(str(tmp_path)))
    names: list[str] = []
    for _ in range(2):
        procfs.read("7/stat")
        names += procfs.take()
    assert names == ["proc/7/stat"] * 2
    assert names[0] is names[1]


def test_of_the_map_that_is_followed_nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[Answer] = []

    def mark(answer: Answer) -> Answer:
        marked.append(answer)
        return b"mark of " + answer[:1] if isinstance(answer, bytes) else answer

    monkeypatch.setattr(recorder, "_mark", mark)
    maker = MomentMaker()
    first, second, other = b"x" * 5000, b"y" * 5000, b"z" * 5000

    def made(name: str, text: bytes) -> bool:
        contents = maker.make({name: text}, clocks(0), 0.0).contents
        assert contents in ({}, {name: text})
        return bool(contents)

    texts = [first, first, bytes(bytearray(first)), second, second]
    assert [made("proc/7/maps", text) for text in texts] == [True, False, False, True, False]
    assert marked == [first]
    assert [made("proc/8/maps", other), made("proc/7/maps", second), made("proc/7/maps", first)] == [True, False, True]
    assert marked == [first, other, second, second, other]


def test_a_map_of_the_last_moment_is_not_unpacked_to_be_read() -> None:
    recent, maker = RecentMoments(MANIFEST), MomentMaker()
    texts = [b"x" * 5000, b"y" * 5000, b"z" * 5000]
    for second, text in enumerate(texts):
        recent.add(maker.make({"proc/7/maps": text}, clocks(second), 0.0))
    assert recent.content(2, "proc/7/maps") is texts[2]
    assert [recent.content(index, "proc/7/maps") for index in range(3)] == texts


def test_older_counters_are_not_unpacked_to_see_that_they_are_older(monkeypatch: pytest.MonkeyPatch) -> None:
    recent, maker = RecentMoments(MANIFEST), MomentMaker()
    stat: dict[str, Answer] = {"list/": (7,), "proc/7/stat": _stat(1, 1)}
    recent.add(maker.make(stat | {"proc/7/maps": b"old", "proc/7/smaps": b"old\nRss: 4 kB\n"}, clocks(0), 0.0))
    recent.add(maker.make(stat | {"proc/7/maps": b"new"}, clocks(1), 0.0))
    unpacked: list[str] = []
    unpack = recent.content

    def content(index: int, name: str) -> bytes | Unavailable:
        unpacked.append(name)
        return unpack(index, name)

    monkeypatch.setattr(recent, "content", content)
    assert ReplayProcfs(recent, 1).read("7/maps") == b"new"
    assert "proc/7/smaps" not in unpacked
    assert unpacked.count("proc/7/maps") == 1
    assert ReplayProcfs(recent, 1).read("7/smaps") == b"old\nRss: 4 kB\n"


def test_what_has_ended_is_not_remembered_for_ever() -> None:
    recent = RecentMoments(MANIFEST, seconds_at_most=5)
    maker = MomentMaker()
    for second in range(300):
        alive: Answer = (1, 1000 + second)
        of_process: dict[str, Answer] = {f"proc/{1000 + second}/stat": b"x" * 500, f"user/{1000 + second}": "eve"}
        recent.add(maker.make({"list/": alive, "proc/1/stat": b"init"} | of_process, clocks(second), 0.0))
    assert recent.size < 20_000
    assert len(maker._latest) < 10
    assert ReplayProcfs(recent, 0).read("1/stat") == b"init"
    assert ReplayProcfs(recent, 5).read("1299/stat") == b"x" * 500
    assert ReplayProcfs(recent, 5).read("1298/stat") is ENDED


def test_what_is_asked_of_a_process_that_is_not_listed_is_kept_with_the_moment(tmp_path: Path) -> None:
    gone: dict[str, Answer] = {"proc/7/stat": ENDED, "list/": ()}
    written(tmp_path / "x.mmx", [{"proc/7/stat": b"7", "list/": (7,)}, gone, gone, gone])
    archive = opened((tmp_path / "x.mmx").read_bytes())
    assert [ReplayProcfs(archive, index).read("7/stat") for index in range(4)] == [b"7", ENDED, ENDED, ENDED]
