"""The terms of the labs' texts, each in a sentence or two. Keys are in lower case."""

from collections.abc import Mapping

from mmexplorer.labs.lab import Choice, Lab, Step
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.text import pieces

GLOSSARY: Mapping[str, str] = {
    "address space": "All the addresses that a process may use: its own, whatever other processes use.",
    "anonymous memory": "Memory that no file stands behind; it begins as zeroes. Heap, stack and malloc's blocks.",
    "aslr": "Address-space layout randomisation: each execve chooses again where libraries, stack and heap lie, and the"
    " program too if its file has the type DYN.",
    "available": "What programs could still get without swapping: an estimate of free memory and what can be released.",
    "best fit": "The rule to use the smallest hole that is large enough.",
    "brk": "The system call that moves the end of the heap, the program break: brk(2).",
    "buff/cache": (
        "What free(1) calls Buffers, Cached and SReclaimable: pages of files, shared memory and tmpfs, and caches of"
        " the"
        " kernel's own."
    ),
    "committed_as": "The sum of all memory that the kernel has promised to processes, used or not: proc_meminfo(5).",
    "copy on write": "Two processes share a page, read-only, until one writes to it: then that one gets a copy.",
    "dangling pointer": "A pointer to memory that has been given back.",
    "dirty page": "A page that was changed and has not been written to its file yet.",
    "dynamic linker": "ld.so: it is mapped beside a program, maps that program's libraries and fills in addresses.",
    "elf": "The format of programs and libraries on Linux: a header, a table of segments, and their bytes. elf(5).",
    "enomem": "The error of a system call for which there is no memory. It is a refusal: nobody was killed.",
    "entry point": "The address of a program's first instruction, e_entry in its header. It is not main.",
    "execve": "The system call that puts another program in the place of the one that calls it: execve(2).",
    "external fragmentation": "Free memory in pieces too small for what is asked for, though together they would do.",
    "first fit": "The rule to use the first hole that is large enough.",
    "fork": "The system call that makes a copy of the process that calls it: fork(2).",
    "guard": "Pages that may not be used, put behind a buffer or stack so that running over its end shows at once.",
    "heap": (
        "The region after the program's data that grows with brk; malloc puts small blocks of the first thread there."
        " [heap] in maps."
    ),
    "hole": "A row of free units between two that are in use.",
    "huge page": "A page of 2 MiB instead of 4 kB (on x86-64). The kernel may use them by itself where it fits: THP.",
    "internal fragmentation": "The part of a page, or of another unit, that its owner got but doesn't use.",
    "load": "An entry of the program-header table, PT_LOAD: this part of the file is to be mapped at this address.",
    "load bias": "The number added to all addresses of an ELF file when it is loaded; 0 where it can't be moved.",
    "major fault": "A page fault for which something had to be read from a disk.",
    "malloc": "The C library's function that hands out memory in bytes: malloc(3). It gets pages from the kernel.",
    "map_noreserve": "A flag of mmap: make no promise for this memory. Not heeded with vm.overcommit_memory 2.",
    "memory cgroup": "A group of processes whose memory is counted and limited together: cgroups(7).",
    "minor fault": "A page fault that was resolved without reading from a disk. One that had to read is a major fault.",
    "mmap": "The system call that makes a region, of a file or of anonymous memory: mmap(2).",
    "mmap_min_addr": (
        "vm.mmap_min_addr: the lowest address that may be mapped without CAP_SYS_RAWIO, usually 65,536 or 4,096."
    ),
    "munmap": "The system call that takes a range of addresses away again: munmap(2).",
    "null": "The pointer with the value 0: it means that it points to nothing.",
    "oom killer": "The part of the kernel that ends a process when memory can be had in no other way.",
    "oom_score": "The points of a process for the OOM killer, from the memory it holds and its oom_score_adj.",
    "oom_score_adj": "From -1000, never kill it, to 1000, kill it first: proc_pid_oom_score_adj(5).",
    "page": "The unit in which the processor and the kernel manage memory: 4 kB on most machines.",
    "page cache": "The pages in which the kernel holds what was read from files or is to be written to them.",
    "page fault": (
        "The exception that the processor raises when it has no usable entry for an address. The kernel resolves most"
        " of them by putting a page there, and the program goes on."
    ),
    "page frame": "A page of physical memory. Its number, PFN, stands in pagemap for those who may know it.",
    "page table": "The table, in levels, in which the processor finds the page for an address. Its size is VmPTE.",
    "prot_none": "The protection of a region that may not be read, written or executed. ---p in maps.",
    "pss": "Proportional set size: a page that n processes have counts 1/n for each, so that the sum is right.",
    "reclaim": "Releasing pages: clean pages of files first, others after writing them to their file or to swap.",
    "region": "A range of addresses with one kind of content and one protection; a VMA to the kernel, a row in maps.",
    "rlimit_as": "The limit on the size of a process's address space: getrlimit(2); ulimit -v, in kB.",
    "rss": "Resident set size: how much of a process is in physical memory now, shared pages included.",
    "segv_accerr": "The si_code of a SIGSEGV where a region covers the address but doesn't allow this use of it.",
    "segv_maperr": (
        "The si_code of a SIGSEGV where no region covers the address, or where a guard mark says that no page may be."
    ),
    "sigbus": "The signal for an access that is allowed but can't be done, as past the end of a mapped file.",
    "signal": "A message of the kernel or another process that interrupts a process: signal(7).",
    "signal handler": "A function of the program that is called when a signal arrives: sigaction(2).",
    "sigsegv": "The signal for the use of an address that isn't allowed: a segmentation fault.",
    "virtual address": "An address as a program uses it; the page table says where in memory its page is.",
    "vm.overcommit_memory": "0: refuse what is more than everything. 1: promise all. 2: never more than CommitLimit.",
    "vmsize": "The size of the address space of a process: the sum of its regions, whether in memory or not.",
    "worst fit": "The rule to use the largest hole, in the hope that what is left of it is still of use.",
    "zero page": (
        "One page full of zeroes that the kernel shows where private anonymous memory is read before it was written."
    ),
}

_NONE: Mapping[str, str] = {}


def look_up(term: str, own: Mapping[str, str] = _NONE) -> str | None:
    """The definition of a term, in any case; None for one that isn't there. `own`: of a lab, before the glossary's."""
    return own.get(term.lower()) or GLOSSARY.get(term.lower())


def terms_on_screen(lab: Lab, step: Step | None, outcome: Outcome | None) -> dict[str, str]:
    """The terms that are on the screen, each with its definition: those of a step, or of what the lab teaches."""
    if step is None:
        texts = [lab.learn, *(step.text for step in lab.steps)]
    else:
        texts = [step.text]
        if step.question is not None:
            texts.append(step.question.ask)
            texts += step.question.options if isinstance(step.question, Choice) else ()
        if outcome is not None:
            texts.append(outcome.explanation)
    found = {term.lower(): term for text in texts for _, term in pieces(text) if term}
    return {term: meaning for term in found.values() if (meaning := look_up(term, lab.terms)) is not None}
