"""Every section of kernel/README.md that a comment cites exists."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_CITED = re.compile(r'kernel/README\.md,\s+(".*?"(?: and ".*?")*)')


def test_every_cited_section_is_there() -> None:
    text = (_ROOT / "mmexplorer" / "kernel" / "README.md").read_text()
    titles = set(re.findall(r"^## [0-9]+\. (.+)$", text, re.MULTILINE))
    files = [path for folder in ("mmexplorer", "tests") for path in (_ROOT / folder).rglob("*.py")]
    cited = [
        (path.name, title)
        for path in files
        if path != Path(__file__)
        for found in _CITED.findall(path.read_text())
        for title in found.strip('"').split('" and "')
    ]
    assert len(cited) >= 10, "the citations are no longer found"
    assert [each for each in cited if each[1] not in titles] == []
