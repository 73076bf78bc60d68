"""Findings in JSON: `mmexplorer security --json`."""

from collections.abc import Iterable

from mmexplorer.model.process.security import Finding
from mmexplorer.present.json.document import document, record


def security_document(findings: Iterable[Finding]) -> str:
    """Return the document."""
    return document("security", {"findings": [_finding(each) for each in findings]})


def _finding(finding: Finding) -> dict[str, object]:
    return record(finding._asdict() | {"verdict": finding.verdict.value})
