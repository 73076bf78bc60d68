import pytest

from mmexplorer.parse.pasted import looks_like_maps, parse_pasted
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.smaps import parse_smaps

_MAPS = b"""\
55d0c8a00000-55d0c8a21000 rw-p 00000000 00:00 0                          [heap]
7f3a4c000000-7f3a4c1c0000 r--p 00000000 fe:00 1311                       /usr/lib/my lib.so
7f3a4c1c0000-7f3a4c1d0000 rw-p 00000000 00:00 0 @
7ffd1b9e0000-7ffd1ba01000 rw-p 00000000 00:00 0                          [stack]
""".replace(b"@", b"")
_SMAPS = b"".join(
    line + b"\nSize:                132 kB\nRss:                  %d kB\nVmFlags: rd wr mr mw me ac \n" % (4 * number)
    for number, line in enumerate(_MAPS.splitlines())
)
_REGIONS = parse_maps(_MAPS).regions


def _quoted(text: bytes, prefix: bytes) -> bytes:
    return b"".join(prefix + line + b"\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        _MAPS,
        _MAPS.replace(b"\n", b"\r\n"),
        _quoted(_MAPS, b"> "),
        _quoted(_MAPS, b"> > \t"),
        _quoted(_MAPS, b"2026-11-26T01:25:47.123456Z INFO app[77]: "),
        _quoted(_MAPS, b"Nov 26 01:25:47 host app[77]: "),
        _quoted(_MAPS, b"[12345.678901] "),
        _quoted(_MAPS, b"01-02 03:04:05.678  1234  1234 F DEBUG   :     "),
        _quoted(_MAPS, b"\x1b[32m"),
        _MAPS.replace(b"[heap]", b"\x1b[1;31m[heap]\x1b[0m"),
        _MAPS.replace(b" rw-p ", b"\trw-p\t"),
        _MAPS.rstrip(b"\n"),
        b"Hello,\nthis is what I see:\n\n" + _MAPS + b"-- \nregards\n",
    ],
)
def test_noise_is_taken_off(text: bytes) -> None:
    (process,) = parse_pasted(text).processes
    assert parse_maps(process.maps).regions == _REGIONS
    assert process.smaps == b""


def test_counters_come_along() -> None:
    (process,) = parse_pasted(_quoted(_SMAPS, b"> ")).processes
    assert parse_smaps(process.smaps) == parse_smaps(_SMAPS)
    assert len(parse_smaps(process.smaps)) == 4


def test_a_name_on_the_next_line_belongs_to_the_line_before() -> None:
    text = _MAPS.replace(b"                          [heap]", b"\n> [heap]").replace(b"   /usr", b"\n/usr")
    (process,) = parse_pasted(text).processes
    assert parse_maps(process.maps).regions == _REGIONS


def test_what_was_left_out_is_said() -> None:
    text = b"a remark\n" + _MAPS + b"7ffd1ba01000-7ffd1b\n\n"
    found = parse_pasted(text)
    assert found.understood == 4
    assert [(each.number, each.text) for each in found.left_out] == [(1, "a remark"), (6, "7ffd1ba01000-7ffd1b")]
    assert found.left_out_count == 2


def test_several_processes() -> None:
    found = parse_pasted(b"==> /proc/12/maps <==\n" + _MAPS + b"==> /proc/34/maps <==\n" + _MAPS)
    assert [process.pid for process in found.processes] == [12, 34]
    without_labels = parse_pasted(_MAPS + _MAPS.replace(b"55d0", b"44d0"))
    assert [process.pid for process in without_labels.processes] == [None, None]


def test_maps_and_smaps_of_one_process() -> None:
    (process,) = parse_pasted(b"/proc/12/maps:\n" + _MAPS + b"/proc/12/smaps:\n" + _SMAPS).processes
    assert process.pid == 12
    assert len(parse_smaps(process.smaps)) == 4


def test_an_android_tombstone() -> None:
    text = b"""\
memory map (3 entries): (fault address prefixed with --->)
    00000000'12c00000-00000000'12dfffff rw-         0    200000  [anon:dalvik-main space]
--->Fault address falls at 00000000'20000000 between mapped regions
    0000007f'8a000000-0000007f'8a0affff r-x     10000     b0000  /lib64/libc.so (BuildId: 12ab) (load bias 0x1000)
"""
    found = parse_pasted(text)
    first, second = parse_maps(found.processes[0].maps).regions
    assert (first.start, first.end, first.perms, first.path) == (
        0x12C00000,
        0x12E00000,
        "rw-?",
        "[anon:dalvik-main space]",
    )
    assert (second.start, second.end, second.offset, second.path) == (
        0x7F8A000000, 0x7F8A0B0000, 0x10000, "/lib64/libc.so",
    )  # fmt: skip
    assert found.left_out_count == 2


def test_a_sanitizers_map() -> None:
    text = b"Process memory map follows:\n\t0x000000400000-0x0000004cd000\t/tmp/a.out\n\t0x7fff7000-0x8fff7000\t\n"
    (process,) = parse_pasted(text).processes
    regions = parse_maps(process.maps).regions
    assert [(each.start, each.end, each.perms, each.path) for each in regions] == [
        (0x400000, 0x4CD000, "????", "/tmp/a.out"), (0x7FFF7000, 0x8FFF7000, "????", ""),
    ]  # fmt: skip


def test_other_texts_are_none() -> None:
    for text in (b"", b"\0" * 100, b"2026-11-26 01:02\n", b"call 0800-1234\n", b"Rss: 12 kB\n", b"a-b rw-p 0 0:0 0\n"):
        assert parse_pasted(text).processes == ()
        assert not looks_like_maps(text)
    assert looks_like_maps(_quoted(_MAPS, b"> "))
