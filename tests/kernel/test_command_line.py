import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmexplorer import __version__
from mmexplorer.cli import main
from mmexplorer.commands import ps
from mmexplorer.kernel.procfs import LiveProcfs
from tests.support.fakes.proc import add_process, stat_text
from tests.support.oracles.maps import our_document
from tests.support.specimens.children import child, code, ready_line

READY = "import sys; print(flush=True); sys.stdin.read()"
ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mmexplorer", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_maps_end_to_end_prints_the_document() -> None:
    with code(READY) as process:
        done = run("maps", str(process.pid), "--json")
        ours = our_document(process.pid)
    assert (done.returncode, done.stderr) == (0, "")
    theirs = json.loads(done.stdout)
    assert theirs["schema"] == "mmexplorer/maps/1"
    assert isinstance(ours, dict)
    assert theirs.keys() == ours.keys()
    assert set(theirs) == {
        "schema", "pid", "start_time", "exe", "page_size", "source", "taken_at", "regions", "totals",
    }  # fmt: skip
    assert theirs["pid"] == process.pid
    assert [region["start"] for region in theirs["regions"]] == [region["start"] for region in ours["regions"]]
    loaded = [region for region in theirs["regions"] if region["segment"]]
    assert {"file", "index", "indices", "type", "load_bias", "label"} == loaded[0]["segment"].keys()


def test_ps_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ps", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "mmexplorer/ps/1"
    own = next(process for process in document["processes"] if process["pid"] == os.getpid())
    names = "pid ppid start_time user name command state rss vsz threads min_flt maj_flt kernel_thread"
    assert own.keys() == set(names.split())
    assert own["kernel_thread"] is False
    assert own["command"][0]


def test_plain_tables_are_cleaned(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202e"
    program = (
        "import mmap, sys; f = open(sys.argv[1], 'wb+'); f.truncate(4096); m = mmap.mmap(f.fileno(), 4096)\n"
        "print(flush=True); sys.stdin.read()"
    )
    with child("-c", program, str(tmp_path / hostile)) as process:
        ready_line(process)
        assert main(["ps"]) == 0
        assert main(["maps", str(process.pid)]) == 0
    printed = capsys.readouterr().out
    assert "owned" in printed
    assert not set("\x1b\x07\x9b\u202e") & set(printed)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--interval", "0"],
        ["--interval", "nan"],
        ["--interval", "61"],
        ["sar", "1", "0"],
        ["sar", "1", "²"],
        ["maps", "1", "--sort", "nothing"],
        ["elf"],
        ["elf", "a", "-p", "1"],
        ["free", "-b", "-k"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "pid", ["4194304999", "0", "9" * 5000, "no such name"], ids=["large", "zero", "thousands of digits", "a name"]
)
def test_nobody_there_is_one_line_and_1(pid: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["maps", pid]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"mmexplorer: {pid}: no ")
    assert captured.err.count("\n") == 1


def named(name: str) -> str:
    return f"import ctypes; ctypes.CDLL(None).prctl(15, {name.encode()!r})\n{READY}"


def test_a_name_finds_its_process_and_several_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    name = f"mm{os.getpid()}"
    with code(named(name)) as first:
        assert main(["maps", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["pid"] == first.pid
        with code(named(name)) as second:
            assert main(["maps", name]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"mmexplorer: {name}: 2 processes have that name, choose one by its pid:"
    assert sorted(int(line.split()[0]) for line in lines[1:]) == sorted([first.pid, second.pid])
    assert all(sys.executable in line for line in lines[1:])


def test_the_explorer_refuses_what_is_no_terminal() -> None:
    for arguments in ([], ["-p", str(os.getpid())]):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("mmexplorer: ")
        assert done.stderr.count("\n") == 1


def explorer_on_a_terminal(term: str, stderr: int | None) -> tuple[int, str]:
    """Start the explorer on a pty, with stderr there too unless redirected; return its status and output."""
    leader, follower = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mmexplorer"],
            cwd=ROOT,
            stdin=follower,
            stdout=follower,
            stderr=follower if stderr is None else stderr,
            env=os.environ | {"TERM": term},
            text=True,
            check=False,
        )
        said = done.stderr if stderr is not None else os.read(leader, 4096).decode()
    finally:
        os.close(leader)
        os.close(follower)
    return done.returncode, said


def test_the_explorer_refuses_a_dumb_terminal() -> None:
    status, said = explorer_on_a_terminal("dumb", None)
    assert (status, said.count("\n")) == (1, 1)
    assert "TERM" in said


def test_the_explorer_refuses_to_draw_where_nobody_sees_it() -> None:
    status, said = explorer_on_a_terminal("xterm-256color", subprocess.PIPE)
    assert (status, said.count("\n")) == (1, 1)
    assert "needs a terminal" in said


def test_a_closed_pipe_ends_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    try:
        for arguments in (["ps"], ["maps", str(os.getpid()), "--json"], ["--help"]):
            done = subprocess.run(
                [sys.executable, "-m", "mmexplorer", *arguments],
                cwd=ROOT,
                stdout=writer,
                stderr=subprocess.PIPE,
                text=True,
                env=buffered,
                check=False,
            )
            assert done.stderr == "", arguments
            assert done.returncode == 141, arguments
    finally:
        os.close(writer)


@pytest.mark.parametrize("arguments", [["--version"], ["ps", "--json"], ["maps", "PID", "--json"], ["maps", "PID"]])
def test_text_and_json_never_import_textual(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from mmexplorer.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "finally:\n"
        "    print(sorted({'textual', 'rich'} & sys.modules.keys()), file=sys.stderr)\n"
    )
    own = [str(os.getpid()) if argument == "PID" else argument for argument in arguments]
    done = subprocess.run([sys.executable, "-c", program, *own], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_the_version_is_told() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"mmexplorer {__version__}\n")


@pytest.mark.root
def test_maps_of_another_users_process_is_refused_in_one_line() -> None:
    assert os.geteuid() == 0, "another user's process is made by root"
    program = (
        "import contextlib, io, os, sys\n"
        "from mmexplorer.cli import main\n"
        # First as root, to import everything: a user may not be able to read root's Python.
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['maps', str(os.getpid()), '--json'])\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "sys.exit(main(['maps', sys.argv[1], '--json']))\n"
    )
    with code(READY) as process:
        done = subprocess.run(
            [sys.executable, "-c", program, str(process.pid)], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"mmexplorer: {process.pid}: permission denied")
    assert "sudo" in done.stderr
    assert done.stderr.count("\n") == 1


def table(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    assert main(list(arguments)) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_maps_has_whole_addresses_sums_and_the_order_and_filter_that_were_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with code(READY) as process:
        real = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
        _, titles, *rows, total = table(capsys, "maps", str(process.pid))
        assert [f"{row[0]}-{row[1]}" for row in rows] == [line.split()[0] for line in real]
        assert total[0] == "total"
        assert total[-2:] == [str(len(real)), "regions"]
        by_start = table(capsys, "maps", str(process.pid), "--reverse")[2:-1]
        assert [row[0] for row in by_start] == [row[0] for row in reversed(rows)]
        _, _, *code_rows, total = table(capsys, "maps", str(process.pid), "--filter", "perm:x", "--sort", "size")
        assert {row[0] for row in code_rows} == {row[0] for row in rows if "x" in row[titles.index("PERM")]}
        sizes = [int(row[1], 16) - int(row[0], 16) for row in code_rows]
        assert sizes == sorted(sizes, reverse=True)
        assert total[-4:] == [str(len(code_rows)), "of", str(len(real)), "regions"]
        assert main(["maps", str(process.pid), "--filter", "perm:x", "--json"]) == 0
        assert {region["start"] for region in json.loads(capsys.readouterr().out)["regions"]} == {
            f"0x{row[0].lstrip('0')}" for row in code_rows
        }


def test_ps_hides_the_kernels_threads_until_asked_and_sorts_by_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ps", "--json", "--sort", "rss"]) == 0
    processes = json.loads(capsys.readouterr().out)["processes"]
    known = [process["rss"] for process in processes if process["rss"] is not None]
    assert known == sorted(known, reverse=True)
    threads = {str(process["pid"]) for process in processes if process["kernel_thread"]}
    shown = {row[0] for row in table(capsys, "ps")}
    assert str(os.getpid()) in shown
    assert not threads & shown
    with_threads = {row[0] for row in table(capsys, "ps", "--kernel-threads")}
    # The kernel may end idle threads meanwhile.
    assert {pid for pid in threads if Path("/proc", pid).exists()} <= with_threads


def test_ps_shows_the_kernels_threads_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Use files, because a container sees none of them."""
    add_process(tmp_path, 2, stat_text(2, start_time=1, flags=0x200000))
    add_process(tmp_path, 3, stat_text(3, start_time=1))
    monkeypatch.setattr(ps, "LiveProcfs", lambda: LiveProcfs(str(tmp_path)))
    for arguments, shown in ((("ps",), ["3"]), (("ps", "--kernel-threads"), ["2", "3"])):
        assert [row[0] for row in table(capsys, *arguments)[1:]] == shown


def test_ps_filters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ps", "--filter", f"pid={os.getpid()}", "--json"]) == 0
    assert [process["pid"] for process in json.loads(capsys.readouterr().out)["processes"]] == [os.getpid()]
    assert main(["ps", "--filter", "faults>1"]) == 2
    assert "there is no field faults here" in capsys.readouterr().err


def test_a_word_that_is_neither_a_command_nor_a_file_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nosuch.mmx"]) == 2
    assert "nosuch.mmx is neither a command nor a file" in capsys.readouterr().err


def test_elf_prints_every_section_of_readelf(capsys: pytest.CaptureFixture[str]) -> None:
    printed = table(capsys, "elf", sys.executable)
    titles = next(row for row in printed if row[-1:] == ["NAME"])
    ours = {int(row[0]): row for row in printed[printed.index(titles) + 1 :]}
    assert main(["elf", sys.executable, "--json"]) == 0
    sections = json.loads(capsys.readouterr().out)["sections"]
    assert ours.keys() == {section["index"] for section in sections}
    for section in sections[1:]:
        row = ours[section["index"]]
        assert (row[2], row[3], row[4]) == (section["address"], section["offset"], hex(section["size"]))
        assert row[-1] == section["name"]


@pytest.mark.parametrize("arguments", [["maps", "1", "--filter", "size>"], ["maps", "1", "--filter", "nosuch:1"]])
def test_a_wrong_filter_is_one_line_and_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("mmexplorer: --filter, at ")
    assert said.count("\n") == 1


def test_the_help_leaves_nothing_unsaid(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "None" not in capsys.readouterr().out


def test_the_help_tells_every_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["maps", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        told = " ".join(capsys.readouterr().out.partition("Exit status:")[2].split())
        assert all(f"{status} " in told for status in (0, 1, 2, 3, 130, 141, 129, 143)), arguments


_INTERRUPTED = """
import sys
from mmexplorer.cli import main

class Finder:
    def find_spec(self, name, *_):
        if name == "mmexplorer.commands.command_line":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
sys.argv = ["mmexplorer", "free"]
sys.exit(main())
"""


def test_an_interrupt_during_the_imports_ends_it_as_any_other() -> None:
    ended = subprocess.run([sys.executable, "-c", _INTERRUPTED], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"")
