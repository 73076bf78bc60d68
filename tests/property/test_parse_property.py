import re
from itertools import pairwise
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from mmexplorer.model.region import Range, Region
from mmexplorer.parse.pasted import parse_pasted
from mmexplorer.parse.process.maps import mend, parse_maps
from mmexplorer.parse.process.smaps import header_lines, parse_rollup, parse_smaps, read_smaps
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.statm import parse_statm
from mmexplorer.parse.process.status import parse_cmdline, parse_status
from mmexplorer.parse.system.meminfo import parse_meminfo
from tests.support.regions import region_of

_PASTED = [b"1000-2000 ", b"rw-p ", b"0 ", b"00:00 ", b"\n", b"/x", b"Rss: 4 kB", b"\x1b[1m", b"\xff"]

DATA = Path(__file__).parents[1] / "data"
REAL = (DATA / "smaps_newer_kernel.txt").read_bytes()
STAT = (
    b"812 (a b) S 4 812 812 0 -1 4194560 1763 8 5 0 1 2 0 0 20 0 3 0 5501 5648384 1071 18446744073709551615 1 2 3 4\n"
)

rows = st.lists(
    st.builds(
        lambda start, size, inode: region_of(start, start + size, "rw-p", 0, "00:00", inode, ""),
        st.integers(0, 60),
        st.integers(1, 20),
        st.integers(0, 1),
    ),
    max_size=20,
)


@st.composite
def mutated(draw: st.DrawFn, text: bytes) -> bytes:
    """Draw real text with a few pieces cut, doubled or overwritten."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        middle = draw(st.one_of(st.just(b""), st.just(text[start:end] * 2), st.binary(max_size=20)))
        text = text[:start] + middle + text[end:]
    return text


def check_all(data: bytes) -> None:
    """Check that every parser returns a value for any bytes, and that the value is consistent."""
    regions = parse_maps(data).regions
    assert all(region.start < region.end for region in regions)
    assert all(before.end <= after.start for before, after in pairwise(regions))
    for usage in [*parse_smaps(data).values(), parse_rollup(data)]:
        assert len(list(usage)) == len(usage.values)
        assert all(usage.get(name) == count for name, count in usage)
    parse_maps(header_lines(data))
    parse_stat(data)
    parse_statm(data, 4096)
    status = parse_status(data)
    for name in status.fields:
        status.number(name)
        status.size(name)
    parse_meminfo(data)
    parse_cmdline(data)


@given(st.binary(max_size=400))
@example(b"0-1 rw-p 0 0:0 0 \nA: 1 kB\nA: 2 kB\nVmFlags: rd\n1-2 rw-p 0 0:0 0 \nA: 1 kB\nA: 2 kB\nVmFlags: rd\n")
@example(b"0-1 rw-p 0 0:0 0 \nA: 1 kB\nVmFlags: rd\nB: 2 kB\n1-2 rw-p 0 0:0 0 \nA: 3 kB\nVmFlags: wr\nB: 4 kB\n")
@example(b"0-1 rw-p 0 0:0 0 \nVmFlags: rd\nVmFlags: wr\n")
def test_parsers_are_total(data: bytes) -> None:
    check_all(data)


@given(mutated(REAL))
def test_parsers_are_total_on_damaged_smaps(data: bytes) -> None:
    check_all(data)


@given(mutated(STAT))
def test_parsers_are_total_on_damaged_stat(data: bytes) -> None:
    check_all(data)


@given(st.permutations(REAL.split(b"\n")))
def test_records_in_any_order_of_lines_hold_together(lines: list[bytes]) -> None:
    check_all(b"\n".join(lines) + b"\n")


@given(rows)
def test_mended_rows_ascend_and_never_overlap(torn: list[Region]) -> None:
    regions = mend(torn)
    assert all(region.start < region.end for region in regions)
    assert all(before.end <= after.start for before, after in pairwise(regions))
    covered = {address for region in torn for address in range(region.start, region.end)}
    assert all(address in covered for region in regions for address in range(region.start, region.end))


@given(rows)
def test_mending_is_done_once(torn: list[Region]) -> None:
    assert mend(mend(torn)) == mend(torn)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5)), max_size=12))
def test_whole_maps_are_not_touched(gaps: list[tuple[int, int]]) -> None:
    regions = []
    end = 0
    for gap, size in gaps:
        regions.append(region_of(end + gap, end + gap + size, "rw-p", 0, "00:00", 0, ""))
        end += gap + size
    assert mend(regions) == tuple(regions)


@given(st.lists(st.tuples(st.integers(0, 1 << 40), st.sampled_from([b"rd", b"rd wr", b"", b"??"])), max_size=8))
def test_the_quick_way_and_the_slow_way_agree(counts: list[tuple[int, bytes]]) -> None:
    bodies = [b"Rss: %8d kB\nTHPeligible: %d\nVmFlags: %s\n" % (count, count % 2, flags) for count, flags in counts]
    records = [b"%x-%x rw-p 0 00:00 0 \n%s" % (place, place + 1, body) for place, body in enumerate(bodies)]
    alone = {key: usage for record in records for key, usage in parse_smaps(record).items()}
    usages = parse_smaps(b"".join(records))
    assert [list(usage) for usage in usages.values()] == [list(usage) for usage in alone.values()]
    assert [usage.get("Rss") for usage in usages.values()] == [count * 1024 for count, _ in counts]
    assert [usage.vm_flags for usage in usages.values()] == [tuple(flags.decode().split()) for _, flags in counts]


_KERNELS = b"Size:                  4 kB\nRss:            %8d kB\nTHPeligible:           0\nVmFlags: rd mr \n"
_PIECES = st.sampled_from(
    [
        *(b"%x-%x rw-p 0 00:00 0 \n" % (start, start + 1) + _KERNELS % (start % 3) for start in range(1, 9)),
        b"a0-a1 r--p 0 08:01 7   /V/VmFlags: x\n" + _KERNELS % 7,
        b"c0-c1 rw-p 0 00:00 0 \n" + _KERNELS % 10**11,
        b"d0-d1 rw-p 0 00:00 0 \nRss: 4 kB\nVmFlags: rd\n",
        b"e0-e1 rw-p 0 00:00 0 \nRss: 4 kB\nRss: 8 kB\nVmFlags:\nVmFlags: ex\nPss: 4 kB\n",
        b"b0-b1 rw-p 0 00:00 0\n",
        b"Rss: 4 kB\n",
        b"VmFlags: wr\n",
        b"Volatile: 4 kB\nxVmFlags: wr\n",
        b"no-line of smaps\n",
        b"123456789abcdef01-2 \n",
        b"Rss: 4",
        b"\n",
    ]
)


@given(st.lists(_PIECES, max_size=12), st.lists(_PIECES, max_size=12))
def test_records_at_once_are_what_they_are_line_by_line(before: list[bytes], now: list[bytes]) -> None:
    bodies = None
    for data in (b"".join(before), b"".join(now)):
        smaps = read_smaps(data, bodies)
        assert {covered: (dict(usage), usage.vm_flags) for covered, usage in smaps.usages.items()} == _by_line(data)
        assert smaps.headers == header_lines(data)
        bodies = smaps.bodies


def test_records_without_flags_are_what_they_are_line_by_line() -> None:
    data = b"".join(b"%x-%x rw-p 0 00:00 0 \nRss:%8d kB\n" % (start, start + 1, start) for start in range(20_000))
    assert {covered: (dict(usage), usage.vm_flags) for covered, usage in parse_smaps(data).items()} == _by_line(data)


def test_records_of_several_blocks_are_what_they_are_line_by_line() -> None:
    data = b"".join(b"%x-%x rw-p 0 00:00 0 \n" % (start, start + 1) + _KERNELS % (start % 3) for start in range(9000))
    usages = parse_smaps(data)
    assert len(data) > 1 << 20
    assert {covered: (dict(usage), usage.vm_flags) for covered, usage in usages.items()} == _by_line(data)
    assert len({id(usage) for usage in usages.values()}) == 3


def _by_line(data: bytes) -> dict[Range, tuple[dict[str, int], tuple[str, ...] | None]]:
    found: dict[Range, tuple[dict[str, int], tuple[str, ...] | None]] = {}
    covered: Range | None = None
    for line in data[: data.rfind(b"\n") + 1].split(b"\n"):
        header = re.match(rb"([0-9a-f]{1,16})-([0-9a-f]{1,16}) ", line)
        if header:
            covered = Range(int(header[1], 16), int(header[2], 16))
            found[covered] = ({}, None)
        elif covered is not None and (field := re.fullmatch(rb"([A-Z]\w*): +(\d+)( kB)?", line)):
            found[covered][0][field[1].decode()] = int(field[2]) * (1024 if field[3] else 1)
        elif covered is not None and line.startswith(b"VmFlags:"):
            found[covered] = (found[covered][0], tuple(line.decode().split()[1:]))
    return found


@given(
    st.lists(
        st.sampled_from([b"1000-2000 ", b"rw-p ", b"0 ", b"00:00 ", b"\n", b"/x", b"Rss: 4 kB", b"\x1b[1m", b"\xff"])
    )
)
def test_a_pasted_text_is_read_or_left_out(pieces: list[bytes]) -> None:
    found = parse_pasted(b"".join(pieces))
    for process in found.processes:
        reading = parse_maps(process.maps)
        assert reading.regions
        assert not reading.errors
        assert parse_smaps(process.smaps).keys() <= {region.range for region in reading.regions}
