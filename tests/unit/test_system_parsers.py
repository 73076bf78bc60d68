"""The small files: PSI, swaps, flat keyed files, cgroup membership, mounts and limits."""

from mmexplorer.model.system.pressure import Pressure, Stall, stalled_percent
from mmexplorer.model.system.swap import SwapArea
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.system.cgroup import Hierarchy, parse_hierarchies, parse_limit, parse_memory_path
from mmexplorer.parse.system.flat_keyed import parse_flat_keyed
from mmexplorer.parse.system.pressure import parse_pressure
from mmexplorer.parse.system.swaps import parse_swaps
from mmexplorer.parse.system.vmstat import parse_vmstat

PSI = b"""some avg10=1.50 avg60=0.25 avg300=0.05 total=123456
full avg10=0.10 avg60=0.00 avg300=0.00 total=99
"""


def test_pressure() -> None:
    assert parse_pressure(PSI) == Pressure(Stall(1.5, 0.25, 0.05, 123456), Stall(0.1, 0.0, 0.0, 99))
    assert parse_pressure(PSI.split(b"full")[0]) == Pressure(Stall(1.5, 0.25, 0.05, 123456), None)
    assert parse_pressure(b"") == ParseError(b"", "no line `some avg10=...`")


def test_waiting_time_between_two_readings() -> None:
    first, last = Stall(0, 0, 0, 1_000_000), Stall(0, 0, 0, 1_500_000)
    assert stalled_percent(first, last, 2.0) == 25.0
    assert stalled_percent(last, first, 2.0) is None
    assert stalled_percent(first, last, 0.0) is None


SWAPS = b"""Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/zram0                              partition\t204796\t\t175880\t\t100
/swap\\040file                           file\t\t8388604\t\t0\t\t-2
"""


def test_swaps() -> None:
    areas = parse_swaps(SWAPS)
    assert areas == (
        SwapArea("/dev/zram0", "partition", 204796 * 1024, 175880 * 1024, 100),
        SwapArea("/swap\\040file", "file", 8388604 * 1024, 0, -2),
    )
    assert [area.compressed_memory for area in areas] == [True, False]


def test_no_swap_is_an_empty_list_and_not_an_error() -> None:
    assert parse_swaps(SWAPS.split(b"\n")[0] + b"\n") == ()


def test_a_row_that_is_no_swap_area_is_named() -> None:
    assert parse_swaps(b"Filename\nfoo\n") == ParseError(b"foo", "not a swap area")
    assert parse_swaps(b"nothing") == ParseError(b"nothing", "swaps does not start with `Filename`")


def test_flat_keyed_leaves_other_lines_out() -> None:
    assert parse_flat_keyed(b"oom 1\noom_kill 3\nx y\nz -1\nhigh 2 3\nlow 0\n") == {"oom": 1, "oom_kill": 3, "low": 0}


def test_vmstat_leaves_out_what_nothing_shows_and_other_lines() -> None:
    lines = (
        "pgpgin 8",
        "nr_free_pages 1",
        "pgscan_kswapd_dma32 2",
        "pgfault -1",
        "pgfree 3 4",
        "xpgfault 5",
        "oom_kill 7",
    )
    assert parse_vmstat("\n".join(lines).encode()) == {"pgpgin": 8, "pgscan_kswapd_dma32": 2, "oom_kill": 7}


def test_limits() -> None:
    assert parse_limit(b"67108864\n") == 67108864
    assert parse_limit(b"max\n") is None
    assert parse_limit(b"9223372036854771712\n") is None
    # With pages of 64 KiB, "none" is another number.
    assert parse_limit(b"9223372036854710272\n") is None
    assert isinstance(parse_limit(b"many\n"), ParseError)


def test_where_the_memory_cgroup_is() -> None:
    assert parse_memory_path(b"9:name=systemd:/\n4:memory:/a:b/c\n0::/\n") == (1, "/a:b/c")
    assert parse_memory_path(b"5:cpu,memory:/x\n0::/\n") == (1, "/x")
    assert parse_memory_path(b"0::/user.slice\n") == (2, "/user.slice")
    assert isinstance(parse_memory_path(b"3:cpu:/\n"), ParseError)


MOUNTS = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
35 31 0:32 /docker/1 /sys/fs/cgroup/mem\040ory rw,relatime shared:9 - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
broken
"""


def test_mounts() -> None:
    assert parse_hierarchies(MOUNTS) == (
        Hierarchy(1, "/docker/1", "/sys/fs/cgroup/mem ory"),
        Hierarchy(2, "/", "/sys/fs/cgroup/unified"),
    )
