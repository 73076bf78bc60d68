"""`python -m tests.bench`: our speed compared with that of the alternatives, in one run.

Figures depend on the machine and its load; only the ratios count, which are taken round by round.
"""

import argparse
import sys
from collections.abc import Sequence
from re import Pattern
from statistics import median

from tests.bench.below import fault_measures, largest_elf, page_measures, search_measures, specimen, symbol_measures
from tests.bench.commands import BOUNDS, OURS, PEAK_BOUND, PYTHON, REGION_BOUNDS, command_figures, region_measures
from tests.bench.figures import Measure, interleaved, table
from tests.bench.keys import BYTES_BOUND, LATE_BOUND, PAINT_BOUND, SECONDS_BOUND, key_costs, paint_measures
from tests.bench.latency import BOUND as LATENCY_BOUND
from tests.bench.latency import latency_measures
from tests.bench.processes import BOUND as PROCESS_BOUND
from tests.bench.processes import COUNTS, may_start, process_measures
from tests.bench.programs import (
    BARE_APP,
    BARE_MARKS,
    EMPTY_APP,
    EMPTY_MARKS,
    ENVIRONMENT,
    FOLDER,
    GLANCES,
    HTOP,
    HTOP_MARKS,
    MMEXPLORER,
    PROCESS_ROW,
    REGION_ROW,
    missing,
)
from tests.bench.running import CPU_BOUNDS, MEMORY_BOUND, cpu_share, memory_per_region, situations
from tests.bench.terminal import Drained
from tests.bench.tick import BOUND, SIZES, order_measures, tick_measures

_WHAT = ("frame", "commands", "maps", "tick", "keys", "processes", "latency", "below", "cpu", "memory")


def first_frame(argv: list[str], marks: Sequence[Pattern[bytes]]) -> Measure:
    """Measure the seconds from exec until the frame identified by `marks` is written."""

    def measure() -> float:
        with Drained(argv, ENVIRONMENT, FOLDER) as program:
            return program.seconds_until(marks)

    return measure


def _first_frames(rounds: int) -> None:
    measures = {
        "mmexplorer": first_frame(MMEXPLORER, [PROCESS_ROW, REGION_ROW]),
        "empty app of the same widgets": first_frame(EMPTY_APP, EMPTY_MARKS),
        "bare Textual (Static, Footer)": first_frame(BARE_APP, BARE_MARKS),
        "htop": first_frame(HTOP, HTOP_MARKS),
    }
    _show("First populated frame, from exec, 160x48 pty", _without_missing(measures, {"htop": HTOP}), rounds)


def _commands(rounds: int) -> None:
    figures = command_figures(rounds)
    _say(f"\nPlain commands, processor time, {rounds} rounds\n  {'':34}{'median':>9}{'min':>9}{'max':>9}   this/python")
    for name, taken in figures.items():
        ratio = median(mine / its for mine, its in zip(taken, figures[PYTHON], strict=True))
        shown = "".join(f"{1000 * value:9.1f}" for value in (median(taken), min(taken), max(taken)))
        bound = f" (bound {BOUNDS[name]})" if name in BOUNDS else ""
        _say(f"  {name:34}{shown}{ratio:10.2f}   ms{bound}")


def _maps(rounds: int) -> None:
    if missing(["pmap"]):
        _say("  pmap: not installed")
        return
    for regions, bound in REGION_BOUNDS.items():
        with region_measures(regions) as measures:
            _show(f"The regions of a process that has {regions:,}, processor time", dict(measures), rounds)
            peak = measures[OURS].peak >> 20
            _say(f"  bound {bound}; ours had at most {peak} MiB, bound {PEAK_BOUND} at {max(REGION_BOUNDS):,}")


def _tick(rounds: int) -> None:
    for size in SIZES:
        with tick_measures(size) as measures:
            _show(f"A look at {size:,} regions of which one changed, processor time", measures, rounds)
    _say(f"  bound of the last ratio: {BOUND}")
    with order_measures(SIZES[-1]) as measures:
        _show(f"{SIZES[-1]:,} regions in another order, in the reading thread, processor time", measures, rounds)


def _keys(rounds: int) -> None:
    _say(f"\nThe cursor goes down a line in 1,000 regions, {rounds} rounds")
    costs = key_costs(rounds)
    _say(table({name: [cost.seconds for cost in taken] for name, taken in costs.items()}, "ms", 1000))
    _say(table({name: [cost.bytes for cost in taken] for name, taken in costs.items()}, "bytes", 1))
    _say(f"  bounds of the last ratios: {SECONDS_BOUND} and {BYTES_BOUND}")
    with paint_measures(SIZES[-1]) as measures:
        _show(f"From a key to the screen while one of {SIZES[-1]:,} regions changes once a second", measures, rounds)
    _say(f"  bounds: {1000 * PAINT_BOUND:.0f} and {1000 * LATE_BOUND:.0f} ms")


def _processes(rounds: int) -> None:
    for count in COUNTS:
        if not may_start(count):
            _say(f"  {count:,} processes: more than this machine permits")
            continue
        with process_measures(count) as measures:
            _show(f"The list of {count:,} processes that are asleep and those of the machine", measures, rounds)
    _say(f"  bound of the ratio to ps at 2,000: {PROCESS_BOUND}")


def _latency(rounds: int) -> None:
    with latency_measures() as measures:
        _show("The worst mmap(2) of a process of 2 GiB that is looked at once a second", measures, rounds)
    _say(f"  bound of the ratio to cat maps: {LATENCY_BOUND}")


def _below(rounds: int) -> None:
    library = largest_elf()
    _show(f"Symbols of {library.name}", symbol_measures(library), rounds)
    with specimen() as (pid, spans):
        for name, span in spans.items():
            _show(f"Pages of {name}", page_measures(pid, span), rounds)
        _show("A search in 1 GiB", search_measures(pid, next(iter(spans.values()))), rounds)
    with fault_measures() as measures:
        _show("Touching 64 MiB while its faults are traced", measures, rounds)


def _cpu(rounds: int, seconds: float) -> None:
    others = {"htop -d 10": HTOP, "glances -t 1": GLANCES}
    for situation, argv in situations():
        _say(f"\nCPU at one refresh a second, {situation}, {rounds} times {seconds:g} s, one program at a time")
        measures = {name: cpu_share(its, seconds) for name, its in {"mmexplorer": argv, **others}.items()}
        _say(table(interleaved(_without_missing(measures, others), rounds), "% of one processor", 100))
        _say(f"  bound of the ratio to htop: {CPU_BOUNDS[situation]}")


def _memory() -> None:
    _say(f"\nMemory per region with its counters: {memory_per_region():,.0f} bytes, bound {MEMORY_BOUND}")


def _without_missing(measures: dict[str, Measure], needs: dict[str, list[str]]) -> dict[str, Measure]:
    for name, argv in needs.items():
        if missing(argv):
            _say(f"  {name}: not installed")
            del measures[name]
    return measures


def _show(title: str, measures: dict[str, Measure], rounds: int) -> None:
    _say(f"\n{title}, {rounds} rounds")
    interleaved(measures, 1)  # unmeasured: fills the page cache and writes missing byte code
    _say(table(interleaved(measures, rounds), "ms", 1000))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure everything, or what was requested."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*_WHAT, []], help="all without it")
    parser.add_argument("--rounds", type=int, default=9, help="of first frames, of maps and below (default 9)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each of three turns of CPU time (default 10)")
    arguments = parser.parse_args()
    what = arguments.what or _WHAT
    if "frame" in what:
        _first_frames(arguments.rounds)
    if "commands" in what:
        _commands(arguments.rounds)
    if "maps" in what:
        _maps(arguments.rounds)
    if "tick" in what:
        _tick(arguments.rounds)
    if "keys" in what:
        _keys(3)
    if "processes" in what:
        _processes(arguments.rounds)
    if "latency" in what:
        _latency(3)
    if "below" in what:
        _below(arguments.rounds)
    if "cpu" in what:
        _cpu(3, arguments.seconds)
    if "memory" in what:
        _memory()


if __name__ == "__main__":
    main()
