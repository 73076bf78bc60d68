"""What limits and missing rights prevent is explained in a sentence, and no stranger's program is run."""

import errno
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mmexplorer.commands import command_line
from mmexplorer.kernel.system.sysstat import sar_version
from tests.support.pilots.terminal import Terminal

ROOT = Path(__file__).parents[2]
_ONE = "-all,+dac_read_search"  # the interpreter may be where only root can read
_AS_USER = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={_ONE}", f"--ambient-caps={_ONE}",
    f"--bounding-set={_ONE}",
)  # fmt: skip
_NO_MORE_PROCESSES = (*_AS_USER, "prlimit", "--nproc=1")
_HIDDEN = "other users' processes are hidden: /proc is mounted with hidepid; run with sudo"


def told(before: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run mmexplorer with the arguments `before` in front."""
    command = [*before, sys.executable, "-m", "mmexplorer", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def filtered(error: int, *calls: str) -> tuple[str, ...]:
    """Return the prefix of a command whose system calls are to be refused."""
    return (sys.executable, "-m", "tests.support.specimens.filtered", str(error), ",".join(calls))


@pytest.fixture(scope="module")
def sleeper() -> Iterator[int]:
    """Run a process to read."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


def hiding(hidepid: int, *arguments: str) -> tuple[str, ...]:
    """Mount the /proc of a new PID namespace with hidepid: a separate instance, so that ours keeps its options."""
    script = f'mount -t proc -o hidepid={hidepid} proc /proc && {" ".join(_AS_USER)} "$@"; exit $?'
    return ("unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh", *arguments)


@pytest.mark.root("mounts a proc file system in namespaces of its own")
@pytest.mark.parametrize("hidepid", [1, 2])
def test_hidepid_is_told(hidepid: int) -> None:
    commands = (hiding(hidepid, sys.executable, "-m", "mmexplorer", *more) for more in (("ps",), ("ps", "--json")))
    text, document = (
        subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout for command in commands
    )
    assert text.splitlines()[-1] == _HIDDEN
    assert json.loads(document)["unavailable"] == {"other_processes": _HIDDEN}
    assert _HIDDEN not in told((), "ps").stdout


@pytest.mark.root("becomes another user")
def test_a_limit_of_processes_is_a_sentence() -> None:
    assert told(_NO_MORE_PROCESSES, "ps").returncode == 0
    lab = told(_NO_MORE_PROCESSES, "lab", "cow", "--run")
    assert lab.returncode == 1
    assert "couldn't be started: EAGAIN" in lab.stdout
    assert "RLIMIT_NPROC (ulimit -u)" in lab.stdout
    assert "Traceback" not in lab.stderr


@pytest.mark.root("becomes another user")
def test_a_screen_without_threads_is_not_begun() -> None:
    script = shlex.join((*_NO_MORE_PROCESSES, sys.executable, "-m", "mmexplorer"))
    ended = subprocess.run(
        ["script", "--quiet", "--return", "--command", script, "/dev/null"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color"},
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stdout.strip() == (
        "mmexplorer: no further thread can be started: RLIMIT_NPROC (ulimit -u), pids.max, RLIMIT_AS (ulimit -v) or"
        " RLIMIT_DATA (ulimit -d) allows none"
    )


@pytest.mark.root("mounts an empty file system over /proc")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("elf", sys.executable), "it can't be read, because /proc isn't mounted"),
        (("maps", "1"), "is it a proc file system?"),
        (("lab", "mprotect", "--run"), "is it a proc file system?"),
    ],
)
def test_without_proc_nothing_is_said_to_be_missing_that_is_there(arguments: tuple[str, ...], reason: str) -> None:
    script = 'mount -t tmpfs tmpfs /proc; exec "$@"'
    ended = told(("unshare", "--mount", "sh", "-c", script, "sh"), *arguments)
    assert ended.returncode in {1, 3}
    assert ended.stderr.strip().endswith(reason)


@pytest.mark.parametrize(
    "limit", [("prlimit", "--nofile=32"), ("prlimit", f"--as={300 << 20}"), ("env", "-i")], ids=lambda each: each[-1]
)
@pytest.mark.parametrize(
    "arguments", [("ps",), ("maps", "self"), ("elf", sys.executable), ("lab", "mprotect", "--run")]
)
def test_tight_limits_are_enough(limit: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    named = [str(os.getpid()) if each == "self" else each for each in arguments]
    ended = told(limit, *named)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.root("becomes another user")
def test_nothing_is_recorded_of_a_process_whose_map_is_denied(sleeper: int, tmp_path: Path) -> None:
    ended = told(_AS_USER, "record", str(sleeper), "--for", "10s", "-o", str(tmp_path / "x.mmx"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"mmexplorer: {sleeper}: permission denied: another user's process")
    assert not list(tmp_path.iterdir())


_OPENAT2, _PERF_EVENT_OPEN = 437, 298


@pytest.mark.parametrize("command", ["maps", "elf -p", "pages"])
def test_calls_that_a_container_refuses_take_nothing_away(command: str, sleeper: int) -> None:
    arguments = (*command.split(), str(sleeper), "--json")
    whole = json.loads(told((), *arguments).stdout)
    for error in (errno.EPERM, errno.ENOSYS):
        ended = told(filtered(error, str(_OPENAT2), str(_PERF_EVENT_OPEN), "ioctl:f"), *arguments)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert json.loads(ended.stdout).keys() == whole.keys()


@pytest.mark.parametrize(("error", "reason"), [(errno.EPERM, "seccomp filter"), (errno.ENOSYS, "no perf events")])
def test_faults_under_a_filter(error: int, reason: str, sleeper: int) -> None:
    ended = told(filtered(error, str(_PERF_EVENT_OPEN)), "faults", str(sleeper), "--for", "1s")
    assert ended.returncode == 1
    assert reason in ended.stderr.splitlines()[-1]


def test_too_little_memory_for_an_answer_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_memory(argv: Sequence[str]) -> int:
        raise MemoryError(argv)

    monkeypatch.setattr(command_line, "_run", without_memory)
    assert command_line.answer(["ps"]) == 1
    assert capsys.readouterr().err.startswith("mmexplorer: there isn't enough memory for the answer")


@pytest.mark.parametrize("limit", [f"--as={300 << 20}", "--nofile=32"])
def test_a_screen_under_a_limit_is_whole(limit: str) -> None:
    with Terminal(["prlimit", limit, sys.executable, "-m", "mmexplorer"]) as terminal:
        terminal.wait_for("START")
        terminal.send("2")
        terminal.wait_for("buff/cache")
        terminal.send("3")
        terminal.wait_for("in the chapter's order")
        terminal.send("q")
        assert terminal.wait_exit() == 0


@pytest.mark.root("only root distrusts PATH")
def test_root_runs_no_sar_that_another_could_have_put_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger, ran = tmp_path / "sar", tmp_path / "ran"
    stranger.write_text(f"#!/bin/sh\ntouch {ran}\necho sysstat version 11.0.0\n")
    stranger.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert sar_version() != (11, 0, 0)
    assert not ran.exists()
