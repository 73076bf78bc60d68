"""Reading any bytes as ELF yields an image or one error."""

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.kernel.elf.reader import Held, Wanted, read_elf
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.elf.tables import build_id
from mmexplorer.parse.process.auxv import parse_auxv
from mmexplorer.present.elf.plain import image_lines
from mmexplorer.present.json.document import document
from mmexplorer.present.json.elf import image_json
from mmexplorer.present.text.line import plain
from tests.support.specimens.elf_bytes import make_elf

_SEEDS = [made.data for bits in (32, 64) for made in (make_elf(bits, "<", 62), make_elf(bits, ">", 8))]

_EDIT = st.tuples(st.integers(0, len(max(_SEEDS, key=len)) - 1), st.integers(0, 255))
_EDITS_OF_HEADERS = st.tuples(st.integers(4, 300), st.sampled_from([0, 1, 0x7F, 0x80, 0xFE, 0xFF]))


def _mutated(seed: bytes, edits: list[tuple[int, int]], length: int) -> bytes:
    data = bytearray(seed)
    for at, value in edits:
        data[at % len(data)] = value
    return bytes(data[: max(0, len(data) - length)])


def _check(data: bytes) -> None:
    result = read_elf(Held(data), Wanted("x", "path", sections=True))
    if isinstance(result, Unavailable):
        assert result.reason
        assert "\n" not in result.reason
    else:
        assert isinstance(result, ElfImage)
        document("elf", image_json(result, 4096))
        assert all(plain(line).isprintable() for line in image_lines(result, None, 4096))


@given(
    st.sampled_from(_SEEDS),
    st.lists(_EDIT | _EDITS_OF_HEADERS, max_size=12),
    st.sampled_from([0, 0, 0, 1, 100, 500, 4000]),
)
def test_a_damaged_file_is_an_image_or_a_sentence(seed: bytes, edits: list[tuple[int, int]], shorter: int) -> None:
    _check(_mutated(seed, edits, shorter))


@given(st.sampled_from([b"", b"\x7fELF", b"\x7fELF\1\1\1", b"\x7fELF\2\2\1"]), st.binary(max_size=400))
def test_any_bytes_are_an_image_or_a_sentence(start: bytes, data: bytes) -> None:
    _check(start + data)


@given(st.binary(max_size=300), st.sampled_from(["<", ">"]), st.integers(0, 1 << 64))
def test_notes_and_auxiliary_vectors_are_total(data: bytes, order: str, align: int) -> None:
    found = build_id(data, "<" if order == "<" else ">", align)
    assert found is None or found in data.hex()
    parse_auxv(data)
