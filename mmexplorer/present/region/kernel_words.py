"""The kernel's terms in plain words: `proc_pid_smaps(5)`, `proc_pid_stat(5)`, `mmap(2)`, `madvise(2)`."""

from collections.abc import Collection

from mmexplorer.model.region import RegionKind

VM_FLAGS = {
    "rd": "readable",
    "wr": "writable",
    "ex": "executable",
    "sh": "shared: writes reach everyone who maps it",
    "mr": "may be made readable",
    "mw": "may be made writable",
    "me": "may be made executable",
    "ms": "may be shared",
    "gd": "grows down, as a stack does",
    "pf": "page frames without page structures: device memory or the kernel's own",
    "gu": "some of its pages may be guards",
    "lo": "locked: never swapped out",
    "lf": "locked page by page, when touched",
    "io": "memory-mapped input and output",
    "sr": "will be read sequentially: read far ahead",
    "rr": "will be read at random: don't read ahead",
    "dc": "not copied to a child by fork",
    "de": "can't be extended by mremap",
    "ac": "counted against the commit limit",
    "nr": "no swap reserved for it (MAP_NORESERVE)",
    "ht": "huge pages of hugetlbfs",
    "sf": "page faults write metadata at once (MAP_SYNC)",
    "ar": "flag of this architecture",
    "wf": "emptied in a child by fork",
    "dd": "left out of core dumps",
    "sd": "new or changed since clear_refs: the whole region counts as soft-dirty",
    "mm": "mixed: some pages have page structures, some don't",
    "hg": "huge pages wanted (MADV_HUGEPAGE)",
    "nh": "huge pages refused (MADV_NOHUGEPAGE)",
    "mg": "equal pages may be merged (KSM)",
    "um": "faults on missing pages go to userfaultfd",
    "uw": "faults on write-protected pages go to userfaultfd",
    "ui": "minor faults go to userfaultfd",
    "ss": "shadow stack: return addresses, written by calls only",
    "dp": "droppable: the kernel may empty it when memory is short",
    "sl": "sealed: can't be unmapped or changed (mseal)",
    "bt": "branch targets are guarded (BTI)",
    "mt": "memory tagging is on (MTE)",
}
"""The flags of VmFlags (`fs/proc/task_mmu.c`)."""

COUNTERS = {
    "Size": "address space, touched or not",
    "KernelPageSize": "the page size the kernel allocates by",
    "MMUPageSize": "the page size the processor translates by",
    "Rss": "in memory now, shared pages counted in full",
    "Pss": "in memory now, each page divided by the number of its users: the fair share",
    "Pss_Dirty": "the fair share of the pages that were written",
    "Pss_Anon": "the fair share of anonymous pages",
    "Pss_File": "the fair share of file pages",
    "Pss_Shmem": "the fair share of shared-memory pages",
    "Shared_Clean": "mapped more than once, not written",
    "Shared_Dirty": "mapped more than once, written",
    "Private_Clean": "mapped once, not written",
    "Private_Dirty": "mapped once, written; ending the process frees it unless a file or shared memory keeps it",
    "Referenced": "touched since the kernel last looked",
    "Anonymous": "pages without a file behind them, including copies of file pages",
    "KSM": "merged with equal pages",
    "LazyFree": "given up by MADV_FREE, not yet reclaimed; may lag",
    "AnonHugePages": "anonymous memory in huge pages",
    "ShmemPmdMapped": "shared memory in huge pages",
    "FilePmdMapped": "file pages in huge pages",
    "Shared_Hugetlb": "hugetlbfs pages mapped more than once; not part of Rss",
    "Private_Hugetlb": "hugetlbfs pages mapped once; not part of Rss",
    "Swap": "swapped out",
    "SwapPss": "the fair share of what is swapped out",
    "Locked": "locked into memory, by fair share",
    "THPeligible": "1 where huge pages may be used, else 0",
    "ProtectionKey": "the number of its protection key (pkeys)",
}
"""The counters of smaps. Private and Shared refer to how often a page is mapped, not to MAP_PRIVATE and MAP_SHARED."""

KINDS = {
    RegionKind.CODE: "the instructions of a program or library, shared by all who run it",
    RegionKind.RODATA: "read-only data of a program or library, such as strings and tables; shared by all who run it",
    RegionKind.DATA: "global variables that start with a value; a page is copied from the file when first written",
    RegionKind.RELRO: "addresses that the dynamic linker filled in at start, read-only since",
    RegionKind.BSS: "global variables that start as zero: the file holds no bytes for them",
    RegionKind.HEAP: "memory that malloc takes with brk; it grows upward",
    RegionKind.STACK: "local variables and return addresses; it grows downward when touched",
    RegionKind.ARENA: "memory that malloc takes with mmap for threads beyond the first; of each 64 MiB the part in use",
    RegionKind.JIT: "machine code that the program itself writes while it runs",
    RegionKind.ANON: "memory without a file: mmap, malloc's large blocks; zero until written",
    RegionKind.FILE: "a file mapped as data",
    RegionKind.SHM: "memory that several processes may share, without a file on disk",
    RegionKind.MEMFD: "a file that exists only in memory (memfd_create, memfd_secret)",
    RegionKind.GUARD: "no access at all: running past the end of its neighbour becomes a fault",
    RegionKind.ARENA_RESERVE: "what malloc's arena has not used yet: addresses only, made accessible as it grows",
    RegionKind.RESERVE: "no access at all: addresses kept for later, which cost no memory",
    RegionKind.DEVICE: "memory of a device or its driver",
    RegionKind.HUGETLB: "huge pages from the pool of hugetlbfs; in neither Rss nor Pss",
    RegionKind.VDSO: "code that the kernel provides, so that reading the clock needs no system call",
    RegionKind.VVAR: "the kernel's data for the vdso: the clock, read-only",
    RegionKind.VSYSCALL: "the old fixed address of three system calls; belongs to the kernel, the same everywhere",
    RegionKind.OTHER: "the kernel's own: rings shared with it, probes",
}

STATES = {
    "R": "running or ready to run",
    "S": "sleeping",
    "D": "waiting for a device, can't be interrupted",
    "I": "idle kernel thread",
    "T": "stopped by a signal",
    "t": "stopped by a debugger",
    "Z": "zombie: ended, but its parent hasn't waited for it",
    "X": "dead",
    "P": "parked",
}
"""The state letters of `proc_pid_stat(5)`."""


def flag_words(flag: str) -> str:
    """Explain a flag of VmFlags; an unknown one is returned unchanged."""
    return VM_FLAGS.get(flag, flag)


def counter_words(name: str) -> str:
    """Explain a counter of smaps; "" for one added by a newer kernel."""
    return COUNTERS.get(name, "")


def perm_words(perms: str, flags: Collection[str] | None = None) -> str:
    """Explain permissions such as `rw-p`, in the order of the letters; `?` means that the source doesn't have them.

    `flags`: the VmFlags, if known; without `mw` the region can't be made writable either.
    """
    if perms.startswith("?"):
        return "permissions not known here"
    allowed = [word for letter, word in zip(perms, ("read", "write", "execute"), strict=False) if letter != "-"]
    if not allowed:
        return "no access: touching it is a fault"
    return f"{', '.join(allowed)}; {_write_words(perms, can_become_writable=flags is None or 'mw' in flags)}"


def _write_words(perms: str, *, can_become_writable: bool) -> str:
    """Describe the effect of a write, and who sees it."""
    if perms.endswith("?"):
        return "whether private or shared isn't known here"
    shared = perms.endswith("s")
    if "w" in perms:
        return "shared: a write reaches the file or everyone who maps it" if shared else "private: a write stays here"
    if not can_become_writable:
        return f"{'shared' if shared else 'private'}: a write is refused (SIGSEGV), and it can't be made writable"
    if shared:
        return "shared: a write is refused (SIGSEGV); others' writes appear here"
    return "private: a write is refused (SIGSEGV); if it were made writable, writes would stay here"
