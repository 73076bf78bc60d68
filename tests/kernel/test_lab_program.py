"""The chapter's C programs compiled and run: the reported calls are those made, and a learner's program is limited."""

import contextlib
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.lab.program.confine import FIRST_FREE_UID
from mmexplorer.kernel.lab.program.process import ProgramProcess
from mmexplorer.labs.c_program import OWN_PROCESSES, line_with, source
from mmexplorer.labs.operations import build, finish, go_to, launch
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.registry import all_labs
from tests.support.patience import PATIENCE
from tests.support.pilots.lab_players import failures, played
from tests.support.specimens.children import until

ROOT = Path(__file__).parents[2]
_PATIENCE_MS = int(PATIENCE * 1000)
PROGRAMS = tuple(lab for lab in all_labs() if lab.source)
pytestmark = pytest.mark.gcc


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProgramProcess]:
    """Run a process that creates its folders in `tmp_path`; check that nothing is left of it afterwards."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = ProgramProcess()
    found.start()
    assert found._keeper is not None
    uid = FIRST_FREE_UID + found._keeper.pid
    yield found
    found.close()
    assert list(tmp_path.glob("mmexplorer-*")) == []
    until(lambda: not [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and _owner(entry) == uid])


def _owner(entry: Path) -> int | None:
    try:
        return entry.stat().st_uid
    except FileNotFoundError:
        return None


def compiler(folder: Path, text: str) -> Path:
    """Create a folder with only our own cc."""
    folder.mkdir()
    (folder / "cc").write_text(text)
    (folder / "cc").chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (None, "no C compiler (cc, gcc or clang) in PATH"),
        ("#!/bin/sh\necho 'no such thing as C' >&2\nexit 4\n", "cc exited with status 4\nno such thing as C"),
        ("#!/bin/sh\nexit 0\n", "cc made no program"),
    ],
)
def test_without_a_compiler_python_makes_the_same_calls(
    script: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "none"
    monkeypatch.setenv("PATH", str(empty if script is None else compiler(tmp_path / "bin", script)))
    for lab in PROGRAMS:
        outcomes = list(played(lab))
        assert [failures(outcome) for outcome in outcomes] == [[] for _ in lab.steps]
        assert outcomes[0].figures["compiled"] == 0
        assert outcomes[0].prepared[0].call == f"/* {why}: a Python process makes the same calls */"
        assert "No C compiler could be used" in outcomes[0].explanation


def test_a_compiler_that_hangs_goes_with_an_app_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hung = compiler(tmp_path / "bin", f"#!/bin/sh\necho $PPID > {tmp_path}/told\nexec sleep 1000\n")
    os.mkfifo(tmp_path / "told")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{hung}:/usr/bin:/bin")
    code = (
        "from mmexplorer.kernel.lab.program.process import ProgramProcess\n"
        "from mmexplorer.labs.operations import build\n"
        "process = ProgramProcess()\nprocess.start()\nprocess.ask(build('write_null.c'))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as app:
        keeper = os.pidfd_open(int((tmp_path / "told").read_text()))
        assert list(tmp_path.glob("mmexplorer-*")) != []
        app.kill()
    poll = select.poll()
    poll.register(keeper, select.POLLIN)
    assert poll.poll(_PATIENCE_MS)
    os.close(keeper)
    assert list(tmp_path.glob("mmexplorer-*")) == []


def own(process: ProgramProcess, folder: Path, body: str) -> LabReply:
    """Run a learner's program."""
    file = folder / "own.c"
    headers = ("errno", "fcntl", "stdio", "stdlib", "string", "unistd", "sys/mman", "sys/resource", "sys/wait")
    file.write_text("".join(f"#include <{name}.h>\n" for name in headers) + f"int main(void) {{ {body} }}\n")
    return process.run_file(str(file))


def test_a_learners_program_prints_as_on_a_terminal_and_tells_its_calls(
    process: ProgramProcess, tmp_path: Path
) -> None:
    reply = own(
        process,
        tmp_path,
        """puts("before"); char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mmap(NULL, 0, PROT_READ, MAP_SHARED, -1, 0); *p = 1;""",
    )
    assert reply.output == "before\nSegmentation fault\n"
    assert reply.ended == "was ended by SIGSEGV"
    assert reply.fault is not None
    calls = reply.call.split("\n")
    asked = "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"
    assert calls[2] == f"{asked} = {reply.fault.address:#x}"
    assert calls[3].startswith("mmap(NULL, 0, PROT_READ, MAP_SHARED, -1, 0) = -1 E")
    assert "+++ killed by SIGSEGV +++" in calls


@pytest.mark.parametrize(
    ("body", "ended", "printed"),
    [
        ("return 7;", "exited with status 7", ""),
        (
            'for (int i = 0; ; i++) if (!malloc(1 << 20)) { printf("%d", i < 256); return 0; }',
            "exited with status 0",
            "1",
        ),
        ('printf("%d", open("made", O_CREAT | O_WRONLY, 0600)); return 0;', "exited with status 0", "-1"),
        (
            'int f = memfd_create("f", 0); ssize_t n = write(f, "x", 1); printf("%d", (int)n); return 0;',
            "was ended by SIGXFSZ",
            "File size limit exceeded\n",
        ),
        ('for (;;) puts("x");', "", " more bytes\n"),
        ("for (;;) ;", "", ""),
        (
            'struct rlimit r; getrlimit(RLIMIT_CPU, &r); printf("%d", r.rlim_cur < r.rlim_max); return 0;',
            "exited with status 0",
            "1",
        ),
        ("sleep(1000);", "didn't finish within 5 s and was ended", ""),
    ],
    ids=["ends", "eats memory", "makes a file", "writes a file", "prints", "loops", "is told before", "sleeps"],
)
@pytest.mark.slow
def test_a_learners_program_is_bounded(
    body: str, ended: str, printed: str, process: ProgramProcess, tmp_path: Path
) -> None:
    reply = own(process, tmp_path, body)
    # One that uses the CPU is ended by its limit or, on a busy machine, by the timeout.
    allowed = (
        {ended}
        if ended
        else {"was ended by SIGXCPU", "was ended by SIGKILL", ("didn't finish within 5 s and was ended")}
    )
    assert reply.ended in allowed, reply
    assert printed in reply.output
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "body",
    [
        "for (;;) fork();",
        "for (;;) { if (fork() > 0) _exit(0); setsid(); }",
        "if (fork() == 0) { setsid(); if (fork()) _exit(0); sleep(1000); } return 0;",
    ],
    ids=["bomb", "chain", "daemon"],
)
@pytest.mark.slow
def test_what_a_learners_program_forks_is_few_and_ends_with_it(
    body: str, process: ProgramProcess, tmp_path: Path
) -> None:
    assert own(process, tmp_path, body).ended  # the fixture checks what is left


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: another user's other processes count, too")
def test_how_many_processes_a_learners_program_may_have(process: ProgramProcess, tmp_path: Path) -> None:
    counts = "int n = 0; while (n < 100) { int p = fork(); if (p == 0) { pause(); } if (p < 0) break; n++; }"
    reply = own(process, tmp_path, f'{counts} printf("%d", n); fflush(stdout); return n;')
    assert 1 <= int(reply.output) <= OWN_PROCESSES


_LOOKED_AT_LATE = """
import os
from mmexplorer.kernel.lab.program.running import Program
program = Program(["/bin/sh", "-c", "exit 3"], "", lambda: None)
os.waitid(os.P_PID, program.popen.pid, os.WEXITED | os.WNOWAIT)
print(program.wait(-1), program.ended)
"""


def test_a_program_that_finished_has_finished_however_late_that_is_noticed() -> None:
    """In a process of its own: a program takes descriptors 100 and 101."""
    command = [sys.executable, "-c", _LOOKED_AT_LATE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout == "False exited with status 3\n"


def test_what_the_compiler_says_of_a_mistake(process: ProgramProcess, tmp_path: Path) -> None:
    reply = own(process, tmp_path, "retur 0;")
    assert not reply.ok
    assert not reply.ended
    assert re.match(r"(cc|gcc|clang) exited with status 1\n", reply.error)
    assert "retur" in reply.error
    assert "No such file" in process.run_file(str(tmp_path / "none.c")).error


def test_a_copy_stays_as_it_was_edited(process: ProgramProcess) -> None:
    path = Path(process.copy("write_null.c"))
    assert path.read_text() == source("write_null.c")
    path.write_text("int main(void) { return 4; }\n")
    assert process.copy("write_null.c") == str(path)
    assert process.run_file(str(path)).ended == "exited with status 4"


@pytest.mark.oracle
@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: Yama lets a user trace descendants only")
def test_the_calls_told_are_those_that_strace_sees(process: ProgramProcess, tmp_path: Path) -> None:
    text = source("map_memory.c")
    assert process.ask(build("map_memory.c")).ok
    assert process.ask(launch()).ok
    log = tmp_path / "strace"
    argv = ["strace", "-p", str(process.pid), "-o", str(log), "-e", "trace=mmap,munmap,exit_group"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        assert "attached" in strace.stderr.readline()
        replies = [process.ask(go_to(line_with(text, "after mmap"))), process.ask(finish())]
        strace.communicate()
    told = [row for reply in replies for row in reply.call.split("\n") if re.match(r"(mmap|munmap)\(.* = |\+\+\+", row)]
    seen = [re.sub(r"\) += ", ") = ", row) for row in log.read_text().splitlines() if not row.startswith("exit_group")]
    assert told == seen
    assert len(told) == 3


def _printed_on(terminal: int) -> Iterator[str]:
    """Yield all that was written to a terminal whose other end is closed: at the end, a read fails with EIO, pty(7)."""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 4096):
            yield part.decode()


@pytest.mark.oracle
def test_the_output_is_that_of_the_program_run_without_us(process: ProgramProcess, tmp_path: Path) -> None:
    (tmp_path / "write_null.c").write_text(source("write_null.c"))
    subprocess.run(["cc", "-O0", "-o", "write_null", "write_null.c"], cwd=tmp_path, check=True)
    terminal, end = os.openpty()
    subprocess.run(["sh", "-c", "./write_null; echo $?"], cwd=tmp_path, stdout=end, stderr=end, check=True)
    os.close(end)
    # If cores are piped to a program, a shell reports a dump whatever the limit is: core(5).
    shown = "".join(_printed_on(terminal)).replace(" (core dumped)", "")
    os.close(terminal)
    for operation in (build("write_null.c"), launch()):
        assert process.ask(operation).ok
    reply = process.ask(finish())
    assert [*reply.output.splitlines(), str(reply.figures["shell_status"])] == shown.splitlines()
