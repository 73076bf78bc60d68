"""The cost of plain commands compared with starting Python, and with many regions compared with pmap."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.bench.figures import Measure, interleaved
from tests.bench.programs import ENVIRONMENT, FOLDER, MANY_REGIONS, MMEXPLORER

BOUNDS = {"--version": 1.6, "ps": 4.0, "free --json": 4.0, "elf --json": 4.0, "maps --json": 5.0}
"""Upper bounds, in multiples of `python -c pass`."""
REGION_BOUNDS = {1_000: 2.0, 65_000: 1.0}
"""Upper bounds, in multiples of `pmap -X`."""
PEAK_BOUND = 80
"""MiB, at 65,000 regions."""
PYTHON = "python -c pass"
OURS = "mmexplorer maps --json"


class Spent:
    """Runs a command; records its peak memory."""

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv
        self.peak = 0
        """Resident bytes; never less than those of this program itself (`getrusage(2)`)."""

    def __call__(self) -> float:
        """Return the CPU seconds, which unlike elapsed time exclude other programs."""
        with subprocess.Popen(self._argv, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=FOLDER) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, self._argv)
        self.peak = max(self.peak, usage.ru_maxrss << 10)
        return usage.ru_utime + usage.ru_stime


def command_figures(rounds: int) -> dict[str, list[float]]:
    """Measure the commands on small inputs, after one round that fills the page cache and writes byte code."""
    with subprocess.Popen(["sleep", "infinity"]) as small:
        of = {"elf --json": ["/bin/ls"], "maps --json": [str(small.pid)]}
        measures: dict[str, Measure] = {name: Spent([*MMEXPLORER, *name.split(), *of.get(name, ())]) for name in BOUNDS}
        measures[PYTHON] = Spent([sys.executable, "-c", "pass"])
        interleaved(measures, 1)
        figures = interleaved(measures, rounds)
        small.kill()
    return figures


@contextlib.contextmanager
def region_measures(regions: int) -> Iterator[dict[str, Spent]]:
    """Yield the measures of both programs on a process with that many regions."""
    argv = [*MANY_REGIONS, str(regions)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=FOLDER) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        pid = str(process.pid)
        yield {
            "mmexplorer maps --json": Spent([*MMEXPLORER, "maps", "--json", pid]),
            "pmap -X": Spent(["pmap", "-X", pid]),
        }
        process.stdin.close()
