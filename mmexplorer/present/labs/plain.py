"""A lab as plain text, as `mmexplorer lab --run` prints it."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.lab import A_GUESS, Choice, Lab, Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.text import counted, without_marks
from mmexplorer.model.unavailable import Cause
from mmexplorer.present.labs.calls import called, printed_besides
from mmexplorer.present.labs.curves import curve_lines
from mmexplorer.present.labs.listing import listing
from mmexplorer.present.labs.map import map_around, map_difference
from mmexplorer.present.labs.own_program import how_it_ended
from mmexplorer.present.labs.processes import process_lines
from mmexplorer.present.labs.side_by_side import maps_side_by_side
from mmexplorer.present.text.cells import change_in_kb
from mmexplorer.present.text.line import EMPTY, line, plain
from mmexplorer.present.text.wrap import wrapped

_WIDTH = 100
_CHANGES = (
    "vm_size_change", "rss_change", "anonymous_change", "heap_change", "page_tables_change", "cgroup_usage_change",
    "mem_free_change", "buff_cache_change", "mem_available_change", "committed_as_change",
)  # fmt: skip
_TITLES = (
    "VmSize", "Rss", "Anonymous", "heap", "page tables", "usage of the cgroup",
    "the machine's free", "buff/cache", "available", "Committed_AS",
)  # fmt: skip


def heading(lab: Lab) -> Iterator[str]:
    """Yield the lab's title, what it teaches, and its C program if it has one."""
    yield f"{lab.name}: {lab.title}"
    yield from _wrapped(lab.learn)
    yield from (plain(row) for row in listing(lab))


def step_lines(number: int, count: int, step: Step) -> Iterator[str]:
    """Yield what is about to happen, and the question with its options."""
    yield ""
    yield f"--- {number} of {count}: {step.title} ---"
    yield from _wrapped(step.text)
    if step.question is None:
        return
    yield from _wrapped(f"? {step.question.ask}")
    if isinstance(step.question, Choice):
        yield from (f"  {index}) {option}" for index, option in enumerate(step.question.options, 1))
    if step.question.guess:
        yield A_GUESS


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what happened: the calls, the map, the figures, the answer, the checks, the explanation."""
    yield ""
    for reply in (*outcome.prepared, *outcome.replies):
        yield from _call(reply)
    yield from _map(outcome)
    yield from (f"    {text}" for text in process_lines(outcome.after))
    yield from _figures(outcome)
    if outcome.answer:
        yield f"  answer: {outcome.answer}"
    for verdict in outcome.verdicts:
        why = f" ({verdict.why})" if verdict.why else ""
        yield plain(line(f"  {'passed' if verdict.passed else 'FAILED'}: {verdict.words}{why}"))
    yield from _wrapped(outcome.explanation)


def _call(reply: LabReply) -> Iterator[str]:
    yield from (plain(line(f"  {text}")) for text in called(reply))
    for text in printed_besides(reply):
        yield plain(line(f"  it prints: {text}"))


def _map(outcome: Outcome) -> Iterator[str]:
    if not isinstance(outcome.before, Measurement):
        if outcome.before.cause is Cause.NOT_READ:
            return
        yield f"  map before: none, {outcome.before}"
        return
    if not isinstance(outcome.after, Measurement):
        yield f"  map before: {len(outcome.before.regions)} regions; after: none, {outcome.after}"
        if "si_addr" in outcome.figures.numbers:
            around = map_around(outcome.before.regions, outcome.figures["si_addr"])
            yield from (f"    {plain(row)}" for row in around)
        return
    before, after = outcome.before.regions, outcome.after.regions
    if before == after:
        yield f"  map: the same {len(after)} regions before and after"
        return
    yield f"  map: {len(before)} regions before, {len(after)} after"
    yield from (f"    {plain(row)}" for row in map_difference(before, after))


def _figures(outcome: Outcome) -> Iterator[str]:
    numbers = outcome.figures.numbers
    measured = [
        f"{title} {plain(change_in_kb(numbers[name]))}"
        for title, name in zip(_TITLES, _CHANGES, strict=True)
        if numbers.get(name)
    ]
    if "touch_min_flt" in numbers:
        measured.append(counted(numbers["touch_min_flt"], "minor faults"))
    if numbers.get("touch_maj_flt"):
        measured.append(counted(numbers["touch_maj_flt"], "major faults"))
    if "pages_mapped" in numbers:
        measured.append(f"{counted(numbers['pages_mapped'], 'pages')} of the range in memory")
    if measured:
        yield f"  measured: {', '.join(measured)}"


def program_lines(reply: LabReply) -> Iterator[str]:
    """Yield the output of a learner's program as a terminal would show it, and how it ended."""
    yield from (plain(line(text)) for text in reply.output.splitlines())
    yield plain(line(f"the program {how_it_ended(reply)}"))


def at_the_end(lab: Lab, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the maps that the lab compares, or the curves of its readings."""
    rows = (*maps_side_by_side(lab, outcomes), *curve_lines(lab, outcomes))
    yield from (plain(row) for row in ((EMPTY, *rows) if rows else ()))


def summary(outcomes: Sequence[Outcome], steps: int) -> str:
    """Return the last line: how many of the steps passed."""
    passed = sum(outcome.passed for outcome in outcomes)
    return f"{passed} of {steps} steps passed"


def _wrapped(text: str) -> Iterator[str]:
    """Wrap a text, without the marks of the glossary's terms."""
    return (plain(row) for row in wrapped(line(without_marks(text)), _WIDTH) if row)
