"""Parsers accept anything, pieces add up, and drawings have the requested width."""

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.system.history import SarHistory, SarSample, sar_sample
from mmexplorer.model.system.memory import Composition, Free, composition, free
from mmexplorer.model.system.sar import MemoryRow, SwapRow, memory_row, paging_row, swap_row, used_formula
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.kmsg import parse_kills
from mmexplorer.parse.system.cgroup import parse_hierarchies, parse_limit, parse_memory_path
from mmexplorer.parse.system.flat_keyed import parse_flat_keyed
from mmexplorer.parse.system.pressure import parse_pressure
from mmexplorer.parse.system.swaps import parse_swaps
from mmexplorer.parse.system.vmstat import parse_vmstat
from mmexplorer.parse.system.zoneinfo import parse_zoneinfo
from mmexplorer.present.system.free import Unit, amount
from mmexplorer.present.system.memory_bar import Part, bar, parts
from mmexplorer.present.text.braille import bounds, braille, time_axis
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.system import FakeSystem
from tests.support.specimens.meminfo import ALL, FOLDER, recorded

PARSERS = (
    parse_flat_keyed, parse_hierarchies, parse_limit, parse_memory_path, parse_pressure, parse_swaps, parse_vmstat,
    parse_zoneinfo,
)  # fmt: skip
REAL = (
    (FOLDER.parent / "zoneinfo-linux-6.18").read_bytes(),
    b"some avg10=1.50 avg60=0.25 avg300=0.05 total=1\nfull avg10=0.10 avg60=0.00 avg300=0.00 total=9\n",
    b"Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition\t204796\t\t175880\t\t100\n",
    b"35 31 0:32 /docker\\0401 /sys/fs/cgroup rw,relatime shared:9 - cgroup cgroup rw,memory\n",
    b"4:memory:/a\n0::/\n",
    b"nr_free_pages 9\npgfault 7\npgscan_direct 1\noom_kill 0\n",
    b"6,424,52,-;oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/t,task_memcg=/t,task=p,pid=9,uid=0\n",
    b"3,425,53,-;Memory cgroup out of memory: Killed process 9 (p) total-vm:1kB, anon-rss:2kB, oom_score_adj:-5\n",
)
mutated = st.tuples(st.sampled_from(REAL), st.integers(0, 4000), st.binary(max_size=6)).map(
    lambda pieces: pieces[0][: pieces[1] % len(pieces[0])] + pieces[2] + pieces[0][pieces[1] % len(pieces[0]) + 3 :]
)


@given(st.one_of(st.binary(max_size=300), mutated))
def test_parsers_are_total(data: bytes) -> None:
    for parse in PARSERS:
        found = parse(data)
        if isinstance(found, ParseError):
            assert found.reason
            assert found.line in data
    assert all(kill.pid >= 0 for kill in parse_kills([data, *REAL, data]))


@given(st.sampled_from(ALL), st.dictionaries(st.sampled_from(sorted(recorded(ALL[0]))), st.integers(0, 2**60)))
def test_pieces_add_up_and_rows_are_total(name: str, changed: dict[str, int]) -> None:
    meminfo = recorded(name) | changed
    pieces = composition(meminfo)
    if isinstance(pieces, Composition):
        assert pieces.total == meminfo["MemTotal"]
        assert min(part.size for part in parts(pieces)) >= 0
    tables: list[MemoryRow | SwapRow | Free | Unavailable] = [free(meminfo), swap_row(meminfo)]
    tables += [memory_row(meminfo, used_formula(version)) for version in ((12, 6, 1), (12, 7, 8))]
    known = [table for table in tables if not isinstance(table, Unavailable)]
    figures = [getattr(table, name) for table in known for name in table.__dataclass_fields__]
    assert all(isinstance(figure, Unavailable) or figure >= 0 for figure in figures)


@given(
    st.dictionaries(st.sampled_from(["pgfault", "pgscan_kswapd", "pgsteal_kswapd", "pgsteal_anon"]), st.integers(0, 9)),
    st.dictionaries(st.sampled_from(["pgfault", "pgscan_kswapd", "pgsteal_kswapd", "pgsteal_anon"]), st.integers(0, 9)),
    st.floats(-1, 10),
)
def test_rates_are_never_negative(before: dict[str, int], after: dict[str, int], seconds: float) -> None:
    row = paging_row(before, after, seconds)
    for name in row.__dataclass_fields__:
        figure = getattr(row, name)
        assert isinstance(figure, Unavailable) or figure >= 0


@given(st.lists(st.integers(0, 2**50), min_size=1, max_size=8), st.integers(0, 200))
def test_the_bar_has_exactly_its_width_and_shows_all_that_fits(sizes: list[int], width: int) -> None:
    glyphs = "abcdefgh"
    drawn = plain(bar([Part(glyph, size, glyph, Tone.DIM) for glyph, size in zip(glyphs, sizes, strict=False)], width))
    assert len(drawn) == width
    assert list(drawn) == sorted(drawn)
    present = {glyph for glyph, size in zip(glyphs, sizes, strict=False) if size}
    if len(present) <= width and present:
        assert set(drawn) == present


@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), max_size=60),
    st.integers(0, 30),
    st.integers(0, 6),
)
def test_a_chart_has_exactly_its_size_and_a_dot_for_each_reading(
    series: list[float | None], width: int, height: int
) -> None:
    lo, hi = bounds(series)
    drawn = braille(series, width, height, lo, hi)
    assert [len(row) for row in drawn] == [width] * height
    assert all(0x2800 <= ord(cell) <= 0x28FF for row in drawn for cell in row)
    newest = ([None] * (2 * width) + series)[-2 * width :] if width else []
    if height:
        for column, value in enumerate(newest):
            bits = 0
            for row in drawn:
                bits |= ord(row[column // 2]) & (0xB8 if column % 2 else 0x47)
            assert bool(bits) == (value is not None)
    assert len(time_axis(width, 1.0)) == width


@given(st.lists(st.floats(0, 1e6), max_size=40), st.integers(1, 12))
def test_the_history_is_bounded_and_ascending(times: list[float], limit: int) -> None:
    sample = sar_sample(None, FakeSystem().sample(SystemRequest()))
    assert isinstance(sample, SarSample)
    kept = SarHistory(1.0, limit)
    for at in times:
        kept = kept.add(at, sample)
    seen = [point.at for point in kept.points]
    assert len(seen) <= limit
    assert seen == sorted(set(seen))
    assert len(kept.columns(7)) == 7


@given(st.integers(0, 2**59))
def test_a_human_amount_fits_its_column(count: int) -> None:
    assert len(amount(count, Unit.HUMAN)) <= 5
