"""Notes, auxiliary vectors and section names, parsed from bytes."""

import ctypes
import struct
from pathlib import Path

from mmexplorer.model.process.auxv import AuxKey, Auxv
from mmexplorer.parse.elf.tables import NAMES_AT_MOST, build_id, section_names
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.auxv import parse_auxv


def _note(order: str, name: bytes, kind: int, body: bytes, align: int = 4) -> bytes:
    head = struct.pack(order + "III", len(name), len(body), kind) + name
    head += bytes(-len(head) % align)
    return head + body + bytes(-len(body) % align)


def test_the_build_id_is_found_behind_other_notes() -> None:
    for order in ("<", ">"):
        notes = (
            _note(order, b"GNU\0", 1, b"abi-")
            + _note(order, b"Go\0\0", 3, b"no")
            + _note(order, b"GNU\0", 3, b"\xab" * 20)
        )
        assert build_id(notes, "<" if order == "<" else ">", 4) == "ab" * 20


def test_notes_aligned_to_eight_bytes() -> None:
    notes = _note("<", b"GNU\0", 5, b"property....", 8) + _note("<", b"GNU\0", 3, b"\1\2\3", 8)
    assert build_id(notes, "<", 8) == "010203"


def test_a_note_cut_short_is_no_build_id() -> None:
    whole = _note("<", b"GNU\0", 3, b"\xab" * 20)
    assert build_id(whole[:-1], "<", 4) is None
    assert build_id(b"", "<", 4) is None


def test_an_auxiliary_vector_in_either_word_size() -> None:
    pairs = ((33, 0x7FFF1000), (7, 0xF7F00000), (9, 0x401000), (3, 0x400040), (51, 0x700))
    for letter, size in (("Q", 8), ("I", 4)):
        data = b"".join(struct.pack(f"={letter * 2}", *pair) for pair in (*pairs, (0, 0)))
        auxv = parse_auxv(data + data)
        assert isinstance(auxv, Auxv)
        assert auxv.word_size == size
        assert (auxv.base, auxv.entry) == (0xF7F00000, 0x401000)
        assert auxv.entries == dict(pairs)


def test_the_own_vector_says_what_getauxval_says() -> None:
    auxv = parse_auxv(Path("/proc/self/auxv").read_bytes())
    assert isinstance(auxv, Auxv)
    getauxval = ctypes.CDLL(None).getauxval
    getauxval.restype = ctypes.c_ulong
    getauxval.argtypes = [ctypes.c_ulong]
    # Not every key: glibc overrides some that describe the CPU.
    told = {key: auxv.entries[key] for key in (*AuxKey, 3, 6, 33)}
    assert told == {key: getauxval(key) for key in told}


def test_an_absent_value_is_none_and_never_zero() -> None:
    static = parse_auxv(struct.pack("=8Q", 7, 0, 9, 0x401000, 51, 0, 0, 0))
    assert isinstance(static, Auxv)
    assert static.base is None


def test_no_vector_at_all_is_an_error() -> None:
    for data in (b"", b"\0" * 16, b"\7" * 64, struct.pack("=2Q", 9, 1)):
        assert isinstance(parse_auxv(data), ParseError)


def test_section_names_come_from_inside_the_table() -> None:
    assert section_names(b"\0.text\0.da\xffa\0", [0, 1, 3, 7, 12, 13, 99]) == [
        "", ".text", "ext", ".da\udcffa", "", "<corrupt>", "<corrupt>"
    ]  # fmt: skip
    assert section_names(b"n" * 5_000, [0] * (NAMES_AT_MOST // 4096 + 1)) is None
