"""The rows of the bench: each measures one subject and compares it with its bounds."""

from collections.abc import Callable, Sequence
from re import Pattern
from typing import NamedTuple

from tests.bench.below import fault_measures, largest_elf, page_measures, search_measures, specimen, symbol_measures
from tests.bench.commands import (
    BOUNDS,
    OURS,
    PEAK_BOUND,
    PMAP,
    PYTHON,
    REGION_BOUNDS,
    command_measures,
    elf_measures,
    region_measures,
)
from tests.bench.figures import Measure
from tests.bench.keys import BYTES_BOUND, LATE_BOUND, PAINT_BOUND, SECONDS_BOUND, key_costs, paint_measures
from tests.bench.labs import lab_costs
from tests.bench.latency import BOUND as LATENCY_BOUND
from tests.bench.latency import ROUNDS as LATENCY_ROUNDS
from tests.bench.latency import latency_measures
from tests.bench.memory import GROWTH_BOUND, IDLE_BOUND, PER_REGION_BOUND, START_BOUND, memory_use
from tests.bench.processes import BOUND as PROCESS_BOUND
from tests.bench.processes import COUNTS, may_start, process_measures
from tests.bench.programs import (
    BARE_APP,
    BARE_MARKS,
    EMPTY_APP,
    EMPTY_MARKS,
    ENVIRONMENT,
    FEW,
    FOLDER,
    HTOP,
    HTOP_MARKS,
    PROCESS_ROW,
    REGION_ROW,
    SIZES,
    looking_at,
)
from tests.bench.report import Report
from tests.bench.running import CPU_BOUNDS, OTHERS, PROCESSES, cpu_share, situations
from tests.bench.smaps import BOUND as SMAPS_BOUND
from tests.bench.smaps import FIRST, PLAIN, smaps_measures
from tests.bench.target import regions
from tests.bench.terminal import Drained
from tests.bench.tick import BOUND, FILTER, FILTER_BOUND, SORT, SORT_BOUND, order_measures, tick_measures

_MAPS = "plain read of maps"
_MOST = SIZES[-1]
_FEW_ROUNDS = 3
"""Of what takes many seconds a round."""


class Options(NamedTuple):
    """How much is measured."""

    rounds: int
    seconds: float
    """Of each turn of CPU time."""
    idle: float
    """Minutes after which memory is looked at again; 0 for not at all."""


def first_frame(argv: Sequence[str], marks: Sequence[Pattern[bytes]]) -> Measure:
    """Measure the seconds from exec until the frame identified by `marks` is written."""

    def measure() -> float:
        with Drained(argv, ENVIRONMENT, FOLDER) as program:
            return program.seconds_until(marks)

    return measure


def _first_frames(report: Report, options: Options) -> None:
    bare = "bare Textual (Static, Footer)"
    with regions(FEW) as target:  # one that stays; by itself Explore begins with the largest process, which may end
        measures = {
            "mmexplorer": first_frame(looking_at(target.pid), [PROCESS_ROW, REGION_ROW]),
            "empty app of the same widgets": first_frame(EMPTY_APP, EMPTY_MARKS),
            bare: first_frame(BARE_APP, BARE_MARKS),
            "htop": first_frame(HTOP, HTOP_MARKS),
        }
        present = report.without_missing(measures, {"htop": HTOP})
        figures = report.show("First populated frame, from exec, 160x48 pty", present, options.rounds)
    report.bound_ratio("first frame, by the clock", figures, "mmexplorer", bare, 1.8)


def _commands(report: Report, options: Options) -> None:
    with command_measures() as measures:
        figures = report.show("Plain commands, processor time", measures, options.rounds)
    for name, bound in BOUNDS.items():
        report.bound_ratio(f"`{name}`", figures, name, PYTHON, bound)
    for title, compared in elf_measures():
        report.show(title, report.without_missing(compared, {"readelf": ["readelf"]}), options.rounds)


def _labs(report: Report, options: Options) -> None:
    costs = lab_costs(options.rounds)
    report.print(
        "Labs in plain text, by the clock", {name: [cost.wall for cost in taken] for name, taken in costs.items()}
    )
    processor = {name: [cost.processor for cost in taken] for name, taken in costs.items()}
    report.print("Labs in plain text, processor time with that of their processes", processor)


def _maps(report: Report, options: Options) -> None:
    for size in SIZES:
        with region_measures(size) as measures:
            title = f"The regions of a process that has {size:,}, processor time"
            figures = report.show(title, report.without_missing(measures, {PMAP: ["pmap"]}), options.rounds)
            peak = measures[OURS].peak / (1 << 20)
        if size in REGION_BOUNDS:
            report.bound_ratio(f"`maps --json`, {size:,} regions", figures, OURS, PMAP, REGION_BOUNDS[size])
    report.bound(f"`maps --json`, {_MOST:,} regions, its memory at most", [peak], PEAK_BOUND, " MiB")


def _smaps(report: Report, options: Options) -> None:
    for size in SIZES:
        with smaps_measures(size) as measures:
            figures = report.show(f"smaps of {size:,} regions, processor time", measures, options.rounds)
            report.bound_ratio(f"smaps of {size:,} regions read and parsed", figures, FIRST, PLAIN, SMAPS_BOUND)


def _tick(report: Report, options: Options) -> None:
    for size in SIZES:
        with tick_measures(size) as measures:
            title = f"A look at {size:,} regions of which one changed, processor time"
            figures = report.show(title, measures, options.rounds)
    report.bound_ratio(f"tick with one change at {_MOST:,} regions", figures, "look with one change", _MAPS, BOUND)
    with order_measures(_MOST) as measures:
        title = f"{_MOST:,} regions in another order, in the reading thread, processor time"
        figures = report.show(title, measures, options.rounds)
    for what, name, bound in (("sort", SORT, SORT_BOUND), ("filter", FILTER, FILTER_BOUND)):
        report.bound(f"{what} of {_MOST:,} regions", [1000 * each for each in figures[name]], bound, " ms")


def _keys(report: Report, _options: Options) -> None:
    costs = key_costs(_FEW_ROUNDS)
    title = "The cursor goes down a line in 1,000 regions"
    seconds = {name: [cost.seconds for cost in taken] for name, taken in costs.items()}
    sizes = {name: [cost.bytes for cost in taken] for name, taken in costs.items()}
    report.print(title, seconds)
    report.print(title, sizes, "bytes", 1)
    report.bound_ratio("`j`: processor time", seconds, "j", "htop", SECONDS_BOUND)
    report.bound_ratio("`j`: bytes", sizes, "j", "htop", BYTES_BOUND)
    with paint_measures(_MOST) as measures:
        title = f"From a key to the screen while one of {_MOST:,} regions changes once a second"
        figures = report.show(title, measures, _FEW_ROUNDS)
    for (name, taken), bound in zip(figures.items(), (PAINT_BOUND, LATE_BOUND), strict=True):
        report.bound(f"{name}, {_MOST:,} regions", [1000 * each for each in taken], 1000 * bound, " ms")


def _processes(report: Report, options: Options) -> None:
    for count in COUNTS:
        if not may_start(count):
            report.say(f"  {count:,} processes: more than this machine permits")
            continue
        with process_measures(count) as measures:
            title = f"The list of {count:,} processes that are asleep and those of the machine"
            figures = report.show(title, report.without_missing(measures, {"ps": ["ps"]}), options.rounds)
        if count == PROCESSES:
            report.bound_ratio(f"refresh of {count:,} processes", figures, "refresh", "ps", PROCESS_BOUND)


def _latency(report: Report, _options: Options) -> None:
    what = "mmap(2) of a watched process of 2 GiB"
    with latency_measures() as measures:
        present = report.without_missing(measures, {"htop": HTOP, PMAP: ["pmap"]})
        worst = report.take(f"The worst {what}, once a second", present, LATENCY_ROUNDS)
        often = {name: measures[name].one_in_a_thousand for name in present}
        report.print(f"One in a thousand {what}, once a second", often)
    for which, figures in (("worst", worst), ("one in a thousand", often)):
        report.bound_ratio(f"{which} {what}", figures, "mmexplorer", "cat maps", LATENCY_BOUND)


def _below(report: Report, options: Options) -> None:
    library = largest_elf()
    report.show(f"Symbols of {library.name}", symbol_measures(library), options.rounds)
    with specimen() as (pid, spans):
        for name, span in spans.items():
            report.show(f"Pages of {name}", page_measures(pid, span), options.rounds)
        report.show("A search in 1 GiB", search_measures(pid, next(iter(spans.values()))), options.rounds)
    with fault_measures() as measures:
        report.show("Touching 64 MiB while its faults are traced", measures, options.rounds)


def _cpu(report: Report, options: Options) -> None:
    for situation, argv in situations():
        programs = {"mmexplorer": argv, **OTHERS}
        measures = {name: cpu_share(its, options.seconds) for name, its in programs.items()}
        title = f"CPU at one refresh a second, {situation}, {options.seconds:g} s of one program at a time"
        figures = report.take(title, report.without_missing(measures, OTHERS), _FEW_ROUNDS, "% of one processor", 100)
        report.bound_ratio(f"CPU, {situation}", figures, "mmexplorer", "htop", CPU_BOUNDS[situation])


def _memory(report: Report, options: Options) -> None:
    report.say("\nMemory of Explore")
    use = memory_use(options.idle)
    report.bound("memory after start", [use.start], START_BOUND, " MB")
    report.bound(f"memory more at {_MOST:,} regions", [use.growth], GROWTH_BOUND, " MB")
    report.bound("memory per region, with its counters", [use.per_region], PER_REGION_BOUND, " bytes")
    report.say(f"  after start {use.start:.1f} MB; with {_MOST:,} regions {use.growth:.1f} MB more")
    report.say(f"  per region with its counters {use.per_region:,.0f} bytes")
    if use.idle is not None:
        report.bound(f"memory after {options.idle:g} minutes", [use.idle], IDLE_BOUND, " MB")
        report.say(f"  after {options.idle:g} minutes {use.idle:.1f} MB")


ROWS: dict[str, Callable[[Report, Options], None]] = {
    "frame": _first_frames,
    "commands": _commands,
    "labs": _labs,
    "maps": _maps,
    "smaps": _smaps,
    "tick": _tick,
    "keys": _keys,
    "processes": _processes,
    "latency": _latency,
    "below": _below,
    "cpu": _cpu,
    "memory": _memory,
}
