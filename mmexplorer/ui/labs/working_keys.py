"""Which keys of the Labs screen do something now; the others stay out of the footer and the palette."""

from typing import NamedTuple

from mmexplorer.labs.lab import Choice
from mmexplorer.labs.state import LabState, Phase
from mmexplorer.present.labs.page import Page

_BY_HAND = {
    "choose": frozenset({Page.STEP}),
    "skip": frozenset({Page.STEP}),
    "restart": frozenset({Page.STEP, Page.SCORE}),
}
"""What would get in the way of a lab that plays itself, and the pages on which it makes sense."""

_WHILE_TYPING = frozenset({"glossary", "next_pane"})


class Moment(NamedTuple):
    """How the screen stands."""

    page: Page
    state: LabState | None
    """How far the chosen lab is; None if it isn't the open one."""
    typing: bool
    by_itself: bool
    """Whether the lab plays itself."""
    several: bool
    """Whether there is more than one process to look at."""
    in_lesson: bool
    something_before: bool
    """Whether there is a step or a stop before this one."""
    programmed: bool
    """Whether the chosen lab is about a C program."""


def works(action: str, parameters: tuple[object, ...], now: Moment) -> bool:
    """Whether an action makes sense now."""
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
