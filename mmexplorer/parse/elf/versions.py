"""The versions of dynamic symbols: .gnu.version, .gnu.version_d and .gnu.version_r, as in the Linux Standard Base."""

import struct
from collections.abc import Iterator
from itertools import islice

from mmexplorer.model.typed import Literal
from mmexplorer.model.value import NamedTuple

_HIDDEN = 0x8000
"""A version that is only found by who asks for it (VERSYM_HIDDEN)."""
_GLOBAL = 1
"""Up to this number, a symbol is local or has no version (VER_NDX_LOCAL, VER_NDX_GLOBAL)."""
_AT_MOST = 1 << 15
"""As many as the numbers of versions can tell apart."""
_NAME_AT_MOST = 1 << 10


class Version(NamedTuple):
    """A version of a file's own symbols, or one that it needs of another file."""

    name: str
    needed: bool


class Versions:
    """The version of each entry of .dynsym."""

    def __init__(self, numbers: bytes, order: Literal["<", ">"], named: dict[int, Version]) -> None:
        """`numbers` is .gnu.version."""
        self._numbers = numbers
        self._layout = struct.Struct(f"{order}H")
        self._named = named

    def version(self, index: int, name: str, *, defined: bool) -> str:
        """Return `@GLIBC_2.2.5` for an entry, `@@GLIBC_2.2.5` if it is the default; "" if it has none.

        As in nm(1), the symbol that stands for a version itself has none.
        """
        at = index * self._layout.size
        if at + self._layout.size > len(self._numbers):
            return ""
        number = self._layout.unpack_from(self._numbers, at)[0]
        version = self._named.get(number & ~_HIDDEN)
        if version is None or version.name == name:
            return ""
        return f"{'@@' if defined and not (version.needed or number & _HIDDEN) else '@'}{version.name}"


def parse_definitions(table: bytes, strings: bytes, order: Literal["<", ">"]) -> dict[int, Version]:
    """Read .gnu.version_d: by number, the versions of the file's own symbols, without its own name."""
    entry, name = struct.Struct(f"{order}HHHHIII"), struct.Struct(f"{order}II")
    found: dict[int, Version] = {}
    for at in _chain(table, entry, 0, 6, _AT_MOST):
        _, _, number, names_count, _, names, _ = entry.unpack_from(table, at)
        if number > _GLOBAL and names_count and at + names + name.size <= len(table):
            found[number & ~_HIDDEN] = Version(_text(strings, name.unpack_from(table, at + names)[0]), needed=False)
    return found


def parse_needs(table: bytes, strings: bytes, order: Literal["<", ">"]) -> dict[int, Version]:
    """Read .gnu.version_r: by number, the versions needed of other files."""
    version = struct.Struct(f"{order}IHHII")
    found: dict[int, Version] = {}
    # Bounded over all files: in a crafted table, those of each one could be the same many thousands.
    for at in islice(_needed(table, struct.Struct(f"{order}HHIII"), version), _AT_MOST):
        _, _, number, name, _ = version.unpack_from(table, at)
        found[number & ~_HIDDEN] = Version(_text(strings, name), needed=True)
    return found


def _needed(table: bytes, entry: struct.Struct, version: struct.Struct) -> Iterator[int]:
    """Yield where each version starts, file by file: as many of each as its entry says."""
    for at in _chain(table, entry, 0, 4, _AT_MOST):
        _, count, _, first, _ = entry.unpack_from(table, at)
        yield from _chain(table, version, at + first, 4, count)


def _chain(table: bytes, layout: struct.Struct, at: int, next_field: int, at_most: int) -> Iterator[int]:
    """Yield where each complete entry starts: each says how many bytes further on the next one does, the last one 0."""
    for _ in range(at_most):
        if at + layout.size > len(table):
            return
        yield at
        step = layout.unpack_from(table, at)[next_field]
        if not step:
            return
        at += step


def _text(strings: bytes, at: int) -> str:
    return strings[at : at + _NAME_AT_MOST].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
