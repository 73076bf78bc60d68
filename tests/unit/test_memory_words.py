"""The bar, the explanations, the settings and the pressure: everything beside the figures."""

import pytest

from mmexplorer.model.system.available import Zone
from mmexplorer.model.system.memory import Composition, composition
from mmexplorer.model.system.pressure import Pressure, Stall
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.swap import SwapArea
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.system.amounts import fine_size, in_one_unit
from mmexplorer.present.system.memory_bar import bar, legend, parts
from mmexplorer.present.system.memory_terms import meaning
from mmexplorer.present.system.settings import commit_lines, pressure_lines, setting_line, settings_lines
from mmexplorer.present.text.line import plain
from tests.support.specimens.meminfo import ALL, HUGETLB, NO_SWAP, SWAPPING, recorded

FIELDS = ("total", "used", "free", "shared", "buffers", "cache", "available", "swap")
MIB = 1 << 20
PIECES = ("processes", "kernel", "in_use", "huge_pages", "buffers", "page_cache", "shmem", "slab", "free")
ZONES = (Zone(0, "Normal", 2_000_000, 10_000, 12_000, 0, (0, 0)),)


def snapshot(name: str) -> SystemSnapshot:
    return SystemSnapshot(0, 0, 4096, recorded(name), {}, zones=ZONES)


def words(field: str, seen: SystemSnapshot) -> str:
    return "\n".join(map(plain, meaning(field, seen)))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_its_words(name: str, field: str) -> None:
    assert words(field, snapshot(name)).split()[0] in {field, "no"}


def test_available_is_shown_as_a_sum_that_adds_up_by_eye() -> None:
    # Reserves 12000 pages = 48000 kB; low 40000 kB; LRU 1267796 kB; slab 95248 kB.
    assert "available 1.99G = free 0.81G - reserves 0.05G + file cache 1.17G of 1.21G + slab 0.05G of 93M" in words(
        "available", snapshot(NO_SWAP)
    )


def test_the_sum_is_said_not_to_be_the_total_or_to_be_it() -> None:
    # 6214468 + 851960 + 1335084 - 8164548 = 236964 kB
    assert "used + free + buff/cache is not the total but 231M more" in words("used", snapshot(NO_SWAP))
    assert "used + free + buff/cache = 30.78G is the total" in words("used", snapshot(HUGETLB))


def test_no_swap_and_zram_have_their_sentences() -> None:
    assert words("swap", snapshot(NO_SWAP)).startswith("no swap: nothing can be paged out.")
    area = SwapArea("/dev/zram0", "partition", 200 * MIB, 100 * MIB, 100)
    seen = SystemSnapshot(0, 0, 4096, recorded(SWAPPING), {}, swaps=(area,))
    assert "/dev/zram0: partition, 100M of 200M, priority 100; compressed, in memory itself" in words("swap", seen)


def test_without_meminfo_the_reason_stands_there() -> None:
    seen = SystemSnapshot(0, 0, 4096, Unavailable(Cause.DENIED, "permission denied"), {})
    assert words("used", seen) == "used: permission denied"


def test_one_unit() -> None:
    assert in_one_unit((3 * MIB, 512 * 1024, 0)) == ["3.00M", "0.50M", "0.00M"]
    assert in_one_unit((12, 3)) == ["12B", "3B"]
    assert in_one_unit(()) == []
    assert [fine_size(count) for count in (0, 999 * MIB, 1023 * MIB, -2048 * MIB)] == ["0", "999M", "1.00G", "-2.00G"]


def pieces(**sizes: int) -> Composition:
    return Composition(**dict.fromkeys(PIECES, 0) | sizes, doubtful=())


def test_the_bar_is_to_scale_and_a_sliver_still_shows() -> None:
    assert plain(bar(parts(pieces(processes=50, free=50)), 10)) == "█████░░░░░"
    assert plain(bar(parts(pieces(processes=1, free=9999)), 10)) == "█░░░░░░░░░"
    assert plain(bar(parts(pieces()), 4)) == "████"


def test_the_legend_leaves_out_what_is_nothing() -> None:
    assert plain(legend(parts(pieces(processes=MIB, free=2 * MIB)))) == "█ processes 1M  ░ free 2M"
    recorded_pieces = composition(recorded(HUGETLB))
    assert not isinstance(recorded_pieces, Unavailable)
    assert "▙ huge pages 2.00G" in plain(legend(parts(recorded_pieces)))


@pytest.mark.parametrize(
    ("name", "value", "meaning_of_it"),
    [
        ("panic_on_oom", 0, "a victim is killed, the system goes on"),
        ("panic_on_oom", 1, "the system panics, but not when only a cgroup, cpuset or memory policy ran out"),
        ("panic_on_oom", 2, "the system panics always, even when only a cgroup reached its limit"),
        ("overcommit_memory", 2, "no more than CommitLimit is promised, in all"),
        ("panic_on_oom", 9, "a value that is not documented"),
        ("swappiness", 60, "how readily processes' memory is swapped rather than cache dropped, 0 to 200"),
    ],
)
def test_settings_say_what_their_value_means(name: str, value: int, meaning_of_it: str) -> None:
    assert plain(setting_line(name, value)) == f"vm.{name} {value}: {meaning_of_it}"


def test_a_setting_that_is_not_there() -> None:
    assert plain(settings_lines({"swappiness": Unavailable(Cause.GONE, "no such file")})[0]) == (
        "vm.swappiness — no such file"
    )


def test_the_commit_limit_is_taken_apart() -> None:
    lines = commit_lines(recorded(NO_SWAP), {"overcommit_ratio": 50, "overcommit_kbytes": 0}, 4096)
    assert [plain(text) for text in lines] == [
        "promised: Committed_AS 1.52G",
        "CommitLimit 3.89G = 50 % of memory without huge pages + swap = 3.89G; it holds only with overcommit_memory 2",
    ]
    assert plain(commit_lines({}, {}, 4096)[1]) == "CommitLimit —"


def test_pressure_and_its_absence() -> None:
    (text,) = pressure_lines(Pressure(Stall(1.5, 0.0, 0.0, 2_500_000), None))
    assert plain(text).startswith("some 1.50 % in 10 s, 0.00 % in 60 s, 0.00 % in 300 s of the time")
    assert plain(text).endswith("at least one task waited for memory; 2.5 s since boot")
    off = Unavailable(Cause.UNSUPPORTED, "pressure-stall information is off in this kernel", "boot with psi=1")
    assert (
        plain(pressure_lines(off)[0]) == "pressure — pressure-stall information is off in this kernel; boot with psi=1"
    )
