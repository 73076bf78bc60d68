"""Decides what a region is for. The first row that matches wins.

| what is seen | kind |
|---|---|
| `[vdso]`; `[vvar]`, `[vvar_vclock]`; `[vsyscall]`; `[heap]`; `[stack]`, \
`[stack:TID]`; `[page size compat]` | vdso; vvar; vsyscall; heap; stack; guard |
| `[anon_shmem:NAME]`: named shared memory | shm |
| a segment's RELRO; bss; the hole that a large p_align leaves | relro; bss; guard |
| a segment's bytes in the file, zeroed tail included, by the flags of the program header: E; W; neither | code; data; \
rodata |
| any file with the flag `ht` | hugetlb |
| the role by neighbours, shape, threads (`model/role.py`): kernel's files, arena, jit, reserve, guard, stack, anon | |
| `/dev/zero (deleted)`: shared anonymous memory, a nameless file in the kernel's own tmpfs | shm |
| `/dev/zero`: mapped privately, it is anonymous memory | anon |
| `/memfd:NAME (deleted)`, `/secretmem (deleted)` | memfd |
| `/SYSV%08x (deleted)`, `/dev/shm/...` | shm |
| `/anon_hugepage (deleted)`, `/dev/hugepages/...` | hugetlb |
| `/[aio] (deleted)`, `anon_inode:...`, `socket:...`: rings shared with the kernel | other |
| `/dev/...`, `/dmabuf:...`, any file with the flag `io` | device |
| any other file: executable; not executable | code; file |
| no name, or `[anon:NAME]`, private: no permissions; the flag `gd` or `ss`; neither | guard; stack; anon |
| anything else in brackets: `[uprobes]`, and whatever newer kernels add | other |

The names are those of `proc_pid_maps(5)`. Names in brackets are the kernel's own: a real file called `[heap]` shows its
path, which starts with `/`. The flag `gu` decides nothing: it means that some pages of the region *may* be guards. If
VmFlags were not read, rows that need them don't match.
"""

import re

from mmexplorer.model.elf.layout import Label, Match
from mmexplorer.model.region import Region, RegionKind, Usage
from mmexplorer.model.role import Role

_KERNEL_NAMES = {
    "[vdso]": RegionKind.VDSO,
    "[vvar]": RegionKind.VVAR,
    "[vvar_vclock]": RegionKind.VVAR,
    "[vsyscall]": RegionKind.VSYSCALL,
    "[heap]": RegionKind.HEAP,
    "[stack]": RegionKind.STACK,
    "[page size compat]": RegionKind.GUARD,
}

_BRACKETS = (("[anon_shmem:", RegionKind.SHM), ("[stack:", RegionKind.STACK))
"""Linux 3.4 to 4.4 names threads' stacks."""

_DECISIVE = frozenset({"gd", "ss", "ht"})
"""Flags that outweigh neighbours and shape."""

_LABELS = {Label.RELRO: RegionKind.RELRO, Label.BSS: RegionKind.BSS, Label.HOLE: RegionKind.GUARD}

_UNLINKED = {
    "/dev/zero": RegionKind.SHM,
    "/secretmem": RegionKind.MEMFD,
    "/anon_hugepage": RegionKind.HUGETLB,
    "/[aio]": RegionKind.OTHER,
}
"""Files in the kernel's own file systems: they have no directory entry, so the kernel marks them as deleted."""

_PREFIXES = (
    ("/dev/zero", RegionKind.ANON),
    ("/dev/shm/", RegionKind.SHM),  # noqa: S108 - the place of POSIX shared memory, compared and never opened
    ("/dev/hugepages/", RegionKind.HUGETLB),
    ("/dev/", RegionKind.DEVICE),
    ("/dmabuf:", RegionKind.DEVICE),
    ("anon_inode:", RegionKind.OTHER),
    ("socket:", RegionKind.OTHER),
)


def classify(region: Region, match: Match | None, usage: Usage | None, role: Role | None = None) -> RegionKind:
    """Return what `region` is for, by the table above. `role` is what its surroundings say."""
    flags = (usage.vm_flags if usage is not None else None) or ()
    path = region.traits.path
    by_itself = _of_brackets(path) or (_of_segment(match) if match is not None else None)
    if by_itself is None and role is not None and not _DECISIVE.intersection(flags):
        by_itself = role.kind
    if by_itself is not None:
        return by_itself
    if region.traits.inode or path.startswith("/"):
        return _of_file(region, flags)
    if path and not path.startswith("[anon:"):
        return RegionKind.OTHER
    return _of_anonymous(region, flags)


def _of_brackets(path: str) -> RegionKind | None:
    if not path.startswith("["):
        return None
    named = _KERNEL_NAMES.get(path)
    return named or next((kind for begins, kind in _BRACKETS if path.startswith(begins)), None)


def _of_segment(match: Match) -> RegionKind | None:
    if match.label in _LABELS:
        return _LABELS[match.label]
    if match.label is Label.PATCHED:
        return None
    if "E" in match.segment.flags:
        return RegionKind.CODE
    return RegionKind.DATA if "W" in match.segment.flags else RegionKind.RODATA


def _of_file(region: Region, flags: tuple[str, ...]) -> RegionKind:
    if "ht" in flags:
        return RegionKind.HUGETLB
    if region.deleted:
        kernels_own = _of_unlinked(region.path)
        if kernels_own is not None:
            return kernels_own
    for prefix, kind in _PREFIXES:
        if region.path.startswith(prefix):
            return kind
    if "io" in flags:
        return RegionKind.DEVICE
    return RegionKind.CODE if "x" in region.perms else RegionKind.FILE


def _of_unlinked(path: str) -> RegionKind | None:
    if path.startswith("/memfd:"):
        return RegionKind.MEMFD
    if path.startswith("/SYSV") and re.fullmatch("[0-9a-f]{8}", path.removeprefix("/SYSV")):
        return RegionKind.SHM
    return _UNLINKED.get(path)


def _of_anonymous(region: Region, flags: tuple[str, ...]) -> RegionKind:
    if region.perms.startswith("---"):
        return RegionKind.GUARD
    return RegionKind.STACK if "gd" in flags or "ss" in flags else RegionKind.ANON
