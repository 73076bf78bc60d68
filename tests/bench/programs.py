"""What is measured: command lines, their environment, and the marks that show that a frame is complete."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = str(Path(__file__).parents[2])
"""Where the programs run, so that they can import `mmexplorer` and `tests`."""

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
}
"""Without PYTHONDONTWRITEBYTECODE: an installed program is byte-compiled, here by the discarded first run."""

MMEXPLORER = [sys.executable, "-c", "import sys; from mmexplorer.cli import main; sys.exit(main())"]
"""What the installed script `mmexplorer` does."""
EMPTY_APP = [sys.executable, "-c", "from tests.bench.empty_app import EmptyApp; EmptyApp().run()"]
BARE_APP = [sys.executable, "-m", "tests.bench.bare_app"]
BARE_LIST = [sys.executable, "-m", "tests.bench.bare_list"]
MANY_REGIONS = [sys.executable, "-m", "tests.bench.many_regions"]
SIZES = (100, 1_000, 10_000, 65_000)
"""Regions of a process; the kernel's default limit is 65,530 (vm.max_map_count)."""
FEW = SIZES[0]
HTOP = ["htop", "-d", "10"]
BTOP = ["btop", "--utf-force"]
"""How often it looks is in its file of settings."""
GLANCES = ["glances", "-t", "1"]

PROCESS_ROW = re.compile(rb" [0-9]{1,7}(?: +[a-z_][a-z0-9_-]*)? +[0-9.]+[KMGT](?: +[0-9.]+[KMGT])? +[a-z\[(]")
"""A pid, its user where there is room, RSS, VSZ where there is room, and the beginning of a name."""
REGION_ROW = re.compile(rb"[0-9a-f]{12} +[0-9.]+[KMGT] [r-][w-][x-][ps]")
EMPTY_MARKS = [re.compile(rb"START"), re.compile(rb"PART"), re.compile(rb"Quit")]
"""Table titles, and the footer."""
BARE_MARKS = [re.compile(rb"bare"), re.compile(rb"Quit")]
BARE_LIST_MARKS = [re.compile(rb"line 47")]
HTOP_MARKS = [re.compile(rb"[0-9]:[0-9]{2}\.[0-9]{2}"), re.compile(rb"F10Quit")]
"""The CPU time in a row of its list, and the last line."""


def looking_at(pid: int) -> list[str]:
    """Return the command line of Explore on one process."""
    return [*MMEXPLORER, "-p", str(pid)]


def missing(argv: Sequence[str]) -> bool:
    """Return whether the program isn't installed."""
    return shutil.which(argv[0]) is None
