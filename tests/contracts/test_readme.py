"""What the README says of keys and commands is what holds."""

import re
from pathlib import Path

from mmexplorer.ui.keys import ACTIONS

_ROOT = Path(__file__).parents[2]


def _readme() -> str:
    return (_ROOT / "README.md").read_text()


def _cells(row: str) -> tuple[str, ...]:
    """The cells of a row of a table, without the signs that make a key look like one."""
    cells = re.split(r"(?<!\\)\|", row.strip().strip("|"))
    return tuple(cell.strip().strip("`").replace("\\|", "|").strip() for cell in cells)


def test_the_table_of_keys_is_the_registry() -> None:
    found = re.search(r"<!-- keys -->\n(.*?)<!-- /keys -->", _readme(), re.DOTALL)
    assert found is not None
    rows = [_cells(line) for line in found[1].splitlines() if line.startswith("|")]
    keys = [row for row in rows if row != ("key", "what") and set("".join(row)) != {"-"}]
    assert keys == [(action.shown, action.help) for action in ACTIONS]


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    found = re.search(r"^## Tests$.*?^```\w*\n(.*?)\n```$", _readme(), re.DOTALL | re.MULTILINE)
    assert found is not None
    [command] = found[1].splitlines()
    assert command in (_ROOT / ".ci" / "run").read_text().splitlines()
