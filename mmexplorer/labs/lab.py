"""What a lab is: steps, each with a question, operations and checks, and what it needs. Sizes are bytes."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Protocol

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.value import field, frozen

MIB = 1 << 20


@frozen
class Limits:
    """What the lab process is held to before its first step."""

    address_space: int = 8 << 30
    """RLIMIT_AS."""
    touched: int = 1 << 30
    """Bytes it may touch in its life."""
    cpu_seconds: int = 120
    """RLIMIT_CPU."""


class Need(Enum):
    """What a lab needs; the value says it to a person. `kernel/lab/requirements.py` looks whether it is there."""

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
    """A prediction out of several."""

    ask: str
    options: tuple[str, ...]
    right: int | Callable[[Figures], int]
    """Index of the right one; a function of what was measured where it depends on the machine."""
    feedback: tuple[str, ...] = ()
    """For each option what is to be said to whoever chose it though another one is right; "" or none: nothing."""
    guess: bool = False
    """Whether nobody can know the answer from what came before; it is said to be a guess then."""


@frozen
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
    guess: bool = False
    """Whether nobody can know the answer from what came before; it is said to be a guess then."""


Question = Choice | Number

A_GUESS = "You can't know this from the steps so far: take a guess."
"""Said under a question that asks for one."""


@frozen
class Check:
    """A sentence that must be true after a step."""

    words: str
    holds: Callable[[Figures], bool]


@frozen
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


@frozen
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
    """Takes the place of the lab process in a lab that only computes."""

    def ask(self, operation: Operation) -> LabReply:
        """Have one operation done."""
        ...


@frozen
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
    source: str = ""
    """The C program that takes the place of the lab process: a file of `labs/programs/`; "" for none."""
    compared: tuple[tuple[str, int], ...] = ()
    """Maps to lay side by side at the end: what each is called, and the index of the step after which it was read."""
    instead: str = ""
    """The lab that can be played where this one can't."""
    terms: Mapping[str, str] = field(default_factory=dict)
    """Those of its own texts, in lower case, before the glossary's."""
