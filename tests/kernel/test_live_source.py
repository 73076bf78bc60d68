import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.process import runs
from mmexplorer.kernel.process import smaps as counters
from mmexplorer.kernel.process.idleness import Idleness
from mmexplorer.kernel.process.live_source import LiveSource
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.smaps import Bodies, Smaps, read_smaps
from mmexplorer.present.explore.process_details import remarks
from mmexplorer.present.explore.view import ExploreView, ViewOptions, build_view
from tests.support.fakes.proc import MAPS, add_process, stat_text
from tests.support.live import address_space, key_of, live_source, maps_reader
from tests.support.patience import PATIENCE
from tests.support.specimens.children import agree, child, code, next_line, ready_line, say, thread_state, until

pytestmark = pytest.mark.smoke

READY = "import sys; print(flush=True); sys.stdin.read()"
PF_KTHREAD = 0x200000
ROOT = Path(__file__).parents[2]


def look_at_fake(root: Path) -> AddressSpace:
    return look(live_source(root), ProcessKey(100, 5))


def look(source: LiveSource, key: ProcessKey, *, elf: bool = False, now: bool = False) -> AddressSpace:
    target = source.sample(Request(key, elf=elf, counters_now=now)).target
    assert target is not None
    return target


def test_the_first_look_at_a_small_process_has_counters_and_the_second_keeps_its_regions() -> None:
    source = live_source()
    with code(READY) as process:
        first = look(source, key_of(process.pid))
        second = look(source, key_of(process.pid))
    assert isinstance(first.counters, Counters)
    assert first.regions
    assert all(region.range in first.counters.by_range for region in first.regions)
    assert second.regions is first.regions
    assert first.exe == os.path.realpath(sys.executable)
    assert first.unavailable is None


def test_a_region_that_did_not_change_stays_the_same_object() -> None:
    program = (
        "import sys, mmap; print(flush=True); sys.stdin.readline()\n"
        "m = mmap.mmap(-1, 1 << 26); print(flush=True); sys.stdin.read()\n"
    )
    source = live_source()
    with code(program) as process:
        before = look(source, key_of(process.pid)).regions
        say(process, "go")
        ready_line(process)
        after = look(source, key_of(process.pid)).regions
    kept = {id(region) for region in before} & {id(region) for region in after}
    fresh = [region for region in after if id(region) not in kept]
    assert sum(region.size for region in after) == sum(region.size for region in before) + (1 << 26)
    assert fresh
    assert all(region not in before for region in fresh)


class _Delayed(LiveProcfs):
    """A machine so busy that another thread runs for a while in the middle of reading maps."""

    waited = 0

    def reread(self, name: str, known: bytes) -> bytes | Unavailable:
        if name.endswith("/maps"):
            self.waited += 1
            time.sleep(0.05)  # 9 times this is far more than a first reading of smaps may cost
        return super().reread(name, known)


def test_the_first_picture_has_counters_on_a_busy_machine_too(tmp_path: Path) -> None:
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=MAPS + b"Rss: 4 kB\n")
    procfs = _Delayed(str(tmp_path))
    space = look(LiveSource(procfs, ElfCache(procfs)), ProcessKey(100, 5))
    assert procfs.waited
    assert isinstance(space.counters, Counters)
    assert space.counters.by_range[Range(0x400000, 0x401000)].get("Rss") == 4096


def test_an_unchanged_text_of_counters_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []

    def read(data: bytes, before: Bodies) -> Smaps:
        parsed.append(data)
        return read_smaps(data, before)

    monkeypatch.setattr(counters, "read_smaps", read)
    reader = counters.SmapsReader(LiveProcfs(str(tmp_path)))
    texts = [MAPS + b"Rss: %d kB\n" % rss for rss in (4, 4, 8, 8)]
    headers, found = [], []
    for text in texts:
        add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=text)
        headers.append(reader.read(100))
        assert isinstance(reader.latest, Counters)
        found.append(reader.latest.by_range)
    assert parsed == texts[::2]
    assert headers == [MAPS] * 4
    assert [[usage.get("Rss") for usage in each.values()] for each in found] == [[4096], [4096], [8192], [8192]]
    assert found[0] is found[1]
    assert found[2] is found[3]


def test_what_a_new_reading_of_the_counters_did_not_change_is_the_same_object(tmp_path: Path) -> None:
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=MAPS + b"Rss: 4 kB\n")
    source = live_source(tmp_path)
    views: list[ExploreView] = []
    for _ in range(4):
        snapshot = source.sample(Request(ProcessKey(100, 5), elf=False, counters_now=True))
        views.append(build_view(views[-1] if views else None, snapshot, ViewOptions()))
    before, view = views[-2:]
    old, new = before.snapshot.target, view.snapshot.target
    assert old is not None
    assert new is not None
    assert new.counters is not old.counters
    assert (new.regions, new.known, new.roles) == (old.regions, old.known, old.roles)
    assert new.known is old.known
    assert view.map.regions is before.map.regions
    assert view.map.added_up is before.map.added_up


def test_counters_are_of_the_same_time_as_the_regions(tmp_path: Path) -> None:
    grown = MAPS.replace(b"00401000", b"00402000")
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=grown + b"Rss: 4 kB\n")
    source = live_source(tmp_path)
    first = look(source, ProcessKey(100, 5))
    assert [region.range for region in first.regions] == [Range(0x400000, 0x402000)]
    asked = look(source, ProcessKey(100, 5), now=True)
    assert isinstance(asked.counters, Counters)
    assert [region.range for region in asked.regions] == list(asked.counters.by_range) == [Range(0x400000, 0x402000)]


def test_counters_tell_the_resident_memory_they_were_read_with(tmp_path: Path) -> None:
    page, texts = os.sysconf("SC_PAGE_SIZE"), {"maps": MAPS, "smaps": MAPS + b"Rss: 4 kB\n"}
    source, found = live_source(tmp_path), []
    for pages in (1, 3):
        add_process(tmp_path, 100, stat_text(100, start_time=5), statm=b"9 %d 0 0 0 0 0\n" % pages, **texts)
        space = look(source, ProcessKey(100, 5), now=True)
        assert isinstance(space.counters, Counters)
        found.append((space.counters.rss, space.process.rss))
    assert found == [(pages * page, pages * page) for pages in (1, 3)]


def test_asking_for_counters_keeps_the_regions_that_did_not_change() -> None:
    source = live_source()
    with code(READY) as process:
        before = look(source, key_of(process.pid), elf=True)
        asked = look(source, key_of(process.pid), elf=True, now=True)
    assert asked.regions is before.regions
    assert asked.layout is before.layout


def test_the_budget_holds_smaps_back_and_a_key_reads_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1000.0, perf_counter=iter(range(100)).__next__)
    monkeypatch.setattr(counters, "time", clock)
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=MAPS + b"Rss: 4 kB\n")
    process = replace(look_at_fake(tmp_path).process, rss=0)
    reader = counters.SmapsReader(LiveProcfs(str(tmp_path)))
    assert reader.due(process, 0.0, 1)
    reader.read(100)
    first = reader.latest
    assert isinstance(first, Counters)
    assert first.seconds == 1
    clock.monotonic = lambda: 1099.0
    assert not reader.due(process, 0.0, 1)
    reader.read(100)
    assert reader.latest is not first
    clock.monotonic = lambda: 1198.0
    assert not reader.due(process, 0.0, 1)
    clock.monotonic = lambda: 1199.0
    assert reader.due(process, 0.0, 1)


def test_a_reading_that_would_hold_a_process_up_waits_until_it_is_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1000.0, perf_counter=lambda: 0.0)
    monkeypatch.setattr(counters, "time", clock)
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=MAPS + b"Rss: 4 kB\n")
    process = replace(look_at_fake(tmp_path).process, rss=0, state="S")
    reader = counters.SmapsReader(LiveProcfs(str(tmp_path)))

    def due_at(now: float, idle_since: float | None) -> bool:
        clock.monotonic = lambda: now
        due = reader.due(process, 0.0, 1, lambda: 1.0, lambda: idle_since)
        assert reader.held_back is not due
        return due

    assert not due_at(1000.0, None)
    assert not due_at(1000.0, 991.0)
    assert due_at(1000.0, 990.0)
    reader.read(100)
    assert not due_at(1059.0, 990.0)  # nothing can have changed but Pss
    assert due_at(1060.0, 990.0)
    assert not due_at(1020.0, 1011.0)
    assert due_at(1021.0, 1011.0)  # it has run since the last reading


def test_smaps_of_an_idle_process_is_read_every_ten_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1000.0, perf_counter=lambda: 0.0)
    monkeypatch.setattr(counters, "time", clock)
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=MAPS + b"Rss: 4 kB\n")
    process = replace(look_at_fake(tmp_path).process, rss=0, state="S")
    reader = counters.SmapsReader(LiveProcfs(str(tmp_path)))

    def due_at(now: float, idle_since: float | None, process: Process = process) -> bool:
        clock.monotonic = lambda: now
        due = reader.due(process, 0.0, 1, idle_since=lambda: idle_since)
        assert not reader.held_back
        if due:
            reader.read(100)
        return due

    assert due_at(1000.0, None)
    assert due_at(1001.0, 1000.5)  # it has run since the last reading
    assert due_at(1010.0, 1000.5)  # it may only be pausing
    assert not due_at(1011.0, 1000.5)
    assert not due_at(1019.9, 1000.5)
    assert due_at(1020.0, 1000.5)  # others may share its pages now
    assert due_at(1021.0, 1020.5)
    assert due_at(1031.0, 1020.5)
    assert not due_at(1032.0, 1020.5)
    assert due_at(1033.0, 1020.5, replace(process, min_flt=process.min_flt + 1))  # its threads aren't asked


def test_a_process_is_idle_from_the_last_time_that_one_of_its_threads_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    with code("import sys\nprint(flush=True)\nfor _ in sys.stdin: print(flush=True)") as process:
        followed = Idleness(LiveProcfs())
        # Its CPU time may be updated just after it falls asleep.
        until(lambda: followed.since(process.pid) == followed.since(process.pid))
        first = followed.since(process.pid)
        assert first is not None
        say(process, "")
        ready_line(process)
        now = followed.since(process.pid)
        assert now is not None
        assert now > first
        monkeypatch.setattr(runs, "_THREADS_AT_MOST", 0)
        assert followed.since(process.pid) is None
    assert Idleness(None).since(process.pid) is None
    assert Idleness(LiveProcfs()).since(process.pid) is None  # it has ended


def test_what_a_reading_takes_beyond_what_was_saved_is_saved_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=MAPS + b"Rss: 4 kB\n")
    process = replace(look_at_fake(tmp_path).process, rss=0)
    clock = SimpleNamespace(monotonic=lambda: 1000.0, perf_counter=iter([0, 1, 1, 4, 4, 7]).__next__)
    monkeypatch.setattr(counters, "time", clock)
    reader = counters.SmapsReader(LiveProcfs(str(tmp_path)))

    def due_at(now: float) -> bool:
        clock.monotonic = lambda: now
        return reader.due(process, 0.0, 1)

    assert due_at(1000.0)
    reader.read(100)  # takes a second, for which nothing was saved
    assert not due_at(1199.0)
    assert due_at(1200.0)
    reader.read(100)  # takes three, of which one was saved
    assert not due_at(1699.0)
    assert due_at(1700.0)
    reader.read(100)  # takes the three that were saved
    assert not due_at(1999.0)
    assert due_at(2000.0)


def test_counters_that_did_not_change_are_the_same_object(tmp_path: Path) -> None:
    def read(pss: int) -> Counters:
        code, data = "400000-401000 r-xp 0 00:00 0", "401000-402000 rw-p 0 00:00 0"
        text = f"{code}\nRss: 4 kB\nPss: {pss} kB\n{data}\nRss: 8 kB\nPss: 8 kB\n"
        add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=text.encode())
        reader.read(100)
        assert isinstance(reader.latest, Counters)
        return reader.latest

    reader = counters.SmapsReader(LiveProcfs(str(tmp_path)))
    first, second = read(pss=4).by_range, read(pss=2).by_range
    assert [usage.get("Pss") for usage in second.values()] == [2048, 8192]
    assert [second[covered] is usage for covered, usage in first.items()] == [False, True]


def in_statm(pid: int) -> tuple[int, int]:
    """Return size and RSS in bytes."""
    size, rss, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    return int(size) * os.sysconf("SC_PAGE_SIZE"), int(rss) * os.sysconf("SC_PAGE_SIZE")


def test_every_process_is_seen_with_its_owner_and_arguments() -> None:
    source = live_source()
    with code(READY) as process:
        snapshot = source.sample(Request())
        found = {each.pid: each for each in snapshot.processes}[process.pid]

        def sizes() -> tuple[object, object]:
            seen = next(each for each in source.sample(Request()).processes if each.pid == process.pid)
            return seen.vsz, seen.rss

        agree(sizes, lambda: in_statm(process.pid))
    assert snapshot.target is None
    assert found.ppid == os.getpid()
    assert found.user == {each.pid: each for each in snapshot.processes}[os.getpid()].user
    assert found.command == (sys.executable, "-I", "-c", READY)
    assert [each.pid for each in snapshot.processes] == sorted(each.pid for each in snapshot.processes)
    assert snapshot.machine.page_size == os.sysconf("SC_PAGE_SIZE")
    assert isinstance(snapshot.machine.mem_total, int)


def test_a_process_that_ends_keeps_its_last_map() -> None:
    source = live_source()
    with code(READY) as process:
        key = key_of(process.pid)
        before = look(source, key, elf=True)
        process.kill()
        process.wait()
        started = time.time()
        ended = look(source, key, elf=True)
        later = look(source, key)
    assert ended.regions is before.regions
    assert ended.counters is before.counters
    assert ended.layout is before.layout
    assert ended.exe == before.exe
    assert ended.unavailable is not None
    assert ended.unavailable.cause is Cause.GONE
    assert ended.ended_at is not None
    assert ended.ended_at >= started
    assert later.ended_at == ended.ended_at


def test_a_process_that_becomes_a_zombie_keeps_its_last_map_and_says_so() -> None:
    source = live_source()
    with code(READY) as process:
        key = key_of(process.pid)
        before = look(source, key)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        zombie = look(source, key)
        fresh = look(live_source(), key)
    assert zombie.regions is before.regions
    assert zombie.process.state == "Z"
    assert zombie.ended_at is not None
    for space in (zombie, fresh):
        assert space.unavailable is not None
        assert "zombie" in space.unavailable.reason
        assert str(os.getpid()) in space.unavailable.reason
    assert fresh.regions == ()
    assert isinstance(fresh.exe, Unavailable)


def test_a_process_whose_leader_exited_is_seen_through_a_thread() -> None:
    program = (
        "import ctypes, sys, threading\n"
        "threading.Thread(target=sys.stdin.read).start()\n"
        "print(flush=True)\n"
        "ctypes.CDLL(None).syscall(60, 0)\n"
    )
    source = live_source()
    with child("-c", program) as process:
        next_line(process)
        until(lambda: sorted(map(thread_state, Path(f"/proc/{process.pid}/task").iterdir())) == ["S", "Z"])
        assert Path(f"/proc/{process.pid}/maps").read_bytes() == b""
        space = look(source, key_of(process.pid), elf=True)
        once = address_space(process.pid)
        (tid,) = {int(entry.name) for entry in Path(f"/proc/{process.pid}/task").iterdir()} - {process.pid}
        lines = Path(f"/proc/{tid}/maps").read_bytes().count(b"\n")
    assert len(space.regions) == lines
    assert space.unavailable is None
    assert space.through_thread == tid
    assert "exited" in "".join(remarks(space))
    assert isinstance(space.counters, Counters)
    assert space.layout.images
    assert isinstance(space.process.rss, int)
    assert space.process.rss > 0
    assert isinstance(once, AddressSpace)
    assert once.regions == space.regions


def test_another_program_under_us_leaves_nothing_of_the_one_before() -> None:
    second = "import sys; print(flush=True); sys.stdin.read()"
    program = (
        "import os, sys; print(flush=True); sys.stdin.readline()\n"
        f"os.execv(sys.executable, [sys.executable, '-I', '-S', '-c', {second!r}])\n"
    )
    source = live_source()
    with code(program) as process:
        key = key_of(process.pid)
        before = look(source, key, elf=True)
        say(process, "go")
        ready_line(process)
        after = look(source, key)
        assert key_of(process.pid) == key
    assert isinstance(before.counters, Counters)
    assert isinstance(after.counters, Counters)
    assert after.unavailable is None
    assert after.counters is not before.counters
    assert all(region.range in after.counters.by_range for region in after.regions)
    assert before.layout.images
    assert after.layout.images == ()
    assert after.process.command == (sys.executable, "-I", "-S", "-c", second)


def test_a_kernel_thread_says_what_it_is(tmp_path: Path) -> None:
    add_process(tmp_path, 2, stat_text(2, start_time=1, comm=b"kthreadd", flags=PF_KTHREAD), maps=b"", smaps=b"")
    space = look(live_source(tmp_path), ProcessKey(2, 1))
    assert space.process.kernel_thread
    assert space.unavailable is not None
    assert "kernel thread" in space.unavailable.reason
    assert space.exe == space.unavailable
    assert space.ended_at is None


def test_a_reused_pid_is_another_process(tmp_path: Path) -> None:
    source = live_source(tmp_path)
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=b"")
    assert look(source, ProcessKey(100, 5)).regions
    add_process(tmp_path, 100, stat_text(100, start_time=6), maps=MAPS, smaps=b"")
    space = look(source, ProcessKey(100, 5))
    assert space.ended_at is not None
    assert space.process.start_time == 5


def test_a_process_that_ended_before_it_was_chosen_is_still_known(tmp_path: Path) -> None:
    source = live_source(tmp_path)
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS)
    source.sample(Request())
    (tmp_path / "100" / "stat").unlink()
    space = look(source, ProcessKey(100, 5))
    assert space.regions == ()
    assert space.unavailable is not None
    assert space.ended_at is not None
    assert source.sample(Request(ProcessKey(7, 7))).target is None


def test_a_kernel_without_smaps_gives_regions_and_the_reason(tmp_path: Path) -> None:
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS)
    space = look(live_source(tmp_path), ProcessKey(100, 5))
    assert [region.range for region in space.regions] == [Range(0x400000, 0x401000)]
    assert isinstance(space.counters, Unavailable)
    assert space.counters.cause is Cause.UNSUPPORTED


def test_a_dear_process_has_no_counters_until_asked(tmp_path: Path) -> None:
    gigabytes = b"9999999 9999999 0 0 0 0 0\n"
    smaps = MAPS + b"Rss: 4 kB\nVmFlags: rd\n"
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS, smaps=smaps, statm=gigabytes)
    source = live_source(tmp_path)
    dear = look(source, ProcessKey(100, 5))
    asked = look(source, ProcessKey(100, 5), now=True)
    assert isinstance(dear.counters, Unavailable)
    assert dear.counters.cause is Cause.NOT_READ
    assert isinstance(asked.counters, Counters)
    assert asked.counters.by_range[Range(0x400000, 0x401000)].get("Rss") == 4096


def test_a_file_behind_a_region_is_given_with_its_sections() -> None:
    source = live_source()
    with code(READY) as process:
        key = key_of(process.pid)
        space = look(source, key, elf=True)
        file = next(image.file for image in space.layout.images if image.role == "executable")
        assert file is not None
        image = source.image(key, file)
        stranger = source.image(ProcessKey(process.pid, 0), file)
    assert isinstance(image, ElfImage)
    assert not isinstance(image.sections, Unavailable)
    assert ".text" in {section.name for section in image.sections}
    assert isinstance(stranger, Unavailable)
    assert stranger.cause is Cause.NOT_READ


def test_regions_hold_together_while_their_process_keeps_splitting_them() -> None:
    program = (
        "import ctypes, mmap, sys, threading\n"
        "area = mmap.mmap(-1, 600 * 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
        "start = ctypes.addressof(ctypes.c_char.from_buffer(area))\n"
        "protect = ctypes.CDLL(None).mprotect\n"
        "threading.Thread(target=sys.stdin.read, daemon=True).start()\n"
        "print(flush=True)\n"
        "while True:\n"
        "    for protection in (1, 3):\n"
        "        for page in range(0, 600, 2):\n"
        "            protect(ctypes.c_void_p(start + page * 4096), 4096, protection)\n"
    )
    reader = maps_reader()
    seen: set[int] = set()
    with child("-c", program) as process:
        next_line(process)
        looks, patience = 0, time.monotonic() + PATIENCE
        # On a busy machine the child may not run between many readings.
        while looks < 100 or (len(seen) < 2 and time.monotonic() < patience):
            looks += 1
            regions = reader.read(process.pid)
            assert not isinstance(regions, Unavailable)
            assert reader.unread == 0
            assert all(before.end <= after.start for before, after in pairwise(regions))
            seen.add(len(regions))
    assert len(seen) > 1


def test_lines_of_maps_that_are_not_understood_are_told(tmp_path: Path) -> None:
    add_process(tmp_path, 100, stat_text(100, start_time=5), maps=MAPS + b"something new\n", smaps=b"")
    space = look_at_fake(tmp_path)
    assert len(space.regions) == 1
    assert list(remarks(space)) == ["lines of maps that were not understood and left out: 1"]


@pytest.mark.root
def test_a_denied_process_is_still_a_row() -> None:
    assert os.geteuid() == 0, "another user's process is made by root"
    program = (
        "import os, sys\n"
        "import psutil\n"
        "from tests.support.live import live_source\n"
        "from mmexplorer.model.source import Request\n"
        "source = live_source()\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "snapshot = source.sample(Request())\n"
        "process = next(each for each in snapshot.processes if each.pid == int(sys.argv[1]))\n"
        "space = source.sample(Request(process.key)).target\n"
        "print(space.unavailable, [space.regions, process.rss > 0, process.user, str(space.exe)], sep='\\n')\n"
    )
    with code(READY) as process:
        done = subprocess.run(
            [sys.executable, "-c", program, str(process.pid)], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.stderr == ""
    sentence, figures = done.stdout.splitlines()
    assert sentence.startswith("permission denied: another user's process")
    assert "CAP_SYS_PTRACE" in sentence
    assert figures.startswith("[(), True, 'root', \"permission denied")


def test_a_program_whose_file_is_removed_goes_on_and_its_counters_stay(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copy("/bin/cat", program)
    source = live_source()
    with subprocess.Popen([program], stdin=subprocess.PIPE) as process:
        key = key_of(process.pid)
        until(lambda: look(source, key).exe == str(program))
        before = look(source, key, elf=True, now=True)
        program.unlink()
        found = source.sample(Request(key, counters=False)).target
        process.kill()
    assert found is not None
    assert found.exe == f"{program} (deleted)"
    assert isinstance(before.counters, Counters)
    assert found.counters is before.counters
    assert any(match.loaded.role == "executable" for match in found.layout.matches.values())
