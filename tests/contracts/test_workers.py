"""Workers are started in one place, which takes functions: a coroutine might never be awaited."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "mmexplorer/ui/workers.py"


def test_workers_are_started_in_one_place() -> None:
    folders = [ROOT / each for each in ("mmexplorer", "tests/bench", "tests/support")]
    starters = [file for folder in folders for file in folder.rglob("*.py") if ".run_worker(" in file.read_text()]
    assert starters == [STARTER]
