"""Security findings as a table."""

from collections.abc import Iterable

from mmexplorer.model.process.security import Finding, Verdict
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.line import Line, Tone, line, span

_TONES = {Verdict.GOOD: Tone.DIM, Verdict.WEAK: Tone.WARN, Verdict.BAD: Tone.ERROR, Verdict.UNKNOWN: Tone.DIM}


def _verdict(finding: Finding) -> Line:
    return line(span(finding.verdict.value, _TONES[finding.verdict]))


def _base_name(finding: Finding) -> Line:
    """Return the last part of a path, by which files are told apart; anything else as it is."""
    return line(finding.where.rpartition("/")[2] if finding.where.startswith("/") else finding.where)


FINDING_COLUMNS: tuple[Column[Finding], ...] = (
    Column(
        "verdict",
        "VERDICT",
        7,
        _verdict,
        sort=lambda row: row.verdict.value,
        help="How to judge it: good, weak, bad or unknown.",
    ),
    Column("what", "WHAT", 20, lambda row: line(row.what), sort=lambda row: row.what, help="The protection."),
    Column(
        "where",
        "WHERE",
        25,
        lambda row: line(row.where),
        wide=60,
        sort=lambda row: row.where,
        short=_base_name,
        help="A file or a region.",
    ),
    Column("evidence", "EVIDENCE", 20, lambda row: line(row.evidence), flexible=True, help="What shows it."),
)

_WEIGHT = (Verdict.BAD, Verdict.WEAK, Verdict.UNKNOWN, Verdict.GOOD)


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return each finding once, the worst first."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _WEIGHT.index(finding.verdict)))
