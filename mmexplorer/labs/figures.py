"""The figures of a step: their names, units and meanings, and the values measured."""

from collections.abc import Mapping
from enum import Enum

from mmexplorer.model.value import NamedTuple


class Unit(Enum):
    """What a figure measures."""

    BYTES = "bytes"
    COUNT = "count"
    ADDRESS = "address"
    """Also an offset in a file, or the distance between two addresses."""
    FLAG = "1 or 0"
    SETTING = "setting"
    """A number without a unit, such as vm.panic_on_oom or oom_score."""


class Meaning(NamedTuple):
    """Unit and explanation of a figure."""

    unit: Unit
    text: str


_BYTES, _COUNT, _ADDRESS, _FLAG, _SETTING = Unit


def _all(unit: Unit, **texts: str) -> dict[str, Meaning]:
    return {name: Meaning(unit, text) for name, text in texts.items()}


PROCESS = {
    **_all(
        _BYTES,
        vm_size="VmSize of status: the whole address space",
        page_tables="VmPTE of status",
        rss="Rss of smaps_rollup, counted from the page tables",
        anonymous="Anonymous of smaps_rollup",
        heap="the size of [heap], 0 without one",
        stack="the size of [stack]",
        range_rss="Rss of smaps, of the watched range; so with the next three",
        range_pss="Pss",
        range_shared="Shared_Clean and Shared_Dirty",
        range_private="Private_Clean and Private_Dirty",
    ),
    **_all(
        _COUNT,
        regions="regions of the map",
        process_min_flt="minor faults in this step, also those of the process's own housekeeping",
        process_maj_flt="major faults",
        range_regions="regions of the map in the watched range",
        pages_present="pages of the watched range by their state in pagemap: in memory; so with the next seven",
        pages_zero="that show the zero page",
        pages_shared="that others map, too",
        pages_copied="of a private mapping of a file that were written to",
        pages_swapped="in the swap area",
        pages_guard="that are a guard",
        pages_absent="that are nowhere",
        pages_mapped="that are in memory, of whatever kind",
        pages="pages that the step touched with `touch`, in all; so with the next two",
        touch_min_flt="minor faults of these touches alone",
        touch_maj_flt="major faults",
        pid="the pid of the new process",
    ),
    **_all(
        _ADDRESS,
        program_at="where the program begins; so with the next four",
        heap_at="[heap]",
        library_at="the lowest library",
        stack_at="the end of [stack]",
        vdso_at="[vdso]",
    ),
    **_all(_SETTING, byte="the byte that `read` read"),
}
"""Figures of the lab process; for one that it made, prefixed with its name and `_`: `child_rss`."""

STEP = {
    **_all(
        _ADDRESS,
        start="where the range of the last operation begins",
        end="the first address after it",
        si_addr="the address of the fault",
        region_start="where the region that covers it begins",
        region_end="the first address after that",
        code_address="p_vaddr of the program's code; the next six are of its ELF table, too",
        code_offset="where it is in the file",
        data_address="p_vaddr of the data",
        data_offset="where they are in the file",
        entry="e_entry",
        entry_at="AT_ENTRY of the process that runs it",
        entry_moved="how far that is from `entry`",
        fault_at="the address of a fault that was sent to the lab process",
        physical="where an address is in the simulated memory",
        load_bias="what is added to every address of the table",
    ),
    **_all(
        _BYTES,
        length="of the range of the last operation",
        distance_below="from the end of the nearest region below the address of the fault, if there is one",
        distance_above="from there to the nearest region above, if there is one",
        code_size="in the file",
        data_size="in the file",
        memory_needed="p_memsz of all LOADs",
        memory_in_pages="the same in whole pages",
        bytes_of_loads="of the map, in the place of the LOADs",
        bytes_of_program="of the map, from the program's file",
        requested="that `malloc` was asked for",
        mapped="that it got with mmap for it",
        into_page="how far from the beginning of a page the block begins",
        read_bytes="read from the disk: /proc/PID/io",
        file_cached="of the file in the page cache",
        file_dirty="of those not yet written to the disk; since Linux 6.5",
        asked="that were asked for",
        apart="from the first of the blocks of malloc to the second",
        one_level="of a simulated page table of one level",
        two_levels="of the simulated tables of two levels",
    ),
    **_all(
        _COUNT,
        same_frames="pages of the watched range that are one page frame in both processes; absent if hidden",
        loads="LOADs of the table",
        loads_in_place="LOADs whose pages lie where the table and the load bias put them",
        regions_of_program="regions from the program's file",
        regions_of_elf_files="regions from files with an ELF table",
        regions_unexplained="of these, those that no program header accounts for",
        elf_files="files with an ELF table",
        distinct_program="at how many places the processes have the program; so with the next four",
        distinct_heap="[heap]",
        distinct_library="the lowest library",
        distinct_stack="[stack]",
        distinct_vdso="[vdso]",
        distinct_shapes="how many maps of the program there are, seen from its start",
        system_calls="that malloc or free needed",
        files_open="files of the lab that are still open",
        units="the size of the simulated memory",
        references="uses of a page that were simulated",
        frames="page frames of the simulated memory",
        fifo_faults="of these references, by first in first out; so with the next three",
        lru_faults="by least recently used",
        clock_faults="by the clock",
        optimal_faults="by the policy that knows the future",
        arenas="arenas of malloc that the blocks of the threads lie in",
        threads="threads that wait",
        most_faults="minor faults of the part of a touch that took most; so with the next",
        least_faults="least",
        tlb_misses="references that the simulated TLB did not know the page of",
        memory_accesses="accesses to memory that these references took",
    ),
    **_all(
        _FLAG,
        covered="whether the map covers all of that range afterwards",
        inside="whether a region covers the address of the fault",
        movable="whether the program is of type DYN",
        granted="whether the kernel promised what was asked for",
        answered="whether a thread that waits for a page has gone on",
        segment_fault="whether an offset was beyond the limit of a simulated segment",
        compiled="whether the C program was compiled; else Python makes its calls",
    ),
    **_all(
        _SETTING,
        descriptor="the number of the open file",
        reused="which block of those freed, from 1 on, is where the next one lies; 0 for none",
        given="what every byte of a page was set to",
        line="the line of the C program that comes next; the last one that did, when it has ended",
        shell_status="what a shell gives as the exit status of the C program: bash(1), EXIT STATUS",
    ),
}
"""Figures of the last operation, the fault, the program, the processes compared, and what operations counted."""

MACHINE = {
    **_all(
        _BYTES,
        mem_total="as free(1) shows it; so with the next three",
        mem_free="free",
        mem_used="used",
        swap_total="the swap area",
        sar_used="kbmemused of sar -r before sysstat 12.7.8",
        mem_available="available",
        buff_cache="buff/cache",
        mem_and_swap="MemTotal and SwapTotal",
        dirty="Dirty of meminfo",
        committed_as="Committed_AS",
        commit_limit="CommitLimit",
        cgroup_usage="of the lab's own cgroup",
        cgroup_peak="the most that was ever used in it",
        cgroup_limit="its limit",
    ),
    **_all(
        _COUNT,
        oom_kills="processes killed for want of memory since boot",
        cgroup_oom_kills="in the lab's own cgroup",
        cgroup_processes="in it",
    ),
    **_all(
        _SETTING,
        overcommit_memory="vm.overcommit_memory",
        panic_on_oom="vm.panic_on_oom",
        oom_score="of the lab process",
        oom_score_adj="of the lab process",
        app_oom_score="of mmexplorer",
    ),
}
"""Figures of the machine and the cgroup, for labs with `Lab.surroundings`."""

RULE = _all(
    _COUNT,
    failures="requests that failed",
    wasted="of them those that enough units were free for",
    failed="units that the first of them asked for, 0 if none failed",
    free="units free then, or at the end",
    largest="those of the largest hole then",
    pieces="places that the last request got units in",
)
"""Figures of the memory simulator, prefixed with first, best, worst or paged and `_`: `first_failures`."""

WORDS = {
    "signal": "of the fault",
    "si_code": "of the fault",
    "perms": "those of the region that covers its address",
    "ended": 'how the process ended, "" if it did not',
    "output": "what its program printed",
}
"""The figures that are words, not numbers."""

_CHANGE = "_change"
"""The suffix of a figure of `PROCESS` or `MACHINE` for its change in the step."""


def figure_unit(name: str) -> Unit | None:
    """Return the unit of a figure; None if there is no figure of that name."""
    base = name.removesuffix(_CHANGE)
    of_one = base.partition("_")[2]
    meaning = PROCESS.get(base) or MACHINE.get(base) or PROCESS.get(of_one)
    if meaning is None and base == name:
        meaning = STEP.get(name) or RULE.get(of_one)
    return None if meaning is None else meaning.unit


def figure_owner(name: str) -> str:
    """Return the process or the simulator's rule that prefixes the figure's name; "" if none does."""
    base = name.removesuffix(_CHANGE)
    return "" if base in PROCESS or base in MACHINE or name in STEP else base.partition("_")[0]


class MissingFigureError(LookupError):
    """A figure wasn't measured; the message says which and why."""


class Figures:
    """The values measured in a step, by the names in `PROCESS`, `STEP`, `MACHINE`, `RULE` and `WORDS`."""

    def __init__(self, numbers: Mapping[str, int], words: Mapping[str, str], why_not: str) -> None:
        """`why_not`: why figures are missing."""
        self.numbers = numbers
        self.words = words
        self._why_not = why_not

    def __getitem__(self, name: str) -> int:
        """Return a number. Raises MissingFigureError."""
        if name not in self.numbers:
            raise MissingFigureError(f"{name} is not known: {self._why_not}")
        return self.numbers[name]

    def word(self, name: str) -> str:
        """Return a word. Raises MissingFigureError."""
        if name not in self.words:
            raise MissingFigureError(f"{name} is not known: {self._why_not}")
        return self.words[name]
