"""Symbols compared with nm, c++filt and gdb."""

import random
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from mmexplorer.commands.shared.inspected import Inspected, inspect
from mmexplorer.commands.shared.names import symbols_of as symbols_of_loaded
from mmexplorer.kernel.elf.namer import Namer
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.model.elf.symbols import Symbol, Symbols, SymbolTable
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.elf.symbols import nm_letter
from tests.support.specimens.c_programs import build
from tests.support.specimens.children import ready_line
from tests.support.specimens.libc import LIBC

pytestmark = pytest.mark.oracle

_LIBRARIES = sorted({path.resolve() for path in Path("/usr/lib/x86_64-linux-gnu").glob("lib[a-g]*.so.?")})[:25]
_LIBSTDCPP = Path("/usr/lib/x86_64-linux-gnu/libstdc++.so.6")

_CPP = r"""
#include <string>
#include <vector>
namespace shop {
template <class T> struct Shelf {
    std::vector<T> items;
    __attribute__((noinline)) void put(T t) { items.push_back(t); }
};
}
int counter = 3;
static const char *names[40] = {"a"};
int main()
{
    shop::Shelf<std::string> a;
    shop::Shelf<int> b;
    a.put("x");
    b.put(counter);
    return names[0][0] + b.items[0];
}
"""


def symbols_of(path: Path, debug_root: str = "/nowhere") -> Symbols:
    symbols = SymbolCache(debug_root).of_path(str(path))
    assert isinstance(symbols, Symbols), symbols
    return symbols


def nm(*arguments: str | Path) -> set[tuple[int, str, str]]:
    """Return the lines of nm as address, letter and name without its version."""
    text = subprocess.run(["nm", *arguments], capture_output=True, text=True, check=True).stdout
    found = (re.fullmatch(r"([0-9a-f]*) +(\S) (.*?)(@.*)?", line) for line in text.splitlines())
    return {(int(each[1] or "0", 16), each[2], each[3]) for each in found if each is not None}


def entries(table: SymbolTable) -> Iterator[Symbol]:
    return (table.entries.symbol(index) for index in range(len(table.entries)))


def ours(symbols: Iterable[Symbol]) -> set[tuple[int, str, str]]:
    return {
        (symbol.address if symbol.defined else 0, nm_letter(symbol), symbol.raw.partition("@")[0])
        for symbol in symbols
        if symbol.raw and symbol.type not in {"SECTION", "FILE"}
    }


def test_dynamic_symbols_are_those_of_nm() -> None:
    for path in (*_LIBRARIES, _LIBSTDCPP):
        assert ours(entries(symbols_of(path).tables[-1])) == nm("-D", path), path


@pytest.mark.gcc
def test_all_symbols_are_those_of_nm(tmp_path: Path) -> None:
    program = build(tmp_path, "program", ["-g"])
    own, dynamic = symbols_of(program).tables
    assert ours(entries(own)) == nm("-a", program) - debugging(program)
    assert len(dynamic.entries) > 3


def debugging(program: Path) -> set[tuple[int, str, str]]:
    """Return what only `nm -a` lists: sections and files."""
    return nm("-a", program) - nm(program)


def test_versions_are_those_of_nm_and_readelf() -> None:
    libraries = sorted({path.resolve() for path in Path("/usr/lib").rglob("*.so.*") if path.is_file()})
    assert len(libraries) > 50
    versions: set[str] = set()
    for path in (*libraries[::12], _LIBSTDCPP, Path(LIBC)):
        found = SymbolCache("/nowhere").of_path(str(path))
        tables = [each for each in found.tables if each.source == ".dynsym"] if isinstance(found, Symbols) else []
        for dynamic in map(list, map(entries, tables)):
            assert [each.raw + each.version for each in dynamic] == readelf_dynamic(path), path
            assert {each.raw + each.version for each in dynamic if each.raw} == nm_dynamic(path), path
            versions |= {each.version for each in dynamic}
    assert {"@GLIBC_2.2.5", "@@GLIBC_2.2.5"} <= versions


def readelf_dynamic(path: Path) -> list[str]:
    """Return the names with their versions, without the numbers of needed ones."""
    told = subprocess.run(["readelf", "--dyn-syms", "-W", path], capture_output=True, text=True, check=True).stdout
    rows = re.findall(
        r"^ +\d+: [0-9a-f]+ +\w+ \w+ +(?:\w+|<[^>]+>: \d+) +\w+ +\w+ ?(.*?)(?: \(\d+\))?$", told, re.MULTILINE
    )
    return [str(row) for row in rows]


def nm_dynamic(path: Path) -> set[str]:
    told = subprocess.run(["nm", "-D", path], capture_output=True, text=True, check=True).stdout
    return {row.split()[-1] for row in told.splitlines()}


def test_names_are_those_of_c_plus_plus_filt() -> None:
    mangled = sorted({symbol.raw for symbol in symbols_of(_LIBSTDCPP) if symbol.raw.startswith("_Z")})
    assert len(mangled) > 3000
    told = subprocess.run(["c++filt"], input="\n".join(mangled), capture_output=True, text=True, check=True).stdout
    differing = [
        (name, ours)
        for name, theirs in zip(mangled, told.splitlines(), strict=True)
        if _same_style(ours := demangle(name)) != _same_style(theirs)
    ]
    assert differing == []


def _same_style(name: str) -> str:
    """Remove the differences in style: LLVM writes no blank between `>`, and keeps the standard abbreviations."""
    name = name.replace(" ", "").replace(
        "std::basic_string<char,std::char_traits<char>,std::allocator<char>>", "std::string"
    )
    for stream in ("istream", "ostream", "iostream"):
        name = name.replace(f"std::basic_{stream}<char,std::char_traits<char>>", f"std::{stream}")
        name = name.replace(f"std::{stream}::basic_{stream}", f"std::{stream}::{stream}")
        name = name.replace(f"std::{stream}::~basic_{stream}", f"std::{stream}::~{stream}")
    name = name.replace("std::string::basic_string", "std::string::string")
    return name.replace("decltype(nullptr)", "std::nullptr_t")


def gdb_symbols(what: Path | int, addresses: Sequence[int], script: Path, debug_root: str) -> list[str]:
    script.write_text("".join(f"info symbol {address:#x}\n" for address in addresses))
    command = [
        "gdb",
        "-nx",
        "-batch",
        "-iex",
        f"set debug-file-directory {debug_root}",
        "-iex",
        "set print demangle off",
    ]
    target = ["-p", str(what)] if isinstance(what, int) else [str(what)]
    done = subprocess.run([*command, "-x", str(script), *target], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "in section" in line or line.startswith("No symbol matches")]


def addresses_in(symbols: Symbols, count: int) -> list[int]:
    chosen = random.Random(7)  # noqa: S311 - the same addresses in each run
    table = symbols.tables[0]
    starts = [int(start) for start in table.addresses]
    return [chosen.choice(starts) + chosen.choice((0, 0, 1, 5, 40, 300)) for _ in range(count)]


def agree(path: Path, tmp_path: Path, count: int, debug_root: str = "/nowhere") -> int:
    """Compare the symbol of each address with gdb's; return how many had one."""
    symbols = symbols_of(path, debug_root)
    addresses = addresses_in(symbols, count)
    told = gdb_symbols(path, addresses, tmp_path / "script", debug_root)
    assert len(told) == count
    aliases: dict[int, set[str]] = defaultdict(set)
    for each in symbols:
        if each.placed:
            aliases[each.address].add(each.raw)
    named = 0
    for address, line in zip(addresses, told, strict=True):
        nearest = symbols.nearest(address)
        if nearest is None:
            assert line.startswith("No symbol matches"), (hex(address), line)
            continue
        found = re.fullmatch(r"(.+?)(?: \+ (\d+))? in section (\S+)(?: of .*)?", line)
        assert found is not None, (hex(address), line, nearest)
        assert (address - nearest.address, nearest.section_name) == (int(found[2] or 0), found[3]), (line, nearest)
        assert found[1].partition("@")[0] in aliases[nearest.address]
        named += 1
    return named


@pytest.mark.slow
def test_nearest_symbols_of_libc_are_gdbs(tmp_path: Path) -> None:
    libc = Path("/lib/x86_64-linux-gnu/libc.so.6").resolve()
    assert agree(libc, tmp_path, 300) > 200


@pytest.mark.gcc
@pytest.mark.slow
@pytest.mark.parametrize("how", ["whole", "stripped", "debug link", "build-id", "debug data"])
def test_nearest_symbols_of_a_program_are_gdbs(tmp_path: Path, how: str) -> None:
    program = tmp_path / "program"
    subprocess.run(["g++", "-O1", "-g", "-x", "c++", "-", "-o", program], input=_CPP.encode(), check=True)
    root = prepare(program, how)
    assert agree(program, tmp_path, 140, root) > 20
    symbols = symbols_of(program, root)
    if how != "stripped":
        put = next(each for each in symbols if "put" in each.raw and "basic_string" in each.raw)
        assert demangle(put.raw).startswith("shop::Shelf<std::")
    assert [table.source for table in symbols.tables][-1] == ".dynsym"


def test_got_entries_are_readelfs() -> None:
    path = Path("/bin/ls").resolve()
    told = subprocess.run(["readelf", "-rW", path], capture_output=True, text=True, check=True).stdout
    symbols = symbols_of(path)
    for kind, suffix in (("GLOB_DAT", "@got"), ("JUMP_SLO", "@got.plt")):
        entries = re.findall(rf"^([0-9a-f]+) .*_{kind}\S* +\S+ ([^@ ]+)", told, re.MULTILINE)
        assert entries
        assert all(symbols.holder(int(at, 16)) == f"{name}{suffix}" for at, name in entries)


def prepare(program: Path, how: str) -> str:
    """Move the program's symbols to where `how` says; return the root of the debug files."""
    root = program.parent / "debug"
    if how == "whole":
        return str(root)
    copy = program.with_name("program.debug")
    subprocess.run(["objcopy", "--only-keep-debug", program, copy], check=True)
    if how == "debug data":
        functions = program.with_name("functions")
        shutil.copy(program, functions)
        subprocess.run(["strip", "--strip-debug", functions], check=True)
        subprocess.run(["xz", functions], check=True)
    subprocess.run(["strip", program], check=True)
    if how == "debug data":
        data = f".gnu_debugdata={program.with_name('functions.xz')}"
        subprocess.run(["objcopy", "--add-section", data, program], check=True)
    if how == "build-id":
        notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True, check=True).stdout
        build_id = re.search(r"Build ID: (\S+)", notes)
        assert build_id is not None
        place = root / ".build-id" / build_id[1][:2] / f"{build_id[1][2:]}.debug"
        place.parent.mkdir(parents=True)
        copy.rename(place)
    elif how == "debug link":
        subprocess.run(["objcopy", "--remove-section", ".note.gnu.build-id", program], check=True)
        subprocess.run(["objcopy", "--remove-section", ".note.gnu.build-id", copy], check=True)
        subprocess.run(["objcopy", f"--add-gnu-debuglink={copy}", program], check=True)
    else:
        copy.unlink()
    return str(root)


@pytest.mark.gcc
def test_symbols_of_a_running_program_are_gdbs(tmp_path: Path) -> None:
    program = tmp_path / "program"
    source = _CPP.replace("return names", '__builtin_printf("ready\\n"); fflush(0); getchar(); return names')
    source = f"#include <cstdio>\n{source}"
    subprocess.run(["g++", "-O1", "-x", "c++", "-", "-o", program], input=source.encode(), check=True)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert ready_line(process) == "ready\n"
            inspected = inspect(str(process.pid))
            namer = Namer(inspected.space, partial(symbols_of_loaded, inspected))
            addresses = addresses_of(inspected, 400)
            told = gdb_symbols(process.pid, addresses, tmp_path / "script", "/usr/lib/debug")
            symbols = [namer.symbol(address) for address in addresses]
        finally:
            process.kill()
    named = 0
    for address, line, found in zip(addresses, told, symbols, strict=True):
        if line.startswith("No symbol matches"):
            assert found is None, (hex(address), line, found)
            continue
        matched = re.match(r"(.+?)(?: \+ (\d+))? in section (\S+)", line)
        assert matched is not None
        assert found is not None, (hex(address), line)
        assert found[2] == int(matched[2] or 0), (hex(address), line, found[1])
        named += 1
    assert named > 100


def addresses_of(inspected: Inspected, count: int) -> list[int]:
    chosen = random.Random(11)  # noqa: S311 - the same in each run
    matches = inspected.space.layout.matches
    regions = [each for each in inspected.space.regions if each.start in matches and each.path != "[vdso]"]
    return [chosen.randrange(*chosen.choice(regions).range) for _ in range(count)]


@pytest.mark.gcc
def test_a_debug_file_of_another_build_is_refused(tmp_path: Path) -> None:
    program = build(tmp_path, "program", ["-g"])
    other = build(tmp_path, "other", ["-g", "-DBSS=100"])
    root = prepare(program, "build-id")
    [place] = Path(root).rglob("*.debug")
    other.replace(place)
    symbols = symbols_of(program, root)
    assert [table.source for table in symbols.tables] == [".dynsym"]
    [remark] = symbols.remarks
    assert "is not the file's" in remark
