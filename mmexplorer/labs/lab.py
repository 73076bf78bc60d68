"""Labs: steps, each with a question, operations and checks, and what they need. Sizes are in bytes."""

from collections.abc import Callable, Mapping
from enum import Enum

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.typed import Protocol
from mmexplorer.model.value import field, frozen

MIB = 1 << 20


@frozen
class Limits:
    """The limits set on the lab process before its first step."""

    address_space: int = 8 << 30
    """RLIMIT_AS."""
    touched: int = 1 << 30
    """Bytes that it may touch in all."""
    cpu_seconds: int = 120
    """RLIMIT_CPU."""


class Need(Enum):
    """Something a lab needs, in words. `kernel/lab/requirements.py` checks whether it is available."""

    SMALL_PAGES = "pages of 4 kB"
    PAGEMAP = "/proc/PID/pagemap"
    GLIBC = "glibc's malloc"
    SIGINFO = "a 64-bit Linux"
    ELF64 = "64-bit ELF programs"
    CAT = "the program cat"
    LINKED_CAT = "the program cat, dynamically linked"
    HELD = "a program stopped before its first instruction, with ptrace(2)"
    RANDOMISED = "address-space randomisation"
    NOT_RANDOMISED = "personality(2) with ADDR_NO_RANDOMIZE"
    PROMISE = "a kernel that promises 4 GiB"
    DISK = "a directory on a disk, for a temporary file"
    USERFAULTFD = "page faults handled by a program, with userfaultfd(2)"
    IO_COUNTERS = "/proc/PID/io"
    HUGE_PAGES = "transparent huge pages on request"
    OOM_CGROUP = "a memory cgroup of its own"


@frozen
class Choice:
    """A question with several options."""

    ask: str
    options: tuple[str, ...]
    right: int | Callable[[Figures], int]
    """The index of the right option, or a function of the figures if it depends on the machine."""
    feedback: tuple[str, ...] = ()
    """For each option a sentence shown if it was chosen but is wrong; may be ""."""
    guess: bool = False
    """Whether the answer can't be known from the steps so far; the question then says so."""


@frozen
class Number:
    """A question whose answer is a number."""

    ask: str
    unit: str
    figure: str
    """The figure that is the right answer; "" if any answer will do: see `Step.own`."""
    scale: int = 1
    """How many of the figure's units make one `unit`: 1024 for a figure in bytes and the unit kB."""
    within: int = 0
    """By how much, in `unit`, a right answer may differ."""
    guess: bool = False
    """Whether the answer can't be known from the steps so far; the question then says so."""


Question = Choice | Number

A_GUESS = "You can't know this from the steps so far: take a guess."
"""Shown under a question whose answer can't be known."""


@frozen
class Check:
    """A sentence that must be true after a step, and how that is checked."""

    words: str
    holds: Callable[[Figures], bool]


@frozen
class Remark:
    """A part of the explanation that is only shown if it applies."""

    when: Callable[[Figures], bool]
    text: str


class Expect(Enum):
    """The expected result of a step's last operation; those before it must succeed."""

    SUCCESS = "it succeeds"
    REFUSAL = "it is refused"
    EITHER = "it succeeds or is refused"
    END = "the process ends"


@frozen
class Step:
    """Predict, do, verify. Texts may contain `{figure:kB}` and `[[term]]`: see `labs/text.py`."""

    title: str
    text: str
    """What is about to happen."""
    question: Question | None
    operations: tuple[Operation, ...]
    checks: tuple[Check, ...]
    explanation: str
    remarks: tuple[Remark, ...] = ()
    watch: str = ""
    """The name of the range whose pages are counted and shown; "" if none."""
    program: str = ""
    """The name of a program file, or of the process that runs it, whose ELF table is read; "" if none."""
    fresh: bool = False
    """Whether it starts with a new lab process."""
    prepare: tuple[Operation, ...] = ()
    """Operations done before the first measurement."""
    expect: Expect = Expect.SUCCESS
    own: Callable[[int], tuple[Operation, ...]] | None = None
    """Returns the operations for an answer, done instead of `operations` if the question was answered."""


class Simulator(Protocol):
    """Does the operations instead of a lab process."""

    def ask(self, operation: Operation) -> LabReply:
        """Do one operation."""
        ...


@frozen
class Lab:
    """One experiment of the memory chapter."""

    name: str
    title: str
    row: str
    """The chapter's rows in the table of the README: "15", "9, 14"."""
    learn: str
    """What one learns, in a sentence."""
    steps: tuple[Step, ...]
    order: int
    """Its place in the list, in the chapter's order."""
    address_space: int
    """How much it maps at most, in bytes."""
    needs: tuple[Need, ...] = ()
    """What it needs besides that address space."""
    limits: Limits = Limits()
    promised: int | None = None
    """Bytes of that address space that the kernel must promise; None for all of it."""
    memory_limit: int = 0
    """Bytes: the limit of a memory cgroup for the lab process alone; 0 for no cgroup of its own."""
    surroundings: bool = False
    """Whether the machine's memory and the cgroup are measured too: `MACHINE` of `labs/figures.py`."""
    simulator: Callable[[], Simulator] | None = None
    """Makes the simulator; None if there is a lab process."""
    source: str = ""
    """A file of `labs/programs/`: the C program that is run instead of the lab process; "" if none."""
    compared: tuple[tuple[str, int], ...] = ()
    """Maps shown side by side at the end: the title of each, and the index of the step after which it was read."""
    instead: str = ""
    """The name of the lab to play if this one can't be played."""
    terms: Mapping[str, str] = field(default_factory=dict)
    """Its own terms in lower case, which take precedence over the glossary's."""
