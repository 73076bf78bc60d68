"""What a lab is made of: operations on the lab process, what is measured, what must be true. Sizes are bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from mmexplorer.model.elf import ElfImage
from mmexplorer.model.layout import Layout
from mmexplorer.model.pages import PageStates
from mmexplorer.model.region import Region, Usage
from mmexplorer.model.unavailable import Unavailable

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What the lab process is held to before its first step."""

    address_space: int = 8 << 30
    """RLIMIT_AS."""
    touched: int = 1 << 30
    """Bytes it may touch in its life."""
    cpu_seconds: int = 120
    """RLIMIT_CPU."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the lab process does. `labs/operations.py` makes them."""

    name: str
    """The system call or library function, as the lab process knows it."""
    arguments: Mapping[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """The signal that a fault ended in: `siginfo_t`, sigaction(2)."""

    signal: str
    """SIGSEGV or SIGBUS."""
    code: str
    """si_code: SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR ...; an unknown one in digits."""
    address: int
    """si_addr."""


@dataclass(frozen=True, slots=True)
class LabReply:
    """What the lab child answered."""

    call: str
    """The system call as strace(1) prints it, with its result: `mmap(NULL, ...) = 0x7f...`; one a line of several."""
    ok: bool
    error: str = ""
    """Why not, when not ok: "ENOMEM: cannot allocate memory; RLIMIT_AS allows 64M"."""
    start: int = 0
    """The range the call was about; both 0 where it has none."""
    end: int = 0
    figures: Mapping[str, int] = field(default_factory=dict)
    """What the child itself counted: the faults of just these touches, for example."""
    fault: Fault | None = None
    """The signal it got on the way, whether it ended by it or not."""
    ended: str = ""
    """How the process ended on it: "ended by SIGSEGV", "exited with status 3"; "" while it runs."""
    output: str = ""
    """What the lab's program printed meanwhile; not cleaned."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The lab process at one moment, seen from outside."""

    regions: tuple[Region, ...]
    counters: Mapping[str, int]
    """Bytes: `VmSize`, `VmPTE` of `proc_pid_status(5)`, `Rss`, `Pss`, `Anonymous` ... of smaps_rollup.
    Counts: `min_flt` and `maj_flt` of stat. One that this kernel doesn't give is absent."""
    pages: PageStates | Unavailable | None = None
    """Those of the range that the step watches; None where it watches none."""
    usage: Usage | None = None
    """The counters of smaps for that range; None where it isn't exactly one region."""
    frames: tuple[int, ...] | None = None
    """The page frame number of each of its pages, 0 for one that is not there; None where the kernel hides them."""
    others: Mapping[str, "Measurement | Unavailable"] = field(default_factory=dict)
    """The processes that the lab process made and that are there, by the names the lab gave them."""
    program: "Program | Unavailable | None" = None
    """The program file that the step is about; None where it is about none."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program file and, while a process runs it, how that process's regions are tied to it."""

    image: ElfImage
    layout: Layout = field(default_factory=Layout)
    """Empty for a file that isn't run yet."""
    entry: int | None = None
    """AT_ENTRY of the auxiliary vector: where the kernel says that the program begins."""
    regions: tuple[Region, ...] = ()
    """The map of that process."""


class Need(Enum):
    """What a lab needs; the value says it to a person. `kernel/lab/requirements.py` looks whether it is there."""

    SMALL_PAGES = "pages of 4 kB"
    PAGEMAP = "/proc/PID/pagemap"
    GLIBC = "glibc's malloc"
    SIGINFO = "a 64-bit Linux"
    ELF64 = "64-bit ELF programs"
    CAT = "the program cat"
    LINKED_CAT = "the program cat, dynamically linked"
    HELD = "a program held before its first instruction: ptrace(2)"
    RANDOMISED = "address-space randomisation"
    NOT_RANDOMISED = "personality(2) with ADDR_NO_RANDOMIZE"
    PROMISE = "4 GiB that the kernel promises"
    DISK = "a directory on a disk, for a temporary file"
    IO_COUNTERS = "/proc/PID/io"
    OOM_CELL = "a memory cgroup of its own"


class MissingFigureError(LookupError):
    """A figure was asked for that was not measured; the message says which and why."""


class Figures:
    """What was measured in a step, by name. `labs/figures.py` says which names there are."""

    def __init__(self, numbers: Mapping[str, int], words: Mapping[str, str], why_not: str) -> None:
        """`why_not`: why a figure that isn't there could not be measured."""
        self.numbers = numbers
        self.words = words
        self._why_not = why_not

    def __getitem__(self, name: str) -> int:
        """Give a number. Raises MissingFigureError."""
        if name not in self.numbers:
            raise MissingFigureError(f"{name} is not known: {self._why_not}")
        return self.numbers[name]

    def word(self, name: str) -> str:
        """Give a word. Raises MissingFigureError."""
        if name not in self.words:
            raise MissingFigureError(f"{name} is not known: {self._why_not}")
        return self.words[name]


@dataclass(frozen=True, slots=True)
class Choice:
    """A prediction out of several."""

    ask: str
    options: tuple[str, ...]
    right: int | Callable[[Figures], int]
    """Index of the right one; a function of what was measured where it depends on the machine."""


@dataclass(frozen=True, slots=True)
class Number:
    """A prediction in figures."""

    ask: str
    unit: str
    figure: str
    """The name of the figure that gives the right answer; "" where every answer is as good: see `Step.own`."""
    scale: int = 1
    """How many of the figure's own units make one `unit`: 1024 for kB of a figure in bytes."""
    within: int = 0
    """How far off, in `unit`, still counts as right."""


Question = Choice | Number


@dataclass(frozen=True, slots=True)
class Check:
    """A sentence that must be true after a step."""

    words: str
    holds: Callable[[Figures], bool]


@dataclass(frozen=True, slots=True)
class Remark:
    """A piece of explanation that is only said where it applies."""

    when: Callable[[Figures], bool]
    text: str


class Expect(Enum):
    """How the last operation of a step has to turn out; those before it always have to succeed."""

    SUCCESS = "it succeeds"
    REFUSAL = "it is refused"
    EITHER = "it succeeds or is refused"
    END = "the process ends"


@dataclass(frozen=True, slots=True)
class Step:
    """Predict, do, verify. Texts may hold `{figure:kB}` and `[[term]]`: see `labs/text.py`."""

    title: str
    text: str
    """What is about to happen."""
    question: Question | None
    operations: tuple[Operation, ...]
    checks: tuple[Check, ...]
    explanation: str
    remarks: tuple[Remark, ...] = ()
    watch: str = ""
    """The name of the range whose pages are counted and shown; "" for none."""
    program: str = ""
    """The name of a program file, or of the process that runs it, whose ELF table is read; "" for none."""
    fresh: bool = False
    """Whether it needs a new lab process, because the one before is spent."""
    prepare: tuple[Operation, ...] = ()
    """What is done before the first measurement."""
    expect: Expect = Expect.SUCCESS
    own: Callable[[int], tuple[Operation, ...]] | None = None
    """What is done instead of `operations` once the question was answered: the answer says what."""


class Simulator(Protocol):
    """Takes the place of the lab process in a lab that only reckons."""

    def ask(self, operation: Operation) -> LabReply:
        """Have one operation done."""
        ...


@dataclass(frozen=True, slots=True)
class Lab:
    """One experiment of the memory chapter."""

    name: str
    title: str
    row: str
    """The chapter's rows in the table of the README: "15", "9, 14"."""
    learn: str
    """What one knows after it, in a sentence."""
    steps: tuple[Step, ...]
    order: int
    """Its place in the list: that of the chapter."""
    address_space: int
    """How much it maps at most, in bytes."""
    needs: tuple[Need, ...] = ()
    """Beside that address space."""
    limits: Limits = Limits()
    promised: int | None = None
    """How much of that address space the kernel has to promise; None for all of it."""
    memory_limit: int = 0
    """Bytes: the process is alone in a memory cgroup with this limit before its first step. 0: in that of the app."""
    surroundings: bool = False
    """Whether the machine's memory is measured, too, and that of the cgroup: see `labs/figures.py`."""
    simulator: Callable[[], Simulator] | None = None
    """Makes what the operations are done by; None for a process."""
    instead: str = ""
    """The lab that can be played where this one can't."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a check held."""

    words: str
    passed: bool
    why: str = ""
    """Why not, where it could not be looked at."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened in a step."""

    step: Step
    prepared: tuple[LabReply, ...]
    replies: tuple[LabReply, ...]
    before: Measurement | Unavailable
    after: Measurement | Unavailable
    """Unavailable when the process has ended."""
    figures: Figures
    verdicts: tuple[Verdict, ...]
    predicted: int | None
    """What was answered: the index of an option, or a number in the question's unit; None for nothing."""
    answer: str
    """The right answer in words; "" where there was no question or it could not be measured."""
    right: bool | None
    """Whether the prediction was right; None without one."""
    explanation: str
    """With the figures filled in; terms are still marked."""

    @property
    def passed(self) -> bool:
        """Whether every check held."""
        return all(verdict.passed for verdict in self.verdicts)
