"""The dynamic section of an ELF file: which libraries it needs, where to find them, and how to load it."""

from mmexplorer.model.value import NamedTuple, frozen

_DF_BIND_NOW = 0x8
_DF_1_NOW = 0x1
_DF_1_PIE = 0x08000000


class DynamicEntry(NamedTuple):
    """One entry."""

    tag: str
    """NEEDED, SONAME, FLAGS_1 ...; an unknown one as `0x6ffffef6`."""
    value: int
    text: str | None
    """The string `value` refers to for NEEDED, SONAME, RPATH and RUNPATH; not cleaned."""


@frozen
class Dynamic:
    """The entries in file order."""

    entries: tuple[DynamicEntry, ...]

    def value(self, tag: str) -> int | None:
        """The value of the first entry with that tag."""
        return next((entry.value for entry in self.entries if entry.tag == tag), None)

    def texts(self, tag: str) -> tuple[str, ...]:
        """The texts of all entries with that tag."""
        return tuple(entry.text for entry in self.entries if entry.tag == tag and entry.text is not None)

    @property
    def bind_now(self) -> bool:
        """Whether all functions are resolved at start-up, so that the complete GOT can become read-only."""
        if self.value("BIND_NOW") is not None:
            return True
        return bool((self.value("FLAGS") or 0) & _DF_BIND_NOW or (self.value("FLAGS_1") or 0) & _DF_1_NOW)

    @property
    def pie(self) -> bool:
        """Whether it declares itself a position-independent executable rather than a library."""
        return bool((self.value("FLAGS_1") or 0) & _DF_1_PIE)
