from pathlib import Path

import pytest

from mmexplorer.model.region import Range
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.smaps import header_lines, parse_rollup, parse_smaps

NEWER = (Path(__file__).parents[1] / "data" / "smaps_newer_kernel.txt").read_bytes()
CODE, ANON, SHMEM, GUARD = (
    Range(0x400000, 0x401000),
    Range(0x7F0000000000, 0x7F0000002000),
    Range(0x7F0000002000, 0x7F0000003000),
    Range(0x7F0000003000, 0x7F0000004000),
)


def test_kilobytes_become_bytes_and_plain_numbers_stay() -> None:
    usage = parse_smaps(NEWER)[CODE]
    assert dict(usage) == {
        "Size": 4096,
        "KernelPageSize": 4096,
        "MMUPageSize": 4096,
        "Rss": 4096,
        "Pss": 2048,
        "Referenced": 4096,
        "FutureThing": 3072,
        "FutureCount": 7,
        "THPeligible": 0,
        "ProtectionKey": 5,
    }


def test_unknown_flags_are_kept_and_an_empty_line_is_no_flags() -> None:
    usages = parse_smaps(NEWER)
    assert usages[CODE].vm_flags == ("rd", "ex", "mr", "mw", "me", "zz", "??")
    assert usages[ANON].vm_flags == ()
    assert usages[GUARD].vm_flags == ()


def test_a_record_of_another_shape_is_read_too_and_lacks_what_it_lacks() -> None:
    usage = parse_smaps(NEWER)[SHMEM]
    assert dict(usage) == {"Size": 4096, "Rss": 0, "Pss": 0}
    assert usage.get("Referenced") is None
    assert usage.vm_flags == ("rd", "wr", "sh")


def test_records_of_one_shape_share_their_fields() -> None:
    usages = parse_smaps(NEWER)
    assert usages[CODE].fields is usages[ANON].fields


def test_a_kernel_without_vmflags_says_so() -> None:
    data = b"1000-2000 rw-p 00000000 00:00 0 \nSize:  4 kB\nRss:  0 kB\n"
    usage = parse_smaps(data)[Range(0x1000, 0x2000)]
    assert usage.vm_flags is None
    assert dict(usage) == {"Size": 4096, "Rss": 0}


def test_a_line_that_ends_like_flags_is_not_flags() -> None:
    data = b"1000-2000 rw-p 00000000 00:00 0 \nRss:  4 kB\nxVmFlags: wr\n"
    assert parse_smaps(data)[Range(0x1000, 0x2000)].vm_flags is None


def test_a_number_cut_off_at_the_end_is_left_out() -> None:
    data = NEWER[: NEWER.index(b"Pss:") - len(b"kB\n")]
    assert data.endswith(b"Rss:                   4 ")
    assert "Rss" not in dict(parse_smaps(data)[CODE])


def test_the_header_lines_are_the_maps() -> None:
    reading = parse_maps(header_lines(NEWER))
    assert [region.range for region in reading.regions] == [CODE, ANON, SHMEM, GUARD]
    assert [region.path for region in reading.regions] == [
        "/bin/prog",
        "[anon:dalvik-main space]",
        "[anon_shmem:ring buffer]",
        "",
    ]


def test_rollup_sums_without_regions() -> None:
    usage = parse_rollup(
        b"00400000-7fff0000 ---p 00000000 00:00 0                    [rollup]\nRss: 8 kB\nPss_Anon: 1 kB\n"
    )
    assert dict(usage) == {"Rss": 8192, "Pss_Anon": 1024}
    assert dict(parse_rollup(b"")) == {}


def test_equal_flags_and_equal_numbers_of_different_records_are_one_object() -> None:
    record = b"%d000-%d000 rw-p 00000000 00:00 0\nRss: 40960 kB\nPss: %d kB\nVmFlags: rd wr\n"
    one, other = parse_smaps(record % (1, 2, 40_960) + record % (2, 3, 20_480)).values()
    assert one != other
    assert one.vm_flags is other.vm_flags
    assert one.values[0] is one.values[1] is other.values[0]


def test_a_number_too_long_for_its_place_leaves_the_other_records_their_shape() -> None:
    def record(number: int, size: int) -> bytes:
        header = b"%d000-%d000 rw-p 00000000 00:00 0\n" % (number, number + 1)
        return header + b"Size:      %8d kB\nRss2:      %8d kB\nTHPeligible:%8d\nVmFlags: rd\n" % (size, 7, 1)

    sizes = [1_234_567_890, 4, 8, 2_345_678_901, 4]
    usages = list(parse_smaps(b"".join(record(number, size) for number, size in enumerate(sizes, 1))).values())
    assert [dict(usage) for usage in usages] == [
        {"Size": size << 10, "Rss2": 7 << 10, "THPeligible": 1} for size in sizes
    ]
    assert usages[1].fields is usages[2].fields is usages[4].fields


@pytest.mark.parametrize(
    ("value", "counters"),
    [
        (b"12345678", {"Rss": 12345678 << 10, "THPeligible": 12345678}),
        (b"    1 kB", {"THPeligible": 1 << 10}),
        *((value, {}) for value in (b"     1_2", b"      +1", b"     1 2", b"        ", b"  1 kB4 ")),
    ],
)
def test_what_is_in_the_place_of_a_number_counts_only_if_it_is_one(value: bytes, counters: dict[str, int]) -> None:
    records = (
        b"%d000-%d000 rw-p 00000000 00:00 0\nRss: %s kB\nTHPeligible: %s\nVmFlags: rd\n" % (at, at + 1, text, text)
        for at, text in ((1, b"       4"), (2, value))
    )
    assert dict(parse_smaps(b"".join(records))[Range(0x2000, 0x3000)]) == counters
