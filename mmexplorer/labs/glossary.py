"""The terms of the labs' texts, each in a sentence or two. Keys are in lower case."""

from collections.abc import Mapping

from mmexplorer.labs.lab import Choice, Lab, Step
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.text import pieces

GLOSSARY: Mapping[str, str] = {
    "address space": "All the addresses that a process can use. Each process has its own.",
    "anonymous memory": "Memory with no file behind it, such as heap, stack and malloc's blocks. It starts as zeroes.",
    "aslr": (
        "Address-space layout randomisation: each execve chooses new places for libraries, stack and heap, and for the"
        " program too if its file has the type DYN."
    ),
    "available": (
        "How much memory programs could still get without swapping: an estimate of free memory plus what can be"
        " released."
    ),
    "best fit": "The rule to use the smallest hole that is large enough.",
    "brk": "The system call that moves the end of the heap, the program break: brk(2).",
    "buff/cache": (
        "What free(1) calls Buffers, Cached and SReclaimable together: pages of files, shared memory and tmpfs, and"
        " some of the kernel's own caches."
    ),
    "committed_as": "The sum of all memory that the kernel has promised to processes, used or not: proc_meminfo(5).",
    "copy on write": (
        "Two processes share a page, read-only, until one of them writes to it: the writer then gets a copy."
    ),
    "dangling pointer": "A pointer to memory that has been given back.",
    "dirty page": "A page that was changed and not yet written to its file.",
    "dynamic linker": (
        "ld.so: the kernel maps it along with a program; it then maps the program's libraries and fills in addresses."
    ),
    "elf": (
        "The file format of programs and libraries on Linux: a header, a table of segments, and their bytes. elf(5)."
    ),
    "enomem": "The error of a system call that can't get the memory it needs. It is a refusal: no process is killed.",
    "entry point": "The address of a program's first instruction, e_entry in its header. It isn't main.",
    "execve": "The system call that replaces the calling program with another: execve(2).",
    "external fragmentation": (
        "Free memory in pieces that are each too small for a request, though together they would be large enough."
    ),
    "first fit": "The rule to use the first hole that is large enough.",
    "fork": "The system call that makes a copy of the calling process: fork(2).",
    "guard": (
        "Pages that may not be used, placed after a buffer or below a stack so that running over its end shows at once."
    ),
    "heap": (
        "The region after the program's data that grows with brk; malloc puts small blocks of the main thread there."
        " [heap] in maps."
    ),
    "hole": "A run of free units between units in use.",
    "huge page": (
        "A page of 2 MiB instead of 4 kB (on x86-64). With transparent huge pages (THP) the kernel uses them by itself"
        " where they fit."
    ),
    "internal fragmentation": "The part of a page, or of another unit, that its owner has but doesn't use.",
    "load": "An entry of the program-header table, PT_LOAD: this part of the file is to be mapped at this address.",
    "load bias": "The number added to all addresses of an ELF file when it is loaded; 0 where it can't be moved.",
    "major fault": "A page fault that had to wait for a disk.",
    "malloc": "The C library's function that hands out memory in bytes: malloc(3). It gets pages from the kernel.",
    "map_noreserve": "A flag of mmap: make no promise for this memory. It is ignored when vm.overcommit_memory is 2.",
    "memory cgroup": "A group of processes whose memory is counted and limited as a whole: cgroups(7).",
    "minor fault": "A page fault that was resolved without waiting for a disk. One that had to wait is a major fault.",
    "mmap": "The system call that makes a region, of a file or of anonymous memory: mmap(2).",
    "mmap_min_addr": (
        "vm.mmap_min_addr: the lowest address that may be mapped without CAP_SYS_RAWIO, usually 65,536 or 4,096."
    ),
    "munmap": "The system call that removes a range of addresses: munmap(2).",
    "null": "The pointer with the value 0, which by convention points to nothing.",
    "oom killer": "The part of the kernel that ends a process when there is no other way to get memory.",
    "oom_score": "A process's score for the OOM killer, from the memory it holds and its oom_score_adj.",
    "oom_score_adj": "From -1000, never kill it, to 1000, kill it first: proc_pid_oom_score_adj(5).",
    "page": "The unit in which the processor and the kernel manage memory: 4 kB on most machines.",
    "page cache": "The pages in which the kernel keeps what was read from files or is to be written to them.",
    "page fault": (
        "The exception that the processor raises when it has no usable entry for an address. The kernel resolves most"
        " of them by putting a page there, and the program goes on."
    ),
    "page frame": "A page of physical memory. Its number, the PFN, is in pagemap for those who may see it.",
    "page table": (
        "The table, in levels, in which the processor finds the page for an address. VmPTE is its size without the"
        " topmost table."
    ),
    "prot_none": "The protection of a region that may not be read, written or executed. ---p in maps.",
    "pss": "Proportional set size: a page that is mapped n times counts 1/n each time, so the sum is right.",
    "reclaim": (
        "Releasing pages: clean file pages can be dropped, others must first be written to their file or to swap."
    ),
    "region": (
        "A range of addresses with one kind of content and one protection. The kernel calls it a VMA; it is a row in"
        " maps."
    ),
    "rlimit_as": "The limit on the size of a process's address space: getrlimit(2); ulimit -v, in kB.",
    "rss": "Resident set size: how much of a process is in physical memory now, shared pages included.",
    "segv_accerr": "The si_code of a SIGSEGV where a region covers the address but doesn't allow the access.",
    "segv_maperr": (
        "The si_code of a SIGSEGV where no region covers the address, or where a guard mark forbids a page."
    ),
    "sigbus": (
        "The signal for an access that is allowed but can't be carried out, such as one past the end of a mapped file."
    ),
    "signal": "A notification, from the kernel or a process, that interrupts a process: signal(7).",
    "signal handler": "A function of the program that is called when a signal arrives: sigaction(2).",
    "sigsegv": "The signal for using an address in a way that isn't allowed: a segmentation fault.",
    "virtual address": "An address as a program uses it. The page table says where in memory its page is.",
    "vm.overcommit_memory": (
        "0: refuse a request larger than all memory and swap. 1: promise everything. 2: never promise more than"
        " CommitLimit."
    ),
    "vmsize": "The size of the address space of a process: the sum of its regions, whether in memory or not.",
    "worst fit": "The rule to use the largest hole, in the hope that the rest of it is still useful.",
    "zero page": (
        "A page full of zeroes that the kernel maps where private anonymous memory is read before it is written."
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
