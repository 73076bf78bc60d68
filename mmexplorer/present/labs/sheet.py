"""A lab as a handout in Markdown or HTML: with room for predictions, or with this machine's results."""

from collections.abc import Iterator, Sequence
from enum import Enum
from html import escape

from mmexplorer.labs.lab import A_GUESS, Choice, Lab, Question, Step
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.text import without_marks
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.clean import clean

_ROOM = "______________"
"""The blank for a learner's answer."""


class _Kind(Enum):
    TITLE = "h1"
    STEP = "h2"
    TEXT = "p"
    ASK = "strong"
    OPTION = "li"


class _Block(NamedTuple):
    kind: _Kind
    text: str


def sheet(lab: Lab, outcomes: Sequence[Outcome] = (), *, as_html: bool = False) -> str:
    """Return the handout of `lab`; with `outcomes`, one per step done, the results are filled in."""
    blocks = list(_blocks(lab, outcomes))
    return _html(lab, blocks) if as_html else _markdown(blocks)


def _blocks(lab: Lab, outcomes: Sequence[Outcome]) -> Iterator[_Block]:
    yield _Block(_Kind.TITLE, lab.title)
    yield _Block(_Kind.TEXT, lab.learn)
    for number, step in enumerate(lab.steps, 1):
        yield _Block(_Kind.STEP, f"{number}. {step.title}")
        yield _Block(_Kind.TEXT, step.text)
        if step.question is not None:
            yield from _question(step.question)
        yield from _answer(step, outcomes[number - 1] if number <= len(outcomes) else None)


def _question(question: Question) -> Iterator[_Block]:
    yield _Block(_Kind.ASK, question.ask)
    if question.guess:
        yield _Block(_Kind.TEXT, A_GUESS)
    if isinstance(question, Choice):
        for letter, option in zip("abcdefgh", question.options, strict=False):
            yield _Block(_Kind.OPTION, f"{letter}) {option}")
    else:
        yield _Block(_Kind.TEXT, f"My prediction: {_ROOM} {question.unit}".rstrip())


def _answer(step: Step, outcome: Outcome | None) -> Iterator[_Block]:
    if outcome is None:
        if isinstance(step.question, Choice):
            yield _Block(_Kind.TEXT, f"My prediction: {_ROOM}")
        yield _Block(_Kind.TEXT, f"What was measured: {_ROOM}")
        return
    if outcome.answer:
        yield _Block(_Kind.TEXT, f"Answer: {outcome.answer}")
    for verdict in outcome.verdicts:
        yield _Block(_Kind.OPTION, f"{'passed' if verdict.passed else 'FAILED'}: {verdict.words}")
    yield _Block(_Kind.TEXT, outcome.explanation)


def _shown(block: _Block) -> str:
    return clean(without_marks(block.text))


def _markdown(blocks: Sequence[_Block]) -> str:
    before = {_Kind.TITLE: "# ", _Kind.STEP: "## ", _Kind.TEXT: "", _Kind.ASK: "**", _Kind.OPTION: "- "}
    lines: list[str] = []
    for last, block in zip((None, *blocks), blocks, strict=False):
        if last is not None and not (block.kind is last.kind is _Kind.OPTION):
            lines.append("")
        lines.append(f"{before[block.kind]}{_shown(block)}{'**' if block.kind is _Kind.ASK else ''}")
    return "\n".join(lines)


def _html(lab: Lab, blocks: Sequence[_Block]) -> str:
    body = "\n".join(f"<{block.kind.value}>{escape(_shown(block))}</{block.kind.value}>" for block in blocks)
    style = "body{max-width:46em;margin:2em auto;font-family:sans-serif}li{list-style:none}strong{display:block}"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(lab.title)}</title>'
        f"<style>{style}</style></head><body>\n{body}\n</body></html>"
    )
