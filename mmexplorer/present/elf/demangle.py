"""Names of C++ and Rust symbols as their programmers wrote them, by the libraries of the extra `demangle`.

A crafted name of 300 characters can stand for more text than memory holds, and a deep one overflows the stack of
LLVM's demangler (pycxxfilt). multi_demangle gives up on both, but loses a parameter of some constructors: so it is
asked first, and only what it can write at a reasonable length is written by the exact one.
"""

import importlib
from functools import cache, lru_cache
from typing import Any

_LONGEST_MANGLED = 1 << 12
_LONGEST = 1 << 14
_KINDS = ("_Z", "_R", "__Z")

MISSING = "names are shown mangled: pip install 'mmexplorer[demangle]' adds what demangles them"
"""What to say where the libraries are not installed."""


def is_mangled(raw: str) -> bool:
    """Whether `raw` looks like the name of a C++ or Rust symbol."""
    return raw.startswith(_KINDS)


def available() -> bool:
    """Whether the libraries are installed."""
    return _library("multi_demangle") is not None


@lru_cache(maxsize=1 << 16)
def demangle(raw: str) -> str:
    """Give the name in the source; `raw` itself where it isn't mangled or can't be demangled. Not cleaned."""
    bounded = _library("multi_demangle")
    if bounded is None or not is_mangled(raw) or len(raw) > _LONGEST_MANGLED or not raw.isascii():
        return raw
    name = str(bounded.demangle_symbol(raw))
    if name == raw or len(name) > _LONGEST:
        return raw
    return name if _is_rust(raw) else _exact(raw) or name


def _is_rust(raw: str) -> bool:
    """Whether it is Rust's: its older scheme is a C++ name that ends in a hash, `17h` and 16 hexadecimal digits."""
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
    """Import a library when a mangled name is first met; None where it isn't installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
