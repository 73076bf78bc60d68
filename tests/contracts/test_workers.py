"""Workers are started in one place, which takes functions: a coroutine might never be awaited.

Each has a description, for which Textual would otherwise write out the arguments: maybe 65,000 regions.
"""

import ast
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from textual.dom import DOMNode

from mmexplorer.ui.workers import start_worker

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "mmexplorer/ui/workers.py"


def test_workers_are_started_in_one_place() -> None:
    folders = [ROOT / each for each in ("mmexplorer", "tests/bench", "tests/support")]
    starters = [file for folder in folders for file in folder.rglob("*.py") if ".run_worker(" in file.read_text()]
    assert starters == [STARTER]


class _Node:
    """Keeps what a worker was started with."""

    def run_worker(self, work: Callable[[], object], **options: object) -> None:
        self.started = work, options


async def _work(_: object) -> None:
    """Do nothing."""


def test_what_a_worker_is_given_is_not_written_out() -> None:
    node, work = _Node(), partial(_work, [*range(65_000)])
    start_worker(cast("DOMNode", node), work, group="scale", exclusive=True)
    assert node.started == (work, {"group": "scale", "description": "scale", "exclusive": True})


def test_a_decorated_worker_with_arguments_has_a_description() -> None:
    described: list[str] = []
    undescribed: list[str] = []
    for file in (ROOT / "mmexplorer/ui").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            takes = len(node.args.args) + len(node.args.kwonlyargs) > 1  # self is one
            for each in node.decorator_list:
                if takes and isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "work":
                    has = any(option.arg == "description" for option in each.keywords)
                    (described if has else undescribed).append(f"{file.name}: {node.name}")
    assert len(described) > 3
    assert not undescribed
