"""The texts of the labs for the screen: the terms that the glossary explains stand out."""

from mmexplorer.labs.glossary import look_up
from mmexplorer.labs.wording import pieces
from mmexplorer.model.lab import Choice, Lab, Outcome, Step
from mmexplorer.present.spans import Line, Tone, span


def words(text: str) -> Line:
    """Give a text with its terms marked by their tone."""
    return tuple(span(piece, Tone.ACCENT if term else Tone.NORMAL) for piece, term in pieces(text) if piece)


def terms_of(lab: Lab, step: Step | None, outcome: Outcome | None) -> dict[str, str]:
    """The terms that are on the screen, each with its definition: those of a step, or of what the lab teaches."""
    if step is None:
        texts = [lab.learn, *(step.text for step in lab.steps)]
    else:
        texts = [step.text]
        if step.question is not None:
            texts.append(step.question.ask)
            texts += step.question.options if isinstance(step.question, Choice) else ()
        if outcome is not None:
            texts.append(outcome.explanation)
    found = {term.lower(): term for text in texts for _, term in pieces(text) if term}
    return {term: meaning for term in found.values() if (meaning := look_up(term)) is not None}
