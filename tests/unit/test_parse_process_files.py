import pytest

from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.stat import Stat, parse_stat
from mmexplorer.parse.process.statm import Statm, parse_statm
from mmexplorer.parse.process.status import parse_cmdline, parse_status
from mmexplorer.parse.system.meminfo import parse_meminfo

STAT = (
    b"812 (%s) S 4 812 812 0 -1 4194560 1763 8 5 0 1 2 0 0 20 0 3 0 5501 5648384 1071 18446744073709551615 "
    b"94571826655232 94571827425765 140736215613408 0 0 0 65536 3686404 1266761467 1 0 0 17 1 0 0 0 0 0\n"
)


def test_stat_gives_the_numbered_fields_of_the_manual() -> None:
    assert parse_stat(STAT % b"bash") == Stat(
        pid=812,
        comm="bash",
        state="S",
        ppid=4,
        flags=4194560,
        min_flt=1763,
        maj_flt=5,
        num_threads=3,
        start_time=5501,
        vsize=5648384,
        start_stack=140736215613408,
    )


@pytest.mark.parametrize("comm", [b"a) R 1 (b", b"two\nlines", b") ", b"", b"\xff"])
def test_the_name_ends_at_the_last_parenthesis(comm: bytes) -> None:
    stat = parse_stat(STAT % comm)
    assert isinstance(stat, Stat)
    assert stat.comm == comm.decode("utf-8", "surrogateescape")
    assert (stat.state, stat.start_time) == ("S", 5501)


@pytest.mark.parametrize("text", [b"", b"1 (x", b"1 x) S 1", b"1 (x) S 1 2 3", STAT.replace(b"5501", b"soon") % b"x"])
def test_what_is_no_stat_is_an_error_with_its_text(text: bytes) -> None:
    error = parse_stat(text)
    assert isinstance(error, ParseError)
    assert error.line == text


def test_the_kthread_flag_is_found() -> None:
    stat = parse_stat(STAT.replace(b"4194560", b"2129984") % b"kthreadd")
    assert isinstance(stat, Stat)
    assert stat.kernel_thread


def test_statm_counts_pages() -> None:
    assert parse_statm(b"10 3 2 1 0 4 0\n", 4096) == Statm(40960, 12288)
    assert isinstance(parse_statm(b"10\n", 4096), ParseError)
    assert isinstance(parse_statm(b"-1 2 3\n", 4096), ParseError)


def test_status_gives_text_numbers_and_sizes() -> None:
    status = parse_status(b"Name:\ta\\nb\nTgid:\t77\nKthread:\t0\nVmPTE:\t      44 kB\nGroups:\t \n")
    assert status.fields["Name"] == "a\\nb"
    assert status.number("Tgid") == 77
    assert status.size("VmPTE") == 44 * 1024
    assert status.kernel_thread is False


def test_status_without_a_line_gives_none_and_not_zero() -> None:
    status = parse_status(b"Name:\tx\n")
    assert status.number("Threads") is None
    assert status.size("VmRSS") is None
    assert status.kernel_thread is None


def test_meminfo_gives_bytes_and_counts_pages_plainly() -> None:
    figures = parse_meminfo(
        b"MemTotal:       24684084 kB\nActive(anon):      12 kB\nHugePages_Total:       2\nDirty:9 kB\nbroken: x kB\n"
    )
    assert figures == {"MemTotal": 24684084 * 1024, "Active(anon)": 12288, "HugePages_Total": 2, "Dirty": 9216}


def test_cmdline_keeps_blanks_empty_arguments_and_titles() -> None:
    assert parse_cmdline(b"sh\0-c\0a  b\0\0") == ("sh", "-c", "a  b", "")
    assert parse_cmdline(b"postgres: writer") == ("postgres: writer",)
    assert parse_cmdline(b"sshd: root [priv]\0\0\0\0\0") == ("sshd: root [priv]",)
    assert parse_cmdline(b"prog\0\0") == ("prog", "")
    assert parse_cmdline(b"") == ()
    assert parse_cmdline(b"\xff\0") == ("\udcff",)
