import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import snake
from tests.support.live import address_space
from tests.support.oracles.maps import (
    as_maps_lines,
    equal_look,
    kernel_counters,
    kernel_maps_lines,
    our_document,
    proc,
    smaps_counters,
)
from tests.support.specimens.c_programs import build, running
from tests.support.specimens.children import code, specimen, stopped

pytestmark = pytest.mark.smoke

READY = "import sys; print(flush=True); sys.stdin.read()"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, dict[str, int], Path]]:
    folder = tmp_path_factory.mktemp("specimen")
    with specimen(folder) as (pid, places):
        yield pid, {name: place for name, place in places.items() if place is not None}, folder


def region_at(pid: int, start: int) -> dict[str, Any]:
    document = our_document(pid)
    assert not isinstance(document, Unavailable)
    found: dict[str, Any] = next(region for region in document["regions"] if int(region["start"], 16) == start)
    return found


ALWAYS = {
    "private anonymous": ("", False),
    "shared anonymous": ("/dev/zero", True),
    "private /dev/zero": ("/dev/zero", False),
    "memfd": ("/memfd:a name", True),
    "memfd without name": ("/memfd:", True),
    "plain": ("{}/plain", False),
    "trailing blanks": ("{}/blanks  ", False),
    "double space": ("{}/double  space", False),
    "carriage return": ("{}/carriage\rreturn", False),
    "newline": ("{}/new\\012line", False),
    "not UTF-8": ("{}/\\xff\\xfe bytes", False),
    "escape": ("{}/\x1b[31mred", False),
    "named heap": ("{}/[heap]", False),
    "really called deleted": ("{}/real (deleted)", False),
    "newline and deleted": ("{}/new\\012line (deleted)", False),
    "gone": ("{}/gone", True),
    "gone, called deleted": ("{}/twice (deleted)", True),
    "gone beside a decoy": ("{}/decoyed", True),
    "gone but linked": ("{}/linked", True),
}
"""Names that every kernel can produce."""

IF_ALLOWED = {
    "sysv": ("/SYSV00000000", True),
    "hugetlb": ("/anon_hugepage", True),
    "secretmem": ("/secretmem", True),
    "aio": ("/[aio]", True),
    "perf": ("anon_inode:[perf_event]", False),
    "io_uring": ("anon_inode:[io_uring]", False),
}
"""Names that a kernel may be built or configured without; then the expected result is its refusal."""


@pytest.mark.parametrize("name", ALWAYS)
def test_a_special_name_is_told_exactly(made: tuple[int, dict[str, int], Path], name: str) -> None:
    pid, places, folder = made
    path, deleted = ALWAYS[name]
    region = region_at(pid, places[name])
    assert (region["path"], region["deleted"]) == (path.format(folder), deleted)


def test_the_names_that_this_kernel_can_make_are_told_exactly(made: tuple[int, dict[str, int], Path]) -> None:
    pid, places, _ = made
    for name in IF_ALLOWED.keys() & places.keys():
        region = region_at(pid, places[name])
        assert (region["path"], region["deleted"]) == IF_ALLOWED[name], name
    if "packet socket" in places:
        region = region_at(pid, places["packet socket"])
        assert region["path"] == f"socket:[{region['inode']}]"


def test_the_specimen_equals_the_kernels_rows(made: tuple[int, dict[str, int], Path]) -> None:
    pid, places, _ = made
    document = equal_look(pid, "maps", kernel_maps_lines, as_maps_lines)
    assert document is not None
    assert len(document["regions"]) >= len(places)


def test_every_process_equals_the_kernels_rows(made: tuple[int, dict[str, int], Path]) -> None:
    compared, denied = set(), []
    for pid in sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        try:
            proc(pid, "maps")
        except PermissionError:
            denied.append(pid)
            continue
        except (FileNotFoundError, ProcessLookupError):
            continue
        # A process that maps constantly, such as a compiler, can't be compared with a second reading.
        if equal_look(pid, "maps", kernel_maps_lines, as_maps_lines) is not None:
            compared.add(pid)
    assert made[0] in compared
    for pid in denied:
        refusal = address_space(pid)
        assert isinstance(refusal, Unavailable)
        assert refusal.cause in (Cause.DENIED, Cause.GONE)


def test_counters_equal_smaps_on_a_stopped_process(made: tuple[int, dict[str, int], Path]) -> None:
    pid, _, _ = made
    os.kill(pid, signal.SIGSTOP)
    try:
        stopped(pid)
        document = equal_look(pid, "smaps", kernel_counters, smaps_counters)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert document is not None
    assert not any("unavailable" in region for region in document["regions"])


def pmap_and_our_totals(pid: int) -> tuple[dict[str, int], dict[str, int]]:
    told = subprocess.run(["pmap", "-XX", str(pid)], capture_output=True, text=True, check=True, env={"LC_ALL": "C"})
    document, lines = our_document(pid), told.stdout.rstrip("\n").split("\n")
    assert not isinstance(document, Unavailable)
    titles = lines[1].split()[5:-2]
    sums = [int(word) for word in lines[-1].split()[:-1]]
    plain = ("THPeligible", "ProtectionKey")
    theirs = {snake(title): count * (1 if title in plain else 1024) for title, count in zip(titles, sums, strict=True)}
    # pmap adds them up, which is meaningless.
    del theirs["kernel_page_size"], theirs["mmu_page_size"]
    return theirs, document["totals"]


@pytest.mark.gcc
@pytest.mark.oracle
def test_totals_equal_pmap(tmp_path: Path) -> None:
    # It shares no page with another process: each one that starts or ends would change its Pss.
    with running(build(tmp_path, "alone", ["-static", "-DBSS=1000000"])) as alone:
        theirs, ours = pmap_and_our_totals(alone.pid)
    assert len(theirs) > 15
    assert theirs == ours


def test_a_zombie_has_no_regions_and_says_why() -> None:
    with code(READY) as process:
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        document = our_document(process.pid)
    assert not isinstance(document, Unavailable)
    assert document["regions"] == []
    assert document["exe"] is None
    assert "zombie" in document["unavailable"]["exe"]
