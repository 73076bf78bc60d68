"""The one gate for text that a process or a file controls, on its way to a screen or a printed table."""

import unicodedata

_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
"""C0 and DEL are shown as the control pictures U+2400-U+2421."""

_REPLACEMENT = 0xFFFD

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that move the cursor, reorder or hide text: C1, bidi and zero-width characters, surrogates (bytes that
were not UTF-8), private use, unassigned, and the line and paragraph separators."""


class _Table(dict[int, int]):
    """A translation table that decides each character once."""

    def __missing__(self, code: int) -> int:
        shown = _PICTURES.get(code)
        if shown is None:
            shown = _REPLACEMENT if unicodedata.category(chr(code)) in _HIDDEN else code
        self[code] = shown
        return shown


_TABLE = _Table()


def clean(text: str) -> str:
    """Give `text` with nothing in it that a terminal would act on; as many characters as before.

    A combining mark is kept: it can only change the look of the character before it.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_TABLE)
