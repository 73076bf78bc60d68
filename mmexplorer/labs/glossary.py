"""The terms of the labs' texts, each in a sentence or two. Keys are in lower case."""

from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "address space": "All the addresses that a process may use: its own, whatever other processes use.",
    "anonymous memory": "Memory that no file stands behind; it begins as zeroes. Heap, stack and malloc's blocks.",
    "brk": "The system call that moves the end of the heap, the program break: brk(2).",
    "dangling pointer": "A pointer to memory that has been given back.",
    "guard": "Pages that nobody may use, put behind a buffer or stack so that running over its end shows at once.",
    "heap": "The region after the program's data that grows with brk; malloc's small blocks lie there. [heap] in maps.",
    "huge page": "A page of 2 MiB instead of 4 kB (on x86-64). The kernel may use them by itself where it fits: THP.",
    "malloc": "The C library's function that hands out memory in bytes: malloc(3). It gets pages from the kernel.",
    "minor fault": "A page fault that was resolved without reading from a disk. One that had to read is a major fault.",
    "mmap": "The system call that makes a region, of a file or of anonymous memory: mmap(2).",
    "mmap_min_addr": "vm.mmap_min_addr: no process may map below this address, usually 65,536 or 4,096.",
    "munmap": "The system call that takes a range of addresses away again: munmap(2).",
    "null": "The pointer with the value 0: it means that it points to nothing.",
    "page": "The unit in which the processor and the kernel manage memory: 4 kB on most machines.",
    "page fault": (
        "The exception that the processor raises when it has no usable entry for an address. The kernel resolves most"
        " of them by putting a page there, and the program goes on."
    ),
    "page table": "The table, in levels, in which the processor finds the page for an address. Its size is VmPTE.",
    "prot_none": "The protection of a region that may not be read, written or executed. ---p in maps.",
    "region": "A range of addresses with one kind of content and one protection; a VMA to the kernel, a row in maps.",
    "rss": "Resident set size: how much of a process is in physical memory now, shared pages included.",
    "segv_accerr": "The si_code of a SIGSEGV where a region covers the address but doesn't allow this use of it.",
    "segv_maperr": "The si_code of a SIGSEGV where no region covers the address.",
    "sigbus": "The signal for an access that is allowed but can't be done, as past the end of a mapped file.",
    "signal": "A message of the kernel or another process that interrupts a process: signal(7).",
    "signal handler": "A function of the program that is called when a signal arrives: sigaction(2).",
    "sigsegv": "The signal for the use of an address that isn't allowed: a segmentation fault.",
    "vmsize": "The size of the address space of a process: the sum of its regions, whether in memory or not.",
    "zero page": "One page full of zeroes that the kernel shows wherever memory is read before it was written.",
}


def look_up(term: str) -> str | None:
    """The definition of a term, in any case; None for one that isn't there."""
    return GLOSSARY.get(term.lower())
