"""A lab from a file: its contents, and for every error the line and a sentence."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.cli import main
from mmexplorer.labs.figures import Figures
from mmexplorer.labs.file.build import MOST_BYTES, lab_from
from mmexplorer.labs.file.conditions import condition
from mmexplorer.labs.file.lines import lines_of
from mmexplorer.labs.file.values import LabFileError, amount
from mmexplorer.labs.lab import Choice, Expect, Need, Number
from mmexplorer.labs.operations import inside, mmap, store
from mmexplorer.labs.registry import all_labs

README = Path(__file__).parents[2] / "README.md"


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def error(text: str) -> tuple[int, str]:
    with pytest.raises(LabFileError) as raised:
        lab_from(text)
    return raised.value.line, raised.value.sentence


def test_the_example_of_the_readme_is_a_lab() -> None:
    lab = lab_from(example())
    assert lab.name not in {each.name for each in all_labs()}
    assert lab.needs == (Need.SMALL_PAGES, Need.PAGEMAP)
    assert lab.address_space == 512 << 20
    first, second = lab.steps
    assert first.operations == (mmap("memory", 512 << 20),)
    assert isinstance(first.question, Choice)
    assert first.question.right == 1
    assert first.checks[0].holds(Figures({"vm_size_change": 512 << 20}, {}, ""))
    assert not first.checks[0].holds(Figures({"vm_size_change": 4096}, {}, ""))
    assert isinstance(second.question, Number)
    assert second.question.figure == "pages_present"


def changed(old: str, new: str) -> str:
    text = example()
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def line_with(text: str, part: str) -> int:
    return next(number for number, row in enumerate(text.splitlines(), 1) if part in row)


WRONG = [
    ('title = "Map 512 MiB"', "title = 7", "title must be a text, but this is a whole number"),
    ('title = "Map 512 MiB"', 'title = ""', "title is empty"),
    ('title = "Map 512 MiB"', f'title = "{"x" * 61}"', "title has 61 characters; at most 60 are allowed"),
    ('title = "Map 512 MiB"', 'titel = "Map 512 MiB"', 'unknown name "titel"; the names here are title, text'),
    ('name = "half-a-gibibyte"', 'name = "mmap"', "mmap is the name of a lab of the chapter"),
    ('name = "half-a-gibibyte"', 'name = "a/b"', "name must be a word"),
    ('needs = ["pagemap"]', 'needs = ["root"]', "needs can be small_pages, pagemap"),
    ('needs = ["pagemap"]', "needs = true", "needs must be a list, but this is true or false"),
    ('needs = ["pagemap"]', "needs = [1.5]", "each of needs must be a text, but this is a decimal number"),
    ('do = "mmap"', 'do = "reboot"', 'do is "reboot"; it can be mmap, munmap'),
    ('do = "mmap"', 'do = "exhaust"', 'do is "exhaust"; it can be'),
    ('length = "512 MiB"', 'length = "512 apples"', 'length is "512 apples", which isn\'t an amount such as'),
    ('length = "512 MiB"', "length = -1", "length must be from 0 to"),
    ('length = "512 MiB"', "length = 0", "length is 0"),
    ('length = "512 MiB"', "length = true", "length must be a whole number, but this is true or false"),
    (
        'length = "512 MiB" }',
        'size = "512 MiB" }',
        'unknown name "size"; the names here are do, process, name, length',
    ),
    ('length = "512 MiB" }', 'length = 4096, flags = "MAP_PRIVATE|MAP_FIXED" }', "flags can consist of MAP_SHARED"),
    ('length = "512 MiB" }', 'length = 4096, prot = "rw" }', "prot can consist of PROT_NONE"),
    ('length = "512 MiB" }', 'length = 4096, file = "passwd" }', 'no file "passwd" was made before'),
    ('name = "memory"', 'name = "two words"', "name must be a word"),
    ('do = "mmap", name = "memory", length = "512 MiB"', 'do = "program", name = "rm"', "can be run is cat"),
    ('of = "memory", length = "10 pages"', 'of = "memoir", length = "10 pages"', 'no range "memoir" was made before'),
    ('right = "b"', 'right = "c"', 'right is "c"; it can be a, b'),
    ('right = "b"', "right = 1", "right must be a text"),
    ('"hardly at all"]', '"hardly at all", "not", "so"]', "feedback must have an entry for each option"),
    ('["by 512 MiB", "hardly at all"]', '["by 512 MiB"]', "there must be at least two options"),
    ('figure = "pages_present"', 'figure = "pages_there"', "no figure is called pages_there"),
    ('figure = "pages_present"', 'figure = "child_rss"', "no figure is called child_rss"),
    ('holds = "vm_size_change == 512 MiB"', 'holds = "vm_size_change"', "isn't a condition such as"),
    ('holds = "vm_size_change == 512 MiB"', 'holds = "vm_sise == 5"', "no figure is called vm_sise"),
    ('holds = "vm_size_change == 512 MiB"', 'holds = "rss < lots"', '"lots" is neither an amount nor a figure'),
    ('holds = "vm_size_change == 512 MiB"', 'holds = "rss has 5"', "rss is a number: use has only with words"),
    ('holds = "vm_size_change == 512 MiB"', 'holds = "signal > 5"', "signal is a word"),
    ('words = "VmSize grew by 524,288 kB", ', "", "words is missing"),
    ("by {rss_change:kB}", "by {rss_chance:kB}", "no figure is called rss_chance"),
    ("by {rss_change:kB}", "by {rss_change:MB}", "a figure is written as n, kB"),
    ("by {rss_change:kB}", "by {rss_change", "a single { or }"),
    ("with [[mmap]]", "with [[nmap]]", "the glossary has no entry nmap"),
    ("It doesn't use", "\\u001b[2J It doesn't use", "the text holds U+001B, which could control the terminal"),
    ("It doesn't use", "\\u202e It doesn't use", "the text holds U+202E"),
    ('"by 512 MiB"', '"by \\u0007512 MiB"', "the text holds U+0007"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_a_sentence_with_the_line(old: str, new: str, said: str) -> None:
    line, sentence = error(changed(old, new))
    assert said in sentence
    assert line == line_with(example(), old)
    assert "\x1b" not in sentence


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "there is no [[step]]"),
        ('name = "x"\ntitle = ', 2, "this isn't TOML"),
        ('name = "x"\n\nname = "y"\n', 3, "this isn't TOML"),
        ("[[step]]\n", 1, "operations is missing or empty"),
        ("step = 5\n", 1, "step must be a list"),
        ("step = [5]\n", 1, "each step must be a table, but this is a whole number"),
        ("x = 1979-05-27\n", 1, "unknown name"),
        (f"x = {'[' * 3000}\n", 1, ""),
        (f"x = {'9' * 5000}\n", 1, ""),
        (f"{'a.' * 3000}a = 1\n[[step]]\n", 1, ""),
        ("[[step]]\n" * 61, 61 * 1, "step has 61 entries; at most 60 are allowed"),
        ("[[step]]\n" * 1_000_000, 0, f"the file has more than {MOST_BYTES >> 10} kB"),
    ],
)
def test_what_is_no_lab_at_all(text: str, line: int, said: str) -> None:
    found, sentence = error(text)
    assert said in sentence
    assert found == line or not said


def steps(*rows: str) -> str:
    """Return a lab with steps of the given operations."""
    head = 'name = "mine"\ntitle = "t"\nlearn = "l"\n'
    step = '[[step]]\ntitle = "t"\ntext = "x"\nexplanation = "e"\noperations = [{}]\n'
    return head + "".join(step.replace("{}", row) for row in rows)


FORK = '{do = "fork", name = "child"}'
MEMORY = '{do = "mmap", name = "m", length = 4096}'


def test_a_process_that_was_forked_does_things_and_has_figures() -> None:
    lab = lab_from(
        steps(f'{MEMORY}, {FORK}, {{do = "store", of = "m", value = "A", process = "child"}}')
        + 'checks = [{words = "w", holds = "child_rss > 0 and child_range_pss <= range_pss + 4 kB"}]\n'
    )
    assert lab.steps[0].operations[2] == inside("child", store("m", "A"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((f"{MEMORY}, {FORK}", '{do = "store", of = "m", value = "A", process = "kid"}'), 'no process "kid"'),
        ((FORK, '{do = "fork", name = "another", process = "child"}'), "can't do that"),
        (('{do = "fork", name = "Kind_1"}',), "up to 12 lower-case letters and digits"),
        (tuple(f'{{do = "fork", name = "c{n}"}}' for n in range(9)), "8 more processes at most"),
        ((MEMORY, '{do = "store", of = "m", value = "ä"}'), "value must be one letter of ASCII"),
        ((MEMORY, '{do = "access", of = "m", how = "jump"}'), "it can be write, read, execute"),
        ((MEMORY, '{do = "madvise", of = "m", advice = "MADV_POPULATE_WRITE"}'), "advice can consist of"),
        (('{do = "malloc", name = "b", size = 64, count = 100001}',), "count must be from 0 to 100,000"),
        (
            (MEMORY, '{do = "simulate", size = 16, requests = "+3", rule = "first"}'),
            "simulate and replace can't be combined with other",
        ),
        (('{do = "simulate", size = 16, requests = "three", rule = "first"}',), "requests must be requests such as"),
        (('{do = "simulate", size = 5000, requests = "+3", rule = "first"}',), "size must be from 0 to 4,096"),
        (('{do = "replace", references = "1a", policy = "fifo", frames = 3}',), "references must be digits"),
        (
            (
                '{do = "simulate", size = 16, requests = "+3", rule = "first"}',
                '{do = "replace", references = "12", policy = "fifo", frames = 3}',
            ),
            "simulate and replace can't be in the same lab",
        ),
        ((f"{','.join([MEMORY] * 41)}",), "operations has 41 entries; at most 40 are allowed"),
    ],
)
def test_what_could_do_harm_or_nothing_is_refused(rows: tuple[str, ...], said: str) -> None:
    assert said in error(steps(*rows))[1]


def test_a_fresh_step_has_lost_the_names_of_those_before() -> None:
    text = steps(MEMORY, '{do = "load", of = "m"}')
    assert lab_from(text).steps[1].operations
    line, sentence = error(text + "fresh = true\n")
    assert sentence == 'no range "m" was made before'
    assert line == line_with(text, '"load"')


def test_a_lab_that_only_computes_has_a_simulator() -> None:
    lab = lab_from(steps('{do = "simulate", size = 16, requests = "+2 +2 -0 +3", rule = "first"}'))
    assert lab.simulator is not None
    reply = lab.simulator().ask(lab.steps[0].operations[0])
    assert reply.figures["first_failures"] == 0


def test_terms_of_its_own_are_explained() -> None:
    text = steps(MEMORY).replace('"x"', '"A [[Flurstück]] of [[RSS]]."')
    assert "has no entry" in error(text)[1]
    assert lab_from(f'{text}[terms]\n"Flurstück" = "A piece of land."\n').terms == {"flurstück": "A piece of land."}


def test_it_may_say_how_the_last_operation_turns_out() -> None:
    lab = lab_from(steps(f'{MEMORY}, {{do = "access", of = "m"}}') + 'expect = "end"\n')
    assert lab.steps[0].expect is Expect.END


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100 MiB", 100 << 20), ("4,000 kB", 4000 << 10), ("16 pages", 65536), ("1_000", 1000), ("-4 kB", -4096),
        ("4KB", None), ("", None), ("1" * 30, None), ("0x10", None), ("٣", None),
    ],
)  # fmt: skip
def test_amounts(text: str, value: int | None) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("rss == 4096", True), ("rss == 4 kB and pages == 2", False), ("rss >= pages + 1000", True),
        ("rss < pages - 4", False), ("signal == SIGSEGV", True), ("signal != SIGSEGV", False),
        ('output has "first line"', True), ("ended == 'was ended by SIGSEGV'", True), ("rss_change > -4 kB", True),
    ],
)  # fmt: skip
def test_conditions(text: str, holds: bool) -> None:  # noqa: FBT001 - a parameter
    figures = Figures(
        {"rss": 4096, "pages": 3, "rss_change": 0},
        {"signal": "SIGSEGV", "output": "the first line\n", "ended": "was ended by SIGSEGV"},
        "",
    )
    read = condition(text)
    assert not isinstance(read, str), read
    assert read(figures) is holds


TRICKY = '''
# a comment with "quotes" and [brackets]
a = "# no comment" # one
b.c = 1
"d e" = """
[[no]]
x = 5 \\""" still
""" # after
f = [1, # one
  { g = 'a', h = [ "}", ']' ] },
  1979-05-27T07:32:00.5Z, 1.5e3]
[t]
k = true
[[step]]
i = 1
[[step.inner]]
j = 1
[[step.inner]]
j = 2
[[step]]
[step.sub]
l = \'\'\'
=\'\'\'
m = 1
'''


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def test_every_value_has_its_line_whatever_the_notation() -> None:
    lines = lines_of(TRICKY)
    rows = TRICKY.splitlines()
    found = {path: rows[lines[path] - 1] for path in paths(tomllib.loads(TRICKY)) if path in lines}
    assert found[("b", "c")] == "b.c = 1"
    assert found[("d e",)] == '"d e" = """'
    assert found[("f", 1, "h", 1)].strip() == "{ g = 'a', h = [ \"}\", ']' ] },"
    assert found[("f", 2)].strip() == "1979-05-27T07:32:00.5Z, 1.5e3]"
    assert found[("step", 0, "inner", 1, "j")] == "j = 2"
    assert found[("step", 1, "sub", "m")] == "m = 1"
    assert set(paths(tomllib.loads(TRICKY))) - set(lines) == {("b",), ("step",), ("step", 0, "inner")}


def test_the_command_says_the_file_the_line_and_the_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(changed('title = "Map 512 MiB"', "title = 7"))
    assert main(["lab", str(file), "--run"]) == 2
    assert capsys.readouterr().err == (
        f"mmexplorer: {file}, line 7: title must be a text, but this is a whole number\n"
    )
    file.write_bytes(b'name = "x"\ntitle = "\xff"\n')
    assert main(["lab", str(file), "--sheet"]) == 2
    assert "line 2: this isn't UTF-8" in capsys.readouterr().err
    file.write_bytes(b"[[step]]\n" * 1_000_000)
    assert main(["lab", str(file), "--run"]) == 2
    assert "more than 256 kB" in capsys.readouterr().err
    assert main(["lab", str(tmp_path), "--run"]) == 1
    assert main(["lab", str(tmp_path / "none.toml"), "--run"]) == 1
    file.write_text(example())
    assert main(["lab", str(file), "--sheet"]) == 0
    assert "Use ten pages" in capsys.readouterr().out
