"""C++ and Rust symbol names in source form, if the libraries of the extra `demangle` are installed.

A crafted name of 300 characters can expand to more text than fits in memory, and a deeply nested one overflows the
stack of LLVM's demangler (pycxxfilt). multi_demangle gives up on both, but drops a parameter of some constructors. So
it goes first, and the exact one only gets names that multi_demangle could write at a reasonable length.
"""

import importlib
from functools import cache, lru_cache

from mmexplorer.model.typed import Any

_LONGEST_MANGLED = 1 << 12
_LONGEST = 1 << 14
_KINDS = ("_Z", "_R", "__Z")

MISSING = "names are shown mangled: pip install 'mmexplorer[demangle]' adds what demangles them"
"""Shown if the libraries aren't installed."""


def is_mangled(raw: str) -> bool:
    """Return whether `raw` looks like the name of a C++ or Rust symbol."""
    return raw.startswith(_KINDS)


def available() -> bool:
    """Return whether the libraries are installed."""
    return _library("multi_demangle") is not None


@lru_cache(maxsize=1 << 16)
def demangle(raw: str) -> str:
    """Return the name in the source, or `raw` itself if it isn't mangled or can't be demangled. Not cleaned."""
    bounded = _library("multi_demangle")
    if bounded is None or not is_mangled(raw) or len(raw) > _LONGEST_MANGLED or not raw.isascii():
        return raw
    name = str(bounded.demangle_symbol(raw))
    if name == raw or len(name) > _LONGEST:
        return raw
    return name if _is_rust(raw) else _exact(raw) or name


def _is_rust(raw: str) -> bool:
    """Return whether it is Rust's: a legacy name is a C++ name ending in a hash, `17h` and 16 hexadecimal digits."""
    return raw.startswith("_R") or (raw.endswith("E") and raw[-20:-17] == "17h")


def _exact(raw: str) -> str | None:
    library = _library("pycxxfilt")
    if library is None:
        return None
    try:
        name: str | None = library.demangle(raw)
    except ValueError:
        return None
    return name


@cache
def _library(name: str) -> Any:
    """Import a library when the first mangled name is met; return None if it isn't installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
