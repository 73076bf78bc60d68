"""Which keys of the Labs screen work now; the others are hidden from the footer and the palette."""

from mmexplorer.labs.lab import Choice
from mmexplorer.labs.state import LabState, Phase
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.labs.page import Page

_BY_HAND = {
    "choose": frozenset({Page.STEP}),
    "skip": frozenset({Page.STEP}),
    "restart": frozenset({Page.STEP, Page.SCORE}),
}
"""The actions that would interfere with autoplay, and the pages on which they make sense."""

_WHILE_TYPING = frozenset({"glossary", "next_pane"})


class Moment(NamedTuple):
    """The state of the screen."""

    page: Page
    state: LabState | None
    """The progress of the chosen lab; None if it isn't the open one."""
    typing: bool
    by_itself: bool
    """Whether the lab plays by itself."""
    several: bool
    """Whether there is more than one process to show."""
    in_lesson: bool
    something_before: bool
    """Whether there is a step or a stop before this one."""
    programmed: bool
    """Whether the chosen lab has a C program."""


def works(action: str, parameters: tuple[object, ...], now: Moment) -> bool:
    """Return whether an action makes sense now."""
    if now.typing and action not in _WHILE_TYPING:
        return False
    if action in _BY_HAND and (now.by_itself or now.page not in _BY_HAND[action] or now.state is None):
        return False
    return _works_here(action, parameters, now)


def _works_here(action: str, parameters: tuple[object, ...], now: Moment) -> bool:
    state = now.state
    if action == "choose":
        return state is not None and _is_option(state, int(str(parameters[0])))
    if action == "skip":
        return state is not None and state.phase is not Phase.DONE
    return {
        "own_program": now.programmed and not now.by_itself,
        "faster": now.by_itself,
        "slower": now.by_itself,
        "go_to": not now.by_itself,
        "back": not now.by_itself and now.something_before,
        "other_process": now.several,
        "notes": now.in_lesson or (state is not None and now.page is Page.STEP),
    }.get(action, True)


def _is_option(state: LabState, index: int) -> bool:
    question = state.step.question
    return state.phase is not Phase.DONE and isinstance(question, Choice) and index < len(question.options)
