"""Simulates requests to a small memory by each rule; the same requests always give the same picture."""

import re
from collections.abc import Iterator, Sequence
from string import ascii_letters

from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.labs.simulated.allocator import Memory, Piece, Rule, allocate, release
from mmexplorer.model.value import NamedTuple

_REQUEST = re.compile(r"([+-])(\d{1,6})", re.ASCII)
PICTURE_CELLS = 32
"""The most cells of a picture; in a larger memory each stands for several units."""


class Request(NamedTuple):
    """A request for memory, or a release."""

    size: int
    """Units; 0 for a release."""
    gives_back: int = 0
    """The number of the request whose units are released."""


class Done(NamedTuple):
    """The result of a request."""

    request: Request
    number: int
    """The number of the request that the units belong to, from 0."""
    pieces: tuple[Piece, ...]
    """What it got or released; empty if it failed."""
    memory: Memory
    """The memory afterwards."""

    @property
    def failed(self) -> bool:
        """Whether the request couldn't be met."""
        return self.request.size > 0 and not self.pieces


def parse_requests(text: str) -> tuple[Request, ...]:
    """Parse requests separated by blanks: `+3` asks for 3 units, `-0` releases those of the first request."""
    return tuple(
        Request(int(number)) if sign == "+" else Request(0, int(number)) for sign, number in _REQUEST.findall(text)
    )


def run(size: int, requests: Sequence[Request], rule: Rule) -> tuple[Done, ...]:
    """Make the requests in order to an empty memory of `size` units, continuing after failures."""
    memory = Memory(size)
    course: list[Done] = []
    asked = 0
    for request in requests:
        if request.size:
            memory = allocate(memory, request.size, asked, rule) or memory
            course.append(Done(request, asked, memory.of(asked), memory))
            asked += 1
        else:
            given_back = memory.of(request.gives_back)
            memory = release(memory, request.gives_back)
            course.append(Done(request, request.gives_back, given_back, memory))
    return tuple(course)


def drawn(seed: int, size: int, count: int, largest: int) -> tuple[Request, ...]:
    """Return `count` random requests of 1 to `largest` units for a memory of `size` units; some are releases.

    Never more than nine tenths of the memory are requested at a time. The same seed gives the same requests in every
    Python: the numbers are those of Knuth's MMIX generator.
    """
    return tuple(_drawn(seed, size * 9 // 10, count, largest))


def _drawn(seed: int, bound: int, count: int, largest: int) -> Iterator[Request]:
    numbers = _numbers(seed)
    living: dict[int, int] = {}
    asked = 0
    for _ in range(count):
        wanted = 1 + next(numbers) % largest
        if living and (next(numbers) % 4 == 0 or sum(living.values()) + wanted > bound):
            given_back = tuple(living)[next(numbers) % len(living)]
            del living[given_back]
            yield Request(0, given_back)
        else:
            living[asked] = wanted
            asked += 1
            yield Request(wanted)


def _numbers(seed: int) -> Iterator[int]:
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        yield state >> 33


def typed(digits: int) -> tuple[Request, ...]:
    """Parse a number as requests: each digit asks for that many units, a 0 releases every second block in use."""
    requests: list[Request] = []
    living: list[int] = []
    asked = 0
    for digit in str(abs(digits)):
        if digit != "0":
            requests.append(Request(int(digit)))
            living.append(asked)
            asked += 1
        else:
            requests += [Request(0, number) for number in living[1::2]]
            living = living[::2]
    return tuple(requests)


def written(requests: Sequence[Request]) -> str:
    """Format requests for `parse_requests`."""
    return " ".join(f"+{request.size}" if request.size else f"-{request.gives_back}" for request in requests)


def picture(memory: Memory) -> str:
    """Draw a memory: for each unit the letter of its owner, or a dot if it is free.

    A memory of more than `PICTURE_CELLS` units is drawn in that many cells, each with the owner of its first unit.
    """
    cells = ["."] * memory.size
    for piece in memory.pieces:
        cells[piece.start : piece.start + piece.size] = [letter(piece.owner)] * piece.size
    if memory.size <= PICTURE_CELLS:
        return f"|{''.join(cells)}|"
    return f"|{''.join(cells[index * memory.size // PICTURE_CELLS] for index in range(PICTURE_CELLS))}|"


def letter(owner: int) -> str:
    """Return the letter of an allocation: A to Z, a to z, and again from A."""
    return (ascii_letters[26:] + ascii_letters[:26])[owner % 52]


class MemorySimulator:
    """Implements `Simulator` for the operation `simulate` of `labs/operations.py`."""

    def ask(self, operation: Operation) -> LabReply:
        """Make requests to an empty memory."""
        size, rule = int(operation.arguments["size"]), Rule(operation.arguments["rule"])
        course = run(size, parse_requests(str(operation.arguments["requests"])), rule)
        failed = next((done for done in course if done.failed), None)
        shown = failed or (course[-1] if course else Done(Request(0), 0, (), Memory(size)))
        return LabReply(
            call="\n".join(_listed(course, rule)),
            ok=True,
            figures=dict(_figures(course, shown, rule.value)),
            output=f"{rule.value:>5} {picture(shown.memory)}\n",
        )


_SHOWN = 30
"""The most requests that are listed; more are only counted."""


def _listed(course: Sequence[Done], rule: Rule) -> Iterator[str]:
    how = "paged" if rule is Rule.PAGED else f"{rule.value} fit"
    if len(course) <= _SHOWN:
        yield from (f"{_call(done)}   /* {how} */" for done in course)
        return
    asked = sum(done.request.size > 0 for done in course)
    yield f"/* {how}: {len(course)} requests, {sum(done.failed for done in course)} of {asked} allocations failed */"


def _call(done: Done) -> str:
    if done.request.size == 0:
        return f"free({letter(done.number)})"
    where = ", ".join(
        str(piece.start) if piece.size == 1 else f"{piece.start}-{piece.start + piece.size - 1}"
        for piece in done.pieces
    )
    return f"{letter(done.number)} = alloc({done.request.size}): {f'units {where}' if where else 'NULL'}"


def _figures(course: Sequence[Done], shown: Done, rule: str) -> Iterator[tuple[str, int]]:
    memory = shown.memory
    yield "units", memory.size
    yield f"{rule}_failures", sum(done.failed for done in course)
    yield f"{rule}_failed", shown.request.size if shown.failed else 0
    yield f"{rule}_free", memory.free
    yield f"{rule}_largest", memory.largest
    yield f"{rule}_pieces", len(shown.pieces)
    yield f"{rule}_wasted", sum(done.failed and done.request.size <= done.memory.free for done in course)
