"""The only gate for text that a process or a file controls, on its way to a screen or a printed table."""

_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
"""C0 and DEL are shown as the control pictures U+2400-U+2421."""

_REPLACEMENT = 0xFFFD

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that move the cursor, reorder or hide text: C1, bidi and zero-width characters, surrogates (bytes that
were not UTF-8), private use, unassigned, and the line and paragraph separators."""

_DISPUTED = (
    range(0x1160, 0x1200),  # Hangul vowels and finals that join the preceding letter
    range(0xD7B0, 0xD800),
    range(0xFE00, 0xFE10),  # variation selectors: U+FE0F turns a character into a picture of two cells
    range(0xE0100, 0xE01F0),
    range(0x1F1E6, 0x1F200),  # two of them form a flag
    range(0x1F3FB, 0x1F400),  # skin tones that modify the preceding character
)
_DISPUTED_CATEGORIES = frozenset({"Mc", "Me"})
"""Terminals disagree on how many cells these take, which would shift the rest of the line."""


class _Table(dict[int, int]):
    """A translation table that decides on each character once."""

    def __missing__(self, code: int) -> int:
        shown = self[code] = _PICTURES.get(code) or (_REPLACEMENT if _is_hidden(code) else code)
        return shown


def _is_hidden(code: int) -> bool:
    import unicodedata  # noqa: PLC0415 - most names are ASCII

    category = unicodedata.category(chr(code))
    return category in _HIDDEN or category in _DISPUTED_CATEGORIES or any(code in each for each in _DISPUTED)


_TABLE = _Table()


def clean(text: str) -> str:
    """Return `text` without anything that a terminal would act on; the number of characters stays the same.

    A combining mark that takes no cell is kept: it only changes the look of the preceding character.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_TABLE)
