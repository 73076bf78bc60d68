"""The README's statements about keys and commands are true."""

import re
from pathlib import Path

from mmexplorer.ui.keys import ACTIONS

_ROOT = Path(__file__).parents[2]


def _readme() -> str:
    return (_ROOT / "README.md").read_text()


def _cells(row: str) -> tuple[str, ...]:
    """Return the cells of a row of a table, without the markup of a key."""
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


def test_what_is_to_be_touched_is_there() -> None:
    _, _, built = _readme().partition("## How it is built")
    named = set(re.findall(r"`((?:commands|ui|present|kernel|labs|parse|model|tests)/[\w./]*)`", built))
    assert len(named) >= 15
    assert [name for name in named if "NAME" not in name and not _place(name).exists()] == []


def _place(name: str) -> Path:
    return _ROOT / name if name.startswith("tests/") else _ROOT / "mmexplorer" / name


def test_every_folder_is_in_the_tree() -> None:
    _, _, built = _readme().partition("## How it is built")
    for layer in (_ROOT / "mmexplorer").iterdir():
        for place in (layer, *layer.iterdir()) if layer.is_dir() else ():
            if (place / "__init__.py").exists():
                assert re.search(rf"\b{place.name}\b", built), place
