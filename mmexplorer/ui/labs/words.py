"""The texts of the labs for the screen: the terms that the glossary explains stand out."""

from mmexplorer.labs.text import pieces
from mmexplorer.present.text.line import Line, Tone, span


def words(text: str) -> Line:
    """Give a text with its terms marked by their tone."""
    return tuple(span(piece, Tone.ACCENT if term else Tone.NORMAL) for piece, term in pieces(text) if piece)
