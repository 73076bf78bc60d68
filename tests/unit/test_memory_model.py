import pytest

from mmexplorer.model.address import NoAddress
from mmexplorer.model.elf.layout import Label
from mmexplorer.model.memory.bytes import (
    ByteSearch,
    Difference,
    Origin,
    Piece,
    WordSearch,
    differences,
    parse_pattern,
    strings_in,
    why_different,
    words_in,
)
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.memory.bytes import dump_lines, hex_text, pointer_lines, reasons, word_lines
from tests.support.fakes.spaces import anonymous, image, loaded, matched, segment

ABSENT = Unavailable(Cause.NOT_READ, "not in memory")
SPAN = Range(0x1000, 0x2000)


def test_differences_are_runs_of_bytes() -> None:
    assert list(differences(0x10, b"abcdef", b"abXXeY")) == [
        Difference(Range(0x12, 0x14), b"cd", b"XX"),
        Difference(Range(0x15, 0x16), b"f", b"Y"),
    ]
    assert list(differences(0, b"abc", b"ab")) == []


def test_what_made_a_difference() -> None:
    code, data = anonymous(0, 0x1000, "r-xp"), anonymous(0, 0x1000, "rw-p")
    relro = matched(loaded(image("/bin/x", segment(0, "RW")), 0), 0, Label.RELRO)
    one = Difference(Range(0, 1), b"\xcc", b"\x55")
    assert why_different(one, code, None) == "breakpoint"
    assert why_different(one._replace(here=b"\x90"), code, None) == "patched"
    assert why_different(one, data, None) == "written"
    assert why_different(one, anonymous(0, 0x1000, "r--p"), relro) == "relocation"


def place(text: str) -> Range | NoAddress:
    return SPAN if text == "[heap]" else NoAddress(f"{text} is no address")


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("abc", ByteSearch(b"abc")),
        ("hex:7f 45 4c46", ByteSearch(b"\x7fELF")),
        ("text:hex:00", ByteSearch(b"hex:00")),
        ("http://x", ByteSearch(b"http://x")),
        ("ptr:[heap]", WordSearch(SPAN)),
    ],
)
def test_a_pattern(text: str, search: ByteSearch | WordSearch) -> None:
    assert parse_pattern(text, place) == search


@pytest.mark.parametrize("text", ["", "hex:", "hex:7", "hex:zz", "ptr:nowhere", "text:"])
def test_no_pattern(text: str) -> None:
    assert isinstance(parse_pattern(text, place), NoAddress)


@pytest.mark.parametrize(
    "target", [Range(0x7F3A4C000000, 0x7F3A4C026000), Range(0x5000, 0x6000), Range(0, 0x1000), Range(1, 1 << 47)]
)
def test_every_pointer_into_a_range_holds_a_needle(target: Range) -> None:
    search = WordSearch(target)
    assert len(search.needles()) <= 16
    for value in (target.start, target.end - 1, (target.start + target.end) // 2):
        word = value.to_bytes(8, "little")
        assert search.holds(word)
        assert any(
            search.word_at(at) == 0 for needle in search.needles() for at in range(8) if word.startswith(needle, at)
        )
    assert not search.holds(target.end.to_bytes(8, "little"))


def test_a_dump_is_xxds_and_says_what_is_missing() -> None:
    pieces = [
        Piece(Range(0x1000, 0x1012), b"\x7fELF" + bytes(14), Origin.MEMORY),
        Piece(Range(0x1012, 0x1014), ABSENT, Origin.NOWHERE),
        Piece(Range(0x1014, 0x1016), b"ab", Origin.FILE),
    ]
    assert list(dump_lines(pieces)) == [
        "00001000: 7f45 4c46 0000 0000 0000 0000 0000 0000  .ELF............",
        "00001010: 0000                                     ..",
        "00001012-00001014: not in memory",
        "00001014-00001016: not in memory, or not dumped; from the file:",
        "00001014: 6162                                     ab",
    ]
    assert hex_text(pieces) == "7f454c46" + "00" * 14 + "...." + "6162"
    assert reasons(pieces) == "00001012-00001014: not in memory"


def test_words_pointers_and_strings() -> None:
    content = (0x1008).to_bytes(8, "little") + (7).to_bytes(8, "little") + b"text\0abc\0\ttab"
    piece = Piece(Range(0x1000, 0x1000 + len(content)), content, Origin.MEMORY)
    assert list(words_in(content))[:2] == [0x1008, 7]
    assert next(iter(word_lines([piece]))) == "0x1000: 0x0000000000001008 0x0000000000000007"
    named = list(pointer_lines([piece], lambda address: "here" if address == 0x1008 else ""))
    assert named == ["00001000: 0x0000000000001008 -> here"]
    assert list(strings_in(0x1000, content)) == [(0x1010, b"text"), (0x1019, b"\ttab")]
