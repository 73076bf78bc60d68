"""The OOM killer's choice, and what the log says about it."""

from dataclasses import replace

import pytest

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.oom import (
    Candidate,
    Immunity,
    Kill,
    KillNotice,
    badness,
    immunity,
    new_kills,
    ranked,
    shown_score,
)
from mmexplorer.model.system.snapshot import SystemSnapshot, killed_between
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.kmsg import parse_kills
from mmexplorer.present.system.oom import COLUMNS, OomRow, kills_lines, notice, why, why_lines
from mmexplorer.present.text.format import date_and_time
from mmexplorer.present.text.line import EMPTY, plain

MIB = 1 << 20
TOTAL = 1000 * MIB
PAGES = TOTAL // 4096

INVOKED = b"4,420,5211095800,-;bash invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=1000\n"
SUMMARY = (
    b"6,424,5211095881,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
    b"oom_memcg=/trial,task_memcg=/trial,task=python3,pid=9573,uid=0\n SUBSYSTEM=x\n"
)
KILLED = (
    b"3,425,5211095904,-;Memory cgroup out of memory: Killed process 9573 (python3) total-vm:221368kB, "
    b"anon-rss:32512kB, file-rss:6560kB, shmem-rss:0kB, UID:0 pgtables:132kB oom_score_adj:1000\n"
)
OLD = b"3,7,1000000,-;Killed process 42 (a) b) total-vm:100kB, anon-rss:8kB, file-rss:4kB\n"
GLOBAL = b"3,9,2000000,-;Out of memory: Killed process 43 (c) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB\n"


def candidate(
    pid: int, score: int, adj: int = 0, rss: int | None = 100 * MIB, immune: Immunity = Immunity.NONE
) -> Candidate:
    return Candidate(ProcessKey(pid, 1), f"p{pid}", score, adj, rss, 0, 0, immune)


def test_the_highest_score_comes_first_and_the_exempt_come_last() -> None:
    found = ranked(
        [
            candidate(1, 0, immune=Immunity.INIT),
            candidate(2, 700),
            candidate(3, 800),
            candidate(4, 700, rss=200 * MIB),
            candidate(5, 0, -1000, immune=Immunity.ADJ),
        ]
    )
    assert [one.key.pid for one in found] == [3, 4, 2, 1, 5]


def test_who_is_exempt() -> None:
    assert immunity(1, 0, 0, kernel_thread=False) is Immunity.INIT
    # Process 1 of a container has a score: it can be killed.
    assert immunity(1, 666, 0, kernel_thread=False) is Immunity.NONE
    assert immunity(9, 0, 0, kernel_thread=True) is Immunity.KERNEL_THREAD
    assert immunity(9, 0, -1000, kernel_thread=False) is Immunity.ADJ
    assert immunity(9, 0, -999, kernel_thread=False) is Immunity.NONE


def test_badness_and_score_by_hand() -> None:
    # 100 MiB of 1000 MiB is 25600 of 256000 pages: (1000 + 100) * 2 / 3 = 733
    assert badness(candidate(2, 0), PAGES, 4096) == 25600
    assert shown_score(25600, PAGES) == 733
    assert shown_score(0, PAGES) == 666
    # An adj of 1000 adds all pages: (1000 + 1100) * 2 / 3
    assert badness(candidate(2, 0, 1000), PAGES, 4096) == 25600 + 256000
    assert shown_score(25600 + 256000, PAGES) == 1400
    assert shown_score(-999 * 256, PAGES) == 0
    assert badness(candidate(2, 0, rss=None), PAGES, 4096) is None


def test_swap_and_page_tables_count() -> None:
    one = Candidate(ProcessKey(2, 1), "p", 0, 0, 4 * MIB, 2 * MIB, 1 * MIB)
    assert badness(one, PAGES, 4096) == 7 * MIB // 4096


def test_why_is_said_whole_of_one_process() -> None:
    row = OomRow(candidate(2, 0, -500), TOTAL)
    first, empty = why_lines(row)
    assert plain(first) == f"{row.candidate.name} ({row.candidate.key.pid}) {plain(why(row))}"
    assert empty == EMPTY


def test_why() -> None:
    assert plain(why(OomRow(candidate(2, 0), TOTAL))) == "holds 10.0 % of memory and swap"
    assert plain(why(OomRow(candidate(2, 0, -500), TOTAL))).endswith("; its adj counts as 50.0 % less")
    [column] = (column for column in COLUMNS if column.key == "why")
    assert plain(column.cell(OomRow(candidate(2, 0, -500), TOTAL), 33)) == "holds 10.0 %; adj: 50.0 % less"
    assert plain(why(OomRow(candidate(2, 0, rss=None), TOTAL))) == "has ended: no memory left to give back"
    assert plain(why(OomRow(candidate(1, 0, immune=Immunity.INIT), TOTAL))) == "never chosen: process 1"


def test_every_column_shows_a_row_and_a_hostile_name_is_harmless() -> None:
    row = OomRow(Candidate(ProcessKey(7, 1), "\x1b]0;x\x07[red]", 666, 0, None, None, None), TOTAL)
    shown = {column.key: plain(column.text(row)) for column in COLUMNS}
    assert shown["name"] == "␛]0;x␇[red]"
    assert (shown["score"], shown["rss"], shown["swap"]) == ("666", "—", "—")


def test_a_cgroup_kill_is_told_with_its_victim_and_reason() -> None:
    (kill,) = parse_kills([INVOKED, b"6,421,1,-;something else\n", SUMMARY, KILLED])
    assert kill == Kill(
        sequence=425, at=5211.095904, pid=9573, name="python3", in_cgroup=True, cgroup="/trial", invoked_by="bash",
        total_vm=221368 * 1024, anon_rss=32512 * 1024, file_rss=6560 * 1024, shmem_rss=0, page_tables=132 * 1024,
        uid=0, adj=1000,
    )  # fmt: skip
    counted, own, told = map(plain, kills_lines(1, 0, (kill,)))
    assert (counted, own) == ("killed since boot: 1", "in our own cgroup: 0")
    assert told.startswith("5211s after boot python3 (9573), RSS 38M, adj 1000: ")
    assert told.endswith("the cgroup /trial reached its limit when bash asked for more")
    [*_, dated] = kills_lines(1, 0, (kill,), 1_764_000_000.0)
    assert plain(dated).startswith(f"{date_and_time(1_764_005_211.0)} python3 (9573), RSS 38M")


@pytest.mark.parametrize(("suspended", "booted_at"), [(0.0, 900.0), (0.2, 900.0), (3600.0, None), (None, None)])
def test_the_clock_of_the_log_is_only_known_without_a_suspend(suspended: float | None, booted_at: float | None) -> None:
    gone = Unavailable(Cause.NOT_READ, "not read yet")
    snapshot = SystemSnapshot(1000.0, 100.0, 4096, gone, gone, suspended=suspended)
    assert snapshot.booted_at == booted_at


def test_older_messages_and_odd_names() -> None:
    old, machine = parse_kills([b"\xff\n", OLD, GLOBAL])
    assert (old.pid, old.name, old.adj, old.page_tables, old.in_cgroup) == (42, "a) b", None, None, False)
    assert (machine.pid, machine.in_cgroup, machine.cgroup) == (43, False, None)
    assert plain(kills_lines(2, None, (machine,))[-1]).endswith("c (43), RSS 1K: the machine ran out of memory")


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (
            (
                "Out of memory: Kill process 8250 (postmaster) score 300 or sacrifice child",
                "Killed process 8251, UID 26, (post master) total-vm:7262016kB, anon-rss:3464kB, file-rss:2100kB",
            ),
            (8251, "post master", False, 26),
        ),
        (
            (
                "Memory cgroup out of memory: Kill process 443160 (stress) score 1272 or sacrifice child",
                "Killed process 443160 (stress), UID 1000, total-vm:773468kB, anon-rss:152704kB, file-rss:164kB",
            ),
            (443160, "stress", True, 1000),
        ),
    ],
)
def test_kernels_before_5_0_tell_the_cause_in_the_record_before(
    messages: tuple[str, str], told: tuple[int, str, bool, int]
) -> None:
    records = [f"3,{number},1,-;{text}\n".encode() for number, text in enumerate(messages)]
    (kill,) = parse_kills(records)
    assert (kill.pid, kill.name, kill.in_cgroup, kill.uid) == told


def test_what_somebody_writes_to_the_log_is_no_kill() -> None:
    assert parse_kills([KILLED.replace(b"3,", b"11,", 1)]) == ()


def test_the_path_of_a_cgroup_is_read_in_linear_time() -> None:
    # Several hundred times the length of a record: any slower algorithm would hit the timeout.
    path = b"/" + b",task_memcg=,task=,pid=1," * 200_000
    line = SUMMARY.replace(b"oom_memcg=/trial", b"oom_memcg=" + path)
    (kill,) = parse_kills([line, KILLED])
    assert kill.cgroup == "/"


def test_a_closed_log_is_a_sentence() -> None:
    why_not = Unavailable(Cause.DENIED, "the kernel log can't be read: operation not permitted", "run with sudo")
    missing = Unavailable(Cause.UNSUPPORTED, "this kernel has no oom_kill in /proc/vmstat")
    assert [plain(text) for text in kills_lines(missing, None, why_not)] == [
        "killed since boot: — (this kernel has no oom_kill in /proc/vmstat)",
        "the kernel log can't be read: operation not permitted; run with sudo",
    ]


def test_a_kill_between_two_looks_is_announced() -> None:
    before, after = parse_kills([OLD]), parse_kills([OLD, SUMMARY, KILLED])
    found = new_kills(3, 4, before, after)
    assert found == KillNotice(1, (after[1],))
    assert plain(notice(found, 160)) == (
        "The OOM killer has killed a process. python3 (9573): the cgroup /trial reached its limit"
    )


def test_an_announcement_is_made_for_the_width() -> None:
    (killed,) = parse_kills([SUMMARY, KILLED])
    invoked = replace(killed, cgroup="/a/trial", invoked_by="bash")
    found = KillNotice(1, (invoked,))
    limit = "python3 (9573): the cgroup …/trial reached its limit"
    assert [plain(notice(found, width)) for width in (200, 100, 80, 60, 20)] == [
        f"The OOM killer has killed a process. {limit} when bash asked for more",
        f"OOM killer: {limit} when bash asked for more",
        f"OOM killer: {limit}",
        "The OOM killer has killed python3 (9573).",
        "The OOM killer has killed a process.",
    ]
    several = KillNotice(5, (invoked, replace(invoked, pid=7, name="java")))
    assert plain(notice(several, 80)) == "The OOM killer has killed python3 (9573), java (7), 3 others."


def test_the_counter_alone_is_enough_and_so_is_the_log() -> None:
    denied = Unavailable(Cause.DENIED, "no")
    assert new_kills(3, 5, denied, denied) == KillNotice(2, ())
    assert plain(notice(KillNotice(2, ()), 160)) == "The OOM killer has killed 2 processes."
    assert new_kills(denied, denied, (), parse_kills([KILLED])) is not None
    assert new_kills(3, 3, (), ()) is None
    # The first reading of the log isn't news, and neither is a counter that goes backwards.
    assert new_kills(3, 3, denied, parse_kills([KILLED])) is None
    assert new_kills(3, 2, (), ()) is None


def test_where_the_log_can_not_be_read_kills_in_our_own_labs_are_left_out_by_their_number() -> None:
    denied = Unavailable(Cause.DENIED, "no")

    def look(kills: int, in_labs: int, log: tuple[Kill, ...] | Unavailable = denied) -> SystemSnapshot:
        return SystemSnapshot(0.0, 0.0, 4096, denied, {"oom_kill": kills}, lab_kills=in_labs, kills=log)

    assert killed_between(look(3, 0), look(4, 1)) is None
    assert killed_between(look(3, 1), look(5, 2)) == KillNotice(1, ())
    (killed,) = parse_kills([SUMMARY, KILLED])
    lab = replace(killed, cgroup="/a/mmexplorer-lab-7-7f00")
    found = killed_between(look(3, 0, ()), look(5, 1, (lab, killed)))
    assert found is not None
    assert found.but_for_labs(7) == KillNotice(1, (killed,))
    unknown = replace(look(3, 0), vmstat=denied)
    assert killed_between(unknown, look(4, 0)) is None


def test_kills_fold_into_one_and_those_of_our_own_labs_are_left_out() -> None:
    (killed,) = parse_kills([SUMMARY, KILLED])
    for cgroup in ("/a/mmexplorer-lab-7-7f00", "/user.slice/mmexplorerlab7x0.slice/x.scope"):
        lab = replace(killed, cgroup=cgroup)
        assert KillNotice(1, (lab,)).but_for_labs(7) is None
        assert KillNotice(3, (lab, killed)).but_for_labs(7) == KillNotice(2, (killed,))
        assert KillNotice(1, (lab,)).but_for_labs(70) == KillNotice(1, (lab,))
    both = KillNotice(1, (killed,)).and_then(KillNotice(2, ()))
    assert both == KillNotice(3, (killed,))
    assert plain(notice(both, 160)).startswith("The OOM killer has killed 3 processes. python3 (9573)")
