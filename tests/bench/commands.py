"""The cost of plain commands compared with starting Python, with an ELF file to readelf, with many regions to pmap."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.below import largest_elf
from tests.bench.figures import Measure
from tests.bench.programs import ENVIRONMENT, FOLDER, MMEXPLORER
from tests.bench.target import regions

BOUNDS = {"--version": 1.6, "ps": 4.0, "free --json": 4.0, "elf --json": 4.0, "maps --json": 5.0}
"""Upper bounds, in multiples of `python -c pass`."""
REGION_BOUNDS = {1_000: 2.0, 65_000: 1.0}
"""Upper bounds, in multiples of `pmap -X`."""
PEAK_BOUND = 80
"""MiB, at 65,000 regions."""
PYTHON = "python -c pass"
OURS, PMAP = "mmexplorer maps --json", "pmap -X"
_PSUTIL = "import sys, psutil; psutil.Process(int(sys.argv[1])).memory_maps(grouped=False)"


class Spent:
    """Runs a command; records its elapsed time and peak memory."""

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv
        self.wall = 0.0
        """Seconds from start to end of the last run."""
        self.peak = 0
        """Resident bytes; never less than those of this program itself (`getrusage(2)`)."""

    def __call__(self) -> float:
        """Return the CPU seconds, which unlike elapsed time exclude other programs."""
        began = time.perf_counter()
        with subprocess.Popen(self._argv, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=FOLDER) as process:
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, self._argv)
        self.peak = max(self.peak, usage.ru_maxrss << 10)
        return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def command_measures() -> Iterator[dict[str, Measure]]:
    """Yield the measures of the commands on small inputs."""
    with subprocess.Popen(["sleep", "infinity"]) as small:
        of = {"elf --json": ["/bin/ls"], "maps --json": [str(small.pid)]}
        ours: dict[str, Measure] = {name: Spent([*MMEXPLORER, *name.split(), *of.get(name, ())]) for name in BOUNDS}
        yield {PYTHON: Spent([sys.executable, "-c", "pass"]), **ours}
        small.kill()


def elf_measures() -> Iterator[tuple[str, dict[str, Measure]]]:
    """Yield our reading of headers and sections beside readelf's, of a small file and of the largest library."""
    for path in ("/bin/ls", str(largest_elf())):
        measures: dict[str, Measure] = {
            "elf": Spent([*MMEXPLORER, "elf", path]),
            "elf --json": Spent([*MMEXPLORER, "elf", "--json", path]),
            "readelf": Spent(["readelf", "--wide", "--headers", "--notes", path]),
        }
        yield f"Headers of {path}, processor time", measures


@contextlib.contextmanager
def region_measures(count: int) -> Iterator[dict[str, Spent]]:
    """Yield the measures of several programs on a process with that many regions."""
    with regions(count) as process:
        pid = str(process.pid)
        yield {
            OURS: Spent([*MMEXPLORER, "maps", "--json", pid]),
            PMAP: Spent(["pmap", "-X", pid]),
            "psutil memory_maps": Spent([sys.executable, "-c", _PSUTIL, pid]),
            "cat smaps": Spent(["cat", f"/proc/{pid}/smaps"]),
            "cat maps": Spent(["cat", f"/proc/{pid}/maps"]),
        }
