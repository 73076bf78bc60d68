"""Why a key does nothing on Explore: its action is refused, or belongs to one of the tabs or another screen."""

from collections.abc import Mapping

from mmexplorer.ui.keys import ACTIONS

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
