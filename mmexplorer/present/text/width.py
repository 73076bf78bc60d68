"""How many terminal cells cleaned text takes, without a table of our own (`unicodedata`, UAX 11)."""

from functools import lru_cache

_WIDE = frozenset({"W", "F"})
_ON_TOP = frozenset({"Mn", "Me"})
"""Categories of marks drawn over the preceding character."""


def cell_width(text: str) -> int:
    """Return the number of cells: two for wide characters, none for combining marks, one for all others."""
    return len(text) if text.isascii() else sum(map(_width, text))


@lru_cache(maxsize=4096)
def _width(char: str) -> int:
    import unicodedata  # noqa: PLC0415 - most texts are ASCII

    if unicodedata.category(char) in _ON_TOP:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def writable(text: str, encoding: str) -> str:
    """Replace characters that `encoding` lacks by similar ASCII of the same width, or by ?."""
    return "".join(char if _encodes(char, encoding) else _LIKE.get(char, "?" * _width(char)) for char in text)


def _encodes(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _each(chars: str, like: str) -> dict[str, str]:
    return dict.fromkeys(chars, like)


_LIKE = {
    **_each("—\u2013\u2212─━┄┈╌═", "-"),
    **_each("│┃║┆", "|"),
    **_each("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
    **_each("█▓▙▚▞▀▄▌▐▒", "#"),
    **_each("░·…•", "."),
    **_each("→▸▶\u203a", ">"),
    **_each("←◂◀\u2039", "<"),
    **_each("\u2018\u2019\u2032", "'"),
    **_each("“”", '"'),
    "\u00d7": "x",
}
