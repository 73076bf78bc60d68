"""Why a key does nothing on Explore: its action is refused, or belongs to one of the tabs or another screen."""

from collections.abc import Iterable, Mapping

from mmexplorer.model.value import NamedTuple
from mmexplorer.ui.keys import ACTIONS
from mmexplorer.ui.looking_back import OF_THE_PAST

_LIVE_ONLY = frozenset({"lab_map", "lab_size", "lab_touch", "lab_unmap", "pause", "read_now", "interval", "follow"})
"""Actions that need a live process."""

_ELSEWHERE = {
    "pages": "in Pages (p)",
    "translation": "in Walk (T)",
    "bytes": "in Bytes (x)",
    "faults": "in Faults (f)",
    "system": "on System (2)",
    "labs": "on Labs (3)",
}
"""Where a key works that doesn't work here; for places not listed, nothing is said."""
_HERE = frozenset({"explore", "lab", "tables", "everywhere"})


class Possible(NamedTuple):
    """What can be done now."""

    live: bool
    """Whether the processes are live, not those of a file."""
    past: bool
    """Whether there is an earlier moment."""
    record: bool
    compare: bool
    """Whether there can be something else to compare with."""
    back: bool
    """Whether there is a previous process."""
    unmap: bool
    """Whether the lab process has a mapping."""


def refusals(possible: Possible) -> Mapping[str, str]:
    """Return why actions do nothing now, by their method."""
    past = "There is no earlier moment yet." if possible.live else "The file is one moment."
    first = "press m first, which maps memory in the lab process."
    rules: tuple[tuple[Iterable[str], bool, str], ...] = (
        (OF_THE_PAST, possible.past, past),
        (("record", "write_recent"), possible.record, "Nothing here can be recorded."),
        (("compare_with",), possible.compare, ""),
        (("back",), possible.back, "There is no previous process to return to."),
        (("lab_touch",), possible.unmap, f"There is nothing to touch: {first}"),
        (("lab_unmap",), possible.unmap, f"There is nothing to unmap: {first}"),
        (_LIVE_ONLY, possible.live, "A file has no live process."),
    )
    return {action: why for actions, works, why in rules if not works for action in actions}


def why_idle(key: str, refused: Mapping[str, str]) -> str:
    """Explain why a key, by Textual's name, does nothing; "" if it has no meaning anywhere.

    `refused` has the reasons for actions of Explore, by their method.
    """
    found = [action for action in ACTIONS if key in action.keys.split(",")]
    for action in found:
        if action.where in {"explore", "lab"} and action.method in refused:
            return refused[action.method]
    if any(action.where in _HERE for action in found):
        return ""
    elsewhere = (action for action in found if action.where in _ELSEWHERE)
    return next((f"{action.label} works {_ELSEWHERE[action.where]}." for action in elsewhere), "")
