"""The app with a clock in its event loop: writes how late that was, at 99 of 100 times, into a file.

`python -m tests.bench.late_app FILE ARGUMENTS-OF-MMEXPLORER`
"""

import asyncio
import sys
from functools import partial
from pathlib import Path
from time import perf_counter

from mmexplorer.cli import main
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.workers import start_worker

SETTLE = 5.0
TIMES = 1_600
STEP = 0.005
"""Seconds between two looks at the clock."""


async def _measure(app: MmexplorerApp, file: Path) -> None:
    await asyncio.sleep(SETTLE)
    late = []
    for _ in range(TIMES):
        due = perf_counter() + STEP
        await asyncio.sleep(STEP)
        late.append(perf_counter() - due)
    app.call_later(file.write_text, str(sorted(late)[TIMES * 99 // 100]))


def _with_clock(file: Path) -> None:
    mount = MmexplorerApp.on_mount

    def on_mount(self: MmexplorerApp) -> None:
        mount(self)
        start_worker(self, partial(_measure, self, file), group="late")

    setattr(MmexplorerApp, "on_mount", on_mount)  # noqa: B010 - a method is not assigned to otherwise


if __name__ == "__main__":
    _with_clock(Path(sys.argv.pop(1)))
    sys.exit(main())
