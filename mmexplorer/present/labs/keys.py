"""The keys of a page of a lab or lesson, shown in its bottom border."""

from mmexplorer.labs.lab import Choice, Number
from mmexplorer.labs.lesson import Course
from mmexplorer.labs.state import LabState, Phase
from mmexplorer.present.labs.page import LabPage, Page
from mmexplorer.present.text.border import noted_hint
from mmexplorer.present.text.line import Line, Tone, span

Keys = tuple[tuple[str, str], ...]
"""Pairs of a key and what it does."""

_TERMS = ("t", "terms")
_WHILE_PLAYING = (("p", "stop"), ("+", "faster"), ("-", "slower"))


def page_keys(shown: LabPage) -> Keys:
    """Return the keys that work on this page now."""
    state, course = shown.state, shown.course
    if course is not None:
        return _lesson_keys(shown, course)
    if state is None:
        return (("Enter", "begin"), ("p", "auto-play")) if shown.lack is None else ()
    if shown.page is Page.SCORE:
        return (("Enter", "next lab"), ("r", "play it again"))
    return (("Enter", "continue"),) if shown.page is Page.INTRO else _step_keys(state)


def _lesson_keys(shown: LabPage, course: Course) -> Keys:
    further = (("g", "another"), ("n", "notes"))
    if shown.page is Page.LESSON:
        return (("Enter", "begin"), *further, ("p", "auto-play"))
    if shown.page is Page.LESSON_END:
        return further[:1]
    if shown.state is not None and shown.state.phase is not Phase.DONE:
        return (*(pair for pair in _step_keys(shown.state) if pair != _TERMS), *further)
    last = course.index == len(course.lesson.stops) - 1
    return (("Enter", "how it went" if last else "next stop"), *further)


def _step_keys(state: LabState) -> Keys:
    question = state.step.question
    if state.phase is Phase.DONE:
        return _keys_of_done(state)
    if state.phase is Phase.DO:
        change = (("a b …", "change it"),) if isinstance(question, Choice) else ()
        return (("Enter", "do it"), *change, _TERMS)
    if isinstance(question, Number):
        return (("Enter", "type a prediction"), ("s", "do it without one"))
    return (("a b …", "predict"), ("s", "do it without"), _TERMS)


def _keys_of_done(state: LabState) -> Keys:
    back = (("Backspace", "back"),) if state.index else ()
    if state.stuck and state.index == len(state.outcomes) - 1:
        return (("r", "start again"), *back)
    last = state.index == len(state.lab.steps) - 1
    return (("Enter", "how it went" if last else "next"), *back, _TERMS)


def autoplay_hint(what: str, width: int) -> Line:
    """Return what the autoplay does, and as many of its keys as fit in `width` cells with it."""
    return noted_hint((span(f"{what}  ", Tone.WARN),), _WHILE_PLAYING, width)
