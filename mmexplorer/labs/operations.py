"""What the lab process can be told to do: one function for each of its operations (`kernel/lab_child.py`).

Ranges, files and blocks are known by the names that the lab gives them. Lengths and offsets are bytes; a `length` of
None means "to the end of the range".
"""

from mmexplorer.model.lab import Operation

READ_WRITE = "PROT_READ|PROT_WRITE"


def mmap(
    name: str,
    length: int,
    *,
    prot: str = READ_WRITE,
    flags: str = "MAP_PRIVATE|MAP_ANONYMOUS",
    file: str = "",
) -> Operation:
    """Ask for memory at an address of the kernel's choice; of `file`, which `memfd` made, or anonymous."""
    return Operation("mmap", {"name": name, "length": length, "prot": prot, "flags": flags, "file": file})


def ready() -> Operation:
    """Do nothing: it is answered as soon as the process can do something."""
    return Operation("ready", {})


def munmap(of: str, *, offset: int = 0, length: int | None = None) -> Operation:
    """Take addresses away. The name stays, as a dangling pointer does."""
    return _on_range("munmap", of, offset, length)


def mprotect(of: str, prot: str, *, offset: int = 0, length: int | None = None) -> Operation:
    """Change the protection."""
    return _on_range("mprotect", of, offset, length, prot=prot)


def madvise(of: str, advice: str, *, offset: int = 0, length: int | None = None) -> Operation:
    """Say how the memory will be used, `MADV_DONTNEED` for example."""
    return _on_range("madvise", of, offset, length, advice=advice)


def no_huge_pages(of: str) -> Operation:
    """Keep transparent huge pages out of a range, so that its pages are counted in fours of kB.

    A kernel without huge pages refuses with EINVAL, which does no harm.
    """
    return Operation("no_huge_pages", {"of": of})


def guard(of: str, *, offset: int, length: int) -> Operation:
    """Turn pages into a guard: MADV_GUARD_INSTALL, or mprotect with PROT_NONE before Linux 6.13."""
    return _on_range("guard", of, offset, length)


def memfd(name: str, length: int) -> Operation:
    """Make, with memfd_create(2) and ftruncate(2), a file of `length` zeroes that lives as long as the process."""
    return Operation("memfd", {"name": name, "length": length})


def touch(of: str, length: int, *, offset: int = 0, write: bool = True) -> Operation:
    """Write, or only read, one byte in each page. Figures: `pages`, `touch_min_flt`, `touch_maj_flt`."""
    return Operation("touch", {"of": of, "length": length, "offset": offset, "write": write})


def malloc(name: str, size: int, *, count: int = 1, fill: bool = False) -> Operation:
    """Allocate `count` blocks. Figures: `requested`, `mapped`, `into_page`, `system_calls`."""
    return Operation("malloc", {"name": name, "size": size, "count": count, "fill": fill})


def free(of: str, *, keep: int = 0) -> Operation:
    """Free all blocks of that name but the last `keep`. Figure: `system_calls`."""
    return Operation("free", {"of": of, "keep": keep})


def malloc_trim() -> Operation:
    """Have glibc give back what it keeps."""
    return Operation("malloc_trim", {})


def access(of: str = "", *, offset: int = 0, how: str = "write", handler: str = "") -> Operation:
    """Print a line, use an address ("write", "read", "execute"), print another; the address is NULL without a range.

    `handler`: "" for the signal's default action, "leave" to print and exit, "repair" to make the page accessible.
    """
    return Operation("access", {"of": of, "offset": offset, "how": how, "handler": handler})


def _on_range(name: str, of: str, offset: int, length: int | None, **more: str) -> Operation:
    rest: dict[str, int | str | bool] = {} if length is None else {"length": length}
    return Operation(name, {"of": of, "offset": offset, **rest, **more})
