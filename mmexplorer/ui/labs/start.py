"""How the Labs screen begins."""

from typing import NamedTuple


class LabsStart(NamedTuple):
    """How the screen begins."""

    lab: str = ""
    """The name of the lab that is chosen; "" for the first."""
    auto: bool = False
    """Whether it plays by itself; every lab, one after the other, if none was named."""
