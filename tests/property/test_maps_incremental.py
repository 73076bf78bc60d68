"""A reading of maps that reuses the previous one equals a reading from scratch."""

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.parse.process.maps import MapsReading, parse_maps

_NAMES = st.sampled_from((b"", b"/a", b"/a (deleted)", b"[heap]", b"/b\rc "))
_PAGES = st.lists(
    st.tuples(st.integers(1, 40), st.integers(1, 4), st.sampled_from((b"rw-p", b"r--p")), _NAMES), max_size=12
)


def _text(pages: list[tuple[int, int, bytes, bytes]], junk: bytes) -> bytes:
    rows = sorted(set(pages))
    lines = [b"%x000-%x000 %s 00000000 00:00 0 %s\n" % (at, at + size, perms, name) for at, size, perms, name in rows]
    return b"".join(lines[: len(lines) // 2]) + junk + b"".join(lines[len(lines) // 2 :])


_TEXTS = st.builds(_text, _PAGES, st.sampled_from((b"", b"", b"", b"\n", b"nonsense\n", b"1000-2000 rw-p")))


@given(st.lists(_TEXTS, min_size=2, max_size=5))
def test_reading_on_gives_what_reading_from_nothing_gives(texts: list[bytes]) -> None:
    reading = MapsReading(())
    for text in texts:
        before, reading = reading, parse_maps(text, reading)
        afresh = parse_maps(text)
        assert (reading.regions, reading.rows, reading.errors) == (afresh.regions, afresh.rows, afresh.errors)
        known = set(map(id, before.rows))
        lines = set(before.text.split(b"\n"))
        kept = [line for line in text.split(b"\n") if line and line in lines]
        assert sum(id(row) in known for row in reading.rows) >= len(set(kept)) - len(reading.errors)
