"""Labs as JSON: `mmexplorer/lab-list/1` and `mmexplorer/lab/1`."""

from collections.abc import Mapping, Sequence

from mmexplorer.labs.figures import Unit, figure_unit
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome, Verdict
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.text import without_marks
from mmexplorer.model.changes import Change, diff
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import document, record
from mmexplorer.present.labs.list import needs
from mmexplorer.present.labs.page import prediction


def list_document(labs: Sequence[Lab], lacks: Mapping[str, Unavailable]) -> str:
    """Return the list of labs; `lacks` says by name why one can't be played here."""
    return document("lab-list", {"labs": [_listed(lab, lacks.get(lab.name)) for lab in labs]})


def _listed(lab: Lab, lack: Unavailable | None) -> dict[str, object]:
    return record(
        {
            "name": lab.name,
            "title": lab.title,
            "row": lab.row,
            "needs": needs(lab),
            "runnable": lack is None,
            "reason": None if lack is None else str(lack),
        }
    )


def run_document(lab: Lab, outcomes: Sequence[Outcome]) -> str:
    """Return a lab that was played: each step with its calls, figures and verdicts."""
    passed = len(outcomes) == len(lab.steps) and all(outcome.passed for outcome in outcomes)
    steps = [_step(outcome) for outcome in outcomes]
    return document("lab", {"name": lab.name, "title": lab.title, "row": lab.row, "passed": passed, "steps": steps})


class LoggedRun:
    """A lab being played: its steps so far, each with its time."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.steps: list[tuple[float, Outcome]] = []
        """Seconds since the epoch, and the outcome."""

    def goes_on(self, lab: Lab, outcome: Outcome) -> bool:
        """Return whether a step belongs to this run rather than a new one."""
        return lab is self.lab and all(outcome.step is not done.step for _, done in self.steps)


def log_document(runs: Sequence[LoggedRun]) -> str:
    """Return what was predicted and what happened, in the order played."""
    return document("lab-log", {"runs": [_run(run) for run in runs]})


def _run(run: LoggedRun) -> dict[str, object]:
    steps = [{"done_at": round(when, 3), **_prediction(outcome), **_step(outcome)} for when, outcome in run.steps]
    judged = [outcome.right for _, outcome in run.steps if outcome.right is not None]
    return {
        "name": run.lab.name,
        "title": run.lab.title,
        "steps_of_lab": len(run.lab.steps),
        "predicted": len(judged),
        "right": sum(judged),
        "steps": steps,
    }


def _prediction(outcome: Outcome) -> dict[str, object]:
    question, predicted = outcome.step.question, outcome.predicted
    said = None if question is None or predicted is None else without_marks(prediction(question, predicted))
    return {"prediction": said, "right": outcome.right}


def _step(outcome: Outcome) -> dict[str, object]:
    question = outcome.step.question
    return record(
        {
            "title": outcome.step.title,
            "prepared": _calls(outcome.prepared),
            "calls": _calls(outcome.replies),
            "error": next((reply.error for reply in outcome.replies if not reply.ok), None),
            "figures": {name: _figure(name, value) for name, value in outcome.figures.numbers.items()},
            "words": record(outcome.figures.words),
            "regions_before": _regions(outcome.before),
            "regions_after": _regions(outcome.after),
            "changes": _changes(outcome),
            "other_maps": _other_maps(outcome.after),
            "question": None if question is None else without_marks(question.ask),
            "answer": outcome.answer or None,
            "checks": [_verdict(verdict) for verdict in outcome.verdicts],
            "passed": outcome.passed,
            "explanation": without_marks(outcome.explanation),
        }
    )


def _calls(replies: Sequence[LabReply]) -> list[dict[str, str | None]]:
    return [_call(text) for reply in replies if reply.call for text in reply.call.split("\n")]


def _call(text: str) -> dict[str, str | None]:
    """Split a call from its result, which a line of C and a signal don't have."""
    call, closed, result = text.rpartition(") = ")
    return {"call": f"{call})", "result": result} if closed else {"call": text, "result": None}


def _figure(name: str, value: int) -> int | str:
    return f"{value:#x}" if figure_unit(name) is Unit.ADDRESS else value


def _regions(measured: Measurement | Unavailable) -> int | Unavailable:
    return measured if isinstance(measured, Unavailable) else len(measured.regions)


def _other_maps(measured: Measurement | Unavailable) -> dict[str, object]:
    """Return the maps of the other processes, by name; empty if there are none."""
    others = {} if isinstance(measured, Unavailable) else measured.others
    maps = {
        name: other if isinstance(other, Unavailable) else [_region(region) for region in other.regions]
        for name, other in others.items()
    }
    return record(maps)


def _changes(outcome: Outcome) -> list[dict[str, object]] | Unavailable:
    for measured in (outcome.before, outcome.after):
        if isinstance(measured, Unavailable):
            return measured
    assert isinstance(outcome.before, Measurement)  # noqa: S101 - the loop above; for the type checker
    assert isinstance(outcome.after, Measurement)  # noqa: S101
    return [_change(change) for change in diff(outcome.before.regions, outcome.after.regions)]


def _change(change: Change) -> dict[str, object]:
    return {
        "kind": change.kind.value,
        "delta": change.delta,
        "before": [_region(region) for region in change.before],
        "after": [_region(region) for region in change.after],
    }


def _region(region: Region) -> dict[str, object]:
    return record(
        {"start": f"{region.start:#x}", "end": f"{region.end:#x}", "perms": region.perms, "path": region.path}
    )


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {"words": verdict.words, "passed": verdict.passed, "why": verdict.why or None}
