"""The pages of a process in JSON: `mmexplorer pages --json`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import document, record
from mmexplorer.present.text.format import hexadecimal


def pages_document(
    pid: int, whole: Range, page_size: int, states: Sequence[PageStates], flags: Mapping[str, int] | Unavailable
) -> str:
    """Return the document: the runs of all `states`, ascending, and the bytes in each state and with each flag."""
    fields = {
        "pid": pid,
        "start": hexadecimal(whole.start),
        "end": hexadecimal(whole.end),
        "page_size": page_size,
        "runs": [
            {"start": hexadecimal(run.start), "end": hexadecimal(run.end), "state": run.state.key}
            for each in states
            for run in each.runs
        ],
        "totals": record(state_totals(states) | _flags(flags)),
    }
    return document("pages", fields)


def state_totals(states: Iterable[PageStates]) -> dict[str, object]:
    """Return the total bytes in each state."""
    totals: Counter[str] = Counter()
    for each in states:
        for state, count in each.counts().items():
            totals[state.key] += count * each.page_size
    return dict(totals)


def _flags(flags: Mapping[str, int] | Unavailable) -> dict[str, object]:
    return dict.fromkeys(("dirty", "referenced", "writeback"), flags) if isinstance(flags, Unavailable) else dict(flags)
