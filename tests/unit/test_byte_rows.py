"""Bytes as rows: each notation, what differs from the file, what changed, what can't be read."""

import pytest

from mmexplorer.model.memory.bytes import Difference, Origin, Piece
from mmexplorer.model.memory.inspection import Compared
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.memory.byte_rows import BYTE_COLUMNS, Naming, byte_columns, byte_rows, nothing_here
from mmexplorer.present.text.line import Tone, plain
from mmexplorer.ui.widgets.table.layout import arrange

START = 0x7F3A_4580_0000
HEAP = 0x5594_B2C0_0010


def name(address: int) -> str:
    return "0x10 bytes into the heap" if address == HEAP else ""


NAMING = Naming(name)


def memory(content: bytes, start: int = START) -> Piece:
    return Piece(Range(start, start + len(content)), content, Origin.MEMORY)


def texts(compared: Compared, notation: str) -> list[list[str]]:
    rows = byte_rows(compared, "hex" if notation == "pairs" else notation, NAMING, {})
    return [[plain(column.text(row)) for column in BYTE_COLUMNS[notation]] for row in rows]


def test_hexadecimal_has_sixteen_bytes_a_row_and_their_letters() -> None:
    content = b"\x7fELF\x02\x01\x01" + bytes(9) + b"end"
    assert texts(Compared((memory(content),)), "hex") == [
        ["7f3a45800000", "7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00", "·ELF············", ""],
        ["7f3a45800010", "65 6e 64", "end", ""],
    ]


def test_what_begins_within_a_row_has_a_shorter_first_one() -> None:
    [first, second] = byte_rows(Compared((memory(bytes(20), START + 12),)), "hex", NAMING, {})
    assert (first.address, len(first.content)) == (START + 12, 4)
    assert (second.address, len(second.content)) == (START + 16, 16)


def test_pointers_are_the_words_that_lead_somewhere_and_enter_follows_them() -> None:
    words = bytes(8) + HEAP.to_bytes(8, "little") + b"\xff" * 8
    [row] = byte_rows(Compared((memory(words),)), "pointers", NAMING, {})
    assert (row.address, row.leads) == (START + 8, HEAP)
    assert len(byte_rows(Compared((memory(words),)), "words", NAMING, {})) == 3
    assert texts(Compared((memory(words),)), "words")[1] == [
        "7f3a45800008",
        "0x00005594b2c00010",
        "→ 0x10 bytes into the heap",
    ]


def test_strings_stand_at_their_addresses() -> None:
    assert texts(Compared((memory(b"\0\0hello\0no\0world!"),)), "strings") == [
        ["7f3a45800002", "hello"],
        ["7f3a4580000b", "world!"],
    ]


def test_bytes_that_are_not_the_file_s_are_marked_with_the_reason() -> None:
    difference = Difference(Range(START + 14, START + 18), b"\xcc" * 4, b"\x55" * 4)
    compared = Compared((memory(bytes(14) + b"\xcc" * 4 + bytes(14)),), ((difference, "patched"),))
    first, second = byte_rows(compared, "hex", NAMING, {})
    assert (sorted(first.differs), sorted(second.differs)) == ([14, 15], [0, 1])
    assert first.note == second.note == "differs from the file: patched"
    spans = BYTE_COLUMNS["hex"][1].text(first)
    assert [place for place, span in enumerate(spans) if span.tone is Tone.WARN] == [14, 15]


def test_bytes_that_changed_since_the_last_look_are_lit() -> None:
    before = {row.address: row.content for row in byte_rows(Compared((memory(bytes(32)),)), "hex", NAMING, {})}
    rows = byte_rows(Compared((memory(bytes(17) + b"\x01" + bytes(14)),)), "hex", NAMING, before)
    assert [row.lit for row in rows] == [frozenset(), frozenset({1})]


def test_what_can_t_be_had_says_why_in_one_row() -> None:
    absent = Unavailable(Cause.NOT_READ, "not in memory: reading it would fault it in")
    compared = Compared((Piece(Range(START, START + 8192), absent, Origin.NOWHERE),))
    why = "8K: not in memory: reading it would fault it in"
    assert texts(compared, "hex") == [["7f3a45800000", why, "", ""]]
    assert texts(compared, "pairs") == [["7f3a45800000", why, "", ""]]
    assert len(texts(compared, "strings")) == 1


def test_a_way_to_read_what_is_missing_is_told_by_its_key() -> None:
    swapped = Unavailable(Cause.NOT_READ, "in the swap space", "ask for that to read it all the same")
    compared = Compared((Piece(Range(START, START + 4096), swapped, Origin.NOWHERE),))
    assert texts(compared, "hex") == [["7f3a45800000", "4K: in the swap space", "", "X reads it"]]
    assert texts(compared, "words")[0][2] == "4K: in the swap space; X reads it"


def test_eighty_columns_have_room_for_the_letters() -> None:
    compared = Compared((memory(b"needle in a hays"),))
    narrow, wide = (
        [
            plain(column.text(row))
            for row in byte_rows(compared, "hex", NAMING, {})
            for column in byte_columns("hex", width)
        ]
        for width in (78, 120)
    )
    assert narrow[1:3] == ["6e65 6564 6c65 2069 6e20 6120 6861 7973", "needle in a hays"]
    assert wide[1:3] == ["6e 65 65 64 6c 65 20 69  6e 20 61 20 68 61 79 73", "needle in a hays"]
    shown = arrange(byte_columns("hex", 78), 77).places
    assert [place.column.key for place in shown] == ["address", "bytes", "text"]


def test_a_pointer_is_told_with_what_holds_it() -> None:
    naming = Naming(name, lambda address: "malloc@got.plt" if address == START else "")
    rows = byte_rows(Compared((memory(HEAP.to_bytes(8, "little") * 2),)), "pointers", naming, {})
    assert [row.note for row in rows] == [
        "0x10 bytes into the heap, in malloc@got.plt",
        "0x10 bytes into the heap",
    ]


def test_code_is_decoded_from_where_an_instruction_begins_and_enter_follows_its_target() -> None:
    call = b"\xe8" + (HEAP - START - 7).to_bytes(8, "little", signed=True)[:4]
    near = START + 7 + int.from_bytes(call[1:], "little", signed=True)
    naming = Naming(
        lambda address: "grow" if address in {near, START + 14 + 0x10} else "", machine="X86_64", start=START + 2
    )
    # The preceding byte begins a longer instruction: decoding from there would miss the call.
    content = b"\x90\xb8" + call + b"\x48\x8b\x05\x10\x00\x00\x00" + b"\xc3"
    rows = byte_rows(Compared((memory(content),)), "code", naming, {})
    told = [(row.address - START, row.code.split(" ")[0], row.note, row.leads) for row in rows]
    assert told == [
        (0, "nop", "", None),
        (1, "(cut)", "", None),
        (2, "call", "grow", near),
        (7, "mov", "grow", START + 14 + 0x10),
        (14, "ret", "", None),
    ]
    assert plain(BYTE_COLUMNS["code"][1].text(rows[2])) == call.hex(" ")
    assert plain(BYTE_COLUMNS["code"][3].text(rows[2])) == "→ grow"


def test_without_a_disassembler_there_is_a_sentence_in_the_place_of_code() -> None:
    [row] = byte_rows(Compared((memory(b"\x90" * 8),)), "code", Naming(name, machine="S390"), {})
    assert plain(BYTE_COLUMNS["code"][2].text(row)) == "code of S390 is not decoded"


@pytest.mark.parametrize(("notation", "said"), [("pointers", "points to a region"), ("strings", "four characters")])
def test_an_empty_table_says_what_is_not_there(notation: str, said: str) -> None:
    zeros = Compared((Piece(Range(START, START + 64), bytes(64), Origin.MEMORY),))
    assert byte_rows(zeros, notation, NAMING, {}) == ()
    assert said in plain(nothing_here(notation))
