"""The figures of free(1), calculated by hand for recorded meminfo texts."""

import pytest

from mmexplorer.model.system.available import available_terms
from mmexplorer.model.system.memory import (
    Composition,
    Free,
    added,
    commit_limit,
    composition,
    doubted,
    free,
    hugetlb,
)
from mmexplorer.model.system.sar import swap_row
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.system.free import free_formula, free_notes
from mmexplorer.present.system.memory_bar import composition_lines
from mmexplorer.present.system.memory_terms import not_the_total
from mmexplorer.present.text.line import plain
from tests.support.specimens.meminfo import ALL, ARM64, HUGETLB, NO_SWAP, ROUTER, SWAPPING, recorded

KIB = 1024


def figures_of(name: str) -> Free:
    figures = free(recorded(name))
    assert isinstance(figures, Free)
    return figures


@pytest.mark.parametrize(
    ("name", "total", "used", "unused", "shared", "buffers", "cache", "swap"),
    [
        # Used is 32271968 - 21204312 - 267520 - (7185412 + 178636).
        (HUGETLB, 32271968, 3436088, 21204312, 295204, 267520, 7364048, (1000, 0, 1000)),
        # Used is 122976 - 73424 - 5000 - (15792 + 1820).
        (ROUTER, 122976, 26940, 73424, 0, 5000, 17612, (0, 0, 0)),
        # Used is 8164548 - 1950080.
        (NO_SWAP, 8164548, 6214468, 851960, 932, 4304, 1330780, (0, 0, 0)),
        # used: 929104 - 234840; swap used = 204796 - 28916
        (SWAPPING, 929104, 694264, 27236, 12, 132868, 136356, (204796, 175880, 28916)),
        # used: 49877504 - 44658432; more than total - free, because the reserves of 64 KiB pages are large
        (ARM64, 49877504, 5219072, 48452608, 22848, 72512, 183360, (0, 0, 0)),
    ],
)
def test_figures(
    *, name: str, total: int, used: int, unused: int, shared: int, buffers: int, cache: int, swap: tuple[int, int, int]
) -> None:
    found = figures_of(name)
    assert (found.total, found.used, found.free) == (total * KIB, used * KIB, unused * KIB)
    assert (found.shared, found.buffers, found.cache) == (shared * KIB, buffers * KIB, cache * KIB)
    assert found.buff_cache == (buffers + cache) * KIB
    assert (found.swap_total, found.swap_used, found.swap_free) == tuple(size * KIB for size in swap)


def test_a_kernel_without_memavailable_says_so_and_names_the_older_formula() -> None:
    found = figures_of(HUGETLB)
    assert found.available == Unavailable(Cause.UNSUPPORTED, "this kernel has no MemAvailable in /proc/meminfo")
    assert free_formula(found) == "total - free - buffers - cache"
    assert added(found.used, found.free, found.buff_cache) == found.total


def test_available_may_be_below_free() -> None:
    found = figures_of(ARM64)
    assert found.available == 44658432 * KIB
    assert found.free == 48452608 * KIB
    assert free_formula(found) == "total - available"


def test_an_available_above_the_total_counts_as_free_as_in_a_container_with_lxcfs() -> None:
    meminfo = recorded(NO_SWAP) | {"MemAvailable": 9_000_000 * KIB}
    found = free(meminfo)
    assert isinstance(found, Free)
    assert found.available == 851960 * KIB
    assert found.used == (8164548 - 851960) * KIB


def test_a_kernel_without_shmem_says_so() -> None:
    meminfo = recorded(NO_SWAP)
    del meminfo["Shmem"]
    found = free(meminfo)
    assert isinstance(found, Free)
    assert found.shared == Unavailable(Cause.UNSUPPORTED, "this kernel has no Shmem in /proc/meminfo")


def test_a_text_that_is_no_meminfo_is_one_sentence() -> None:
    assert free({"MemFree": 1}) == Unavailable(Cause.MALFORMED, "/proc/meminfo has no MemTotal")


def test_the_four_lines_of_an_openvz_container_cost_only_what_they_lack() -> None:
    found = free({"MemTotal": 1048576, "MemFree": 834036, "SwapTotal": 0, "SwapFree": 0})
    assert isinstance(found, Free)
    assert (found.total, found.free, found.swap_used) == (1048576, 834036, 0)
    assert str(found.used) == str(found.buffers) == "this kernel has no Buffers in /proc/meminfo"
    assert [plain(note) for note in free_notes(found)] == [
        "used, buff/cache: this kernel has no Buffers in /proc/meminfo",
        "shared: this kernel has no Shmem in /proc/meminfo",
        "available: this kernel has no MemAvailable in /proc/meminfo",
    ]
    assert plain(not_the_total(found)).endswith("can't be added up: this kernel has no Buffers in /proc/meminfo")


@pytest.mark.parametrize(
    ("total", "unused", "used", "left"),
    [
        (0, 2**64 - 128, 0, 0),
        (1024, 2**54, "SwapFree is above SwapTotal", "SwapFree is above SwapTotal"),
        (1024, 1023, 1, 1023),
    ],
)
def test_swap_is_never_below_0(total: int, unused: int, used: int | str, left: int | str) -> None:
    meminfo = recorded(NO_SWAP) | {"SwapTotal": total, "SwapFree": unused, "SwapCached": 0}
    found, row = free(meminfo), swap_row(meminfo)
    assert isinstance(found, Free)
    assert [str(found.swap_used), str(found.swap_free)] == [str(used), str(left)]
    in_bytes = [
        figure if isinstance(figure, Unavailable) else int(figure * KIB) for figure in (row.kbswpfree, row.kbswpused)
    ]
    assert [str(figure) for figure in in_bytes] == [str(left), str(used)]


LXCFS = {
    "MemTotal": 524288 * KIB, "MemFree": 299008 * KIB, "MemAvailable": 299008 * KIB, "Buffers": 0,
    "Cached": 14336 * KIB, "SwapTotal": 0, "SwapFree": 0, "AnonPages": 900000 * KIB, "Shmem": 978944 * KIB,
    "SReclaimable": 0, "Active(file)": 420932 * KIB, "Inactive(file)": 249648 * KIB,
}  # fmt: skip


def test_the_hosts_figures_beside_a_containers_are_called_so() -> None:
    found, pieces = free(LXCFS), composition(LXCFS)
    assert isinstance(found, Free)
    assert isinstance(pieces, Composition)
    assert str(found.shared) == "Shmem can't be true beside MemTotal: the host's beside a container's"
    assert (found.used, found.buff_cache) == (225280 * KIB, 14336 * KIB)
    assert (pieces.total, pieces.free, pieces.page_cache) == (524288 * KIB, 299008 * KIB, 14336 * KIB)
    assert (pieces.in_use, pieces.processes, pieces.kernel, pieces.shmem) == (210944 * KIB, 0, 0, 0)
    assert pieces.doubtful == ("AnonPages", "Shmem")
    assert plain(composition_lines(LXCFS, 80, 10)[-2]) == str(doubted("AnonPages, Shmem"))
    assert available_terms(LXCFS, (), 4096) == doubted("the file pages and the slab")


@pytest.mark.parametrize("name", ALL)
def test_the_pieces_add_up_to_the_total(name: str) -> None:
    pieces = composition(recorded(name))
    assert not isinstance(pieces, Unavailable)
    assert pieces.total == recorded(name)["MemTotal"]
    assert min(pieces.processes, pieces.kernel, pieces.huge_pages, pieces.page_cache, pieces.free) >= 0


def test_pieces_by_hand() -> None:
    pieces = composition(recorded(HUGETLB))
    assert not isinstance(pieces, Unavailable)
    assert pieces.huge_pages == 1024 * 2048 * KIB
    assert pieces.page_cache == (7185412 - 295204) * KIB
    assert pieces.processes == 930236 * KIB
    # 32271968 - 21204312 - 267520 - 6890208 - 295204 - 178636 - 2097152 - 930236
    assert pieces.kernel == 408700 * KIB


def test_a_torn_reading_still_adds_up() -> None:
    meminfo = recorded(NO_SWAP) | {"AnonPages": 5_990_000 * KIB}
    pieces = composition(meminfo)
    assert not isinstance(pieces, Unavailable)
    assert pieces.total == meminfo["MemTotal"]
    assert pieces.kernel == 0


@pytest.mark.parametrize(
    ("name", "ratio", "page_size"), [(HUGETLB, 50, 4096), (ROUTER, 95, 4096), (NO_SWAP, 50, 4096), (ARM64, 50, 65536)]
)
def test_the_commit_limit_is_the_kernels(name: str, ratio: int, page_size: int) -> None:
    meminfo = recorded(name)
    assert commit_limit(meminfo, ratio, 0, page_size) == meminfo["CommitLimit"]


def test_overcommit_kbytes_takes_the_place_of_the_ratio() -> None:
    assert commit_limit(recorded(SWAPPING), 50, 4000, 4096) == (4000 + 204796) * KIB


def test_hugetlb_counts_all_sizes_where_the_kernel_sums_them() -> None:
    assert hugetlb({"Hugetlb": 7, "HugePages_Total": 1, "Hugepagesize": 2}) == 7
