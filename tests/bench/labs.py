"""The cost of playing a lab in plain text compared with listing the labs."""

from typing import NamedTuple

from tests.bench.commands import Spent
from tests.bench.programs import MMEXPLORER

LIST = "lab --list"
PLAYED = ("sharing", "oom", "mprotect", "mmap")


class Cost(NamedTuple):
    """What a command takes, in seconds."""

    wall: float
    processor: float
    """That of the processes it waited for included."""


def lab_costs(rounds: int) -> dict[str, list[Cost]]:
    """Play each lab in turn with the list, after one round that fills the page cache and writes byte code."""
    commands = (LIST, *(f"lab {name} --run" for name in PLAYED))
    measures = {command: Spent([*MMEXPLORER, *command.split()]) for command in commands}
    costs: dict[str, list[Cost]] = {command: [] for command in commands}
    for _ in range(rounds + 1):
        for command, spent in measures.items():
            processor = spent()
            costs[command].append(Cost(spent.wall, processor))
    return {command: taken[1:] for command, taken in costs.items()}
