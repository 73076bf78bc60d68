"""What System shows after each refresh, and the explanation of a figure of free."""

from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.model.system.history import SarHistory
from mmexplorer.model.system.memory import free
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen
from mmexplorer.present.capture.timeline import Shown
from mmexplorer.present.system.memory_terms import meaning, not_the_total
from mmexplorer.present.system.oom import OomRow
from mmexplorer.present.system.sar import formula_words, why_not_free
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

TOPICS = ("total", "used", "free", "shared", "buff/cache", "available", "swap")
"""The figures of the free table that can be explained, in its order."""

KBMEMUSED = "kbmemused"
"""Another topic: why sar's figure differs from free's."""

_PARTS_OF = {"buff/cache": ("buffers", "cache")}


@frozen
class SystemView:
    """What the screen shows."""

    snapshot: SystemSnapshot
    history: SarHistory
    ranking: tuple[OomRow, ...] | Unavailable
    """The same object as before until the ranking is read again."""
    timeline: Timeline = EMPTY_TIMELINE
    shown: Shown | None = None
    """The moment shown; None without a timeline."""


def explanation(topic: str, view: SystemView) -> tuple[Line, ...]:
    """Explain a figure with its current terms; then why used + free + buff/cache isn't the total."""
    snapshot = view.snapshot
    figures = snapshot.meminfo if isinstance(snapshot.meminfo, Unavailable) else free(snapshot.meminfo)
    if isinstance(figures, Unavailable):
        return (line(span(f"{topic}: {figures}", Tone.WARN)),)
    if topic == KBMEMUSED:
        if not view.history.points:
            return (line("No reading yet."),)
        formula = snapshot.sar_formula
        row = view.history.points[-1].sample.memory
        return (*why_not_free(figures, row, formula), EMPTY, line(span(formula_words(formula), Tone.DIM)))
    lines = [each for part in _PARTS_OF.get(topic, (topic,)) for each in meaning(part, snapshot)]
    return tuple(lines) if topic == "used" else (*lines, EMPTY, not_the_total(figures))
