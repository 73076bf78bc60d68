"""A command's own parser understands its arguments as that of the whole program does."""

from argparse import Namespace
from collections.abc import Sequence

import pytest

from mmexplorer.commands.command_line import _parser, answer, parsed
from mmexplorer.commands.registry import COMMANDS

_USUAL = {"diff": ["a", "b"], "lab": ["mmap", "--program", "ls"], "sar": ["2", "3"], "bytes": ["1", "0"]}


def _by_the_whole_program(argv: Sequence[str]) -> Namespace:
    return _parser(argv).parse_args(argv, Namespace(program=("ls",)))


def _by_its_own(argv: Sequence[str]) -> Namespace:
    return parsed(argv, ("ls",))


def _understood(arguments: Namespace) -> dict[str, object]:
    return {name: value for name, value in vars(arguments).items() if not callable(value)}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("given", [[], ["x"], ["1", "[stack]"], ["1", "--json"]], ids=" ".join)
def test_both_understand_the_same(name: str, given: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for parse in (_by_the_whole_program, _by_its_own):
        try:
            told.append((_understood(parse([name, *(_USUAL.get(name, given) if given == ["x"] else given)])), ""))
        except SystemExit:
            told.append(({}, capsys.readouterr().err))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["ps", "--nope"], "usage: mmexplorer [-h] [--version] [-p PID|NAME]"),
        (["free", "--theme", "dark"], "unrecognized arguments: --theme dark"),
        (["maps", "--json", "1", "2"], "mmexplorer: error: unrecognized arguments: 2"),
        (["sar", "x"], "usage: mmexplorer sar [-h]"),
    ],
)
def test_wrong_usage_is_told_by_the_program_or_by_its_command(
    argv: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(argv)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


_GIVEN = {"-p": "1", "--interval": "1", "--theme": "dark", "--log": "mm.log"}
_ON_A_SCREEN = {"--interval", "--theme", "--log"}


@pytest.mark.parametrize("option", _GIVEN)
@pytest.mark.parametrize(
    ("argv", "used"),
    [
        (["ps"], set()),
        (["sar", "2", "1"], set()),
        (["maps", "1"], set()),
        (["elf", "-p", "1"], set()),
        (["open", "there-is-no-such-file"], {"--theme"}),
        (["lab", "there-is-no-such-lab"], _ON_A_SCREEN),
        (["lesson", "there-is-no-such-lesson"], _ON_A_SCREEN),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_option_that_a_command_would_ignore_is_refused(
    option: str, argv: Sequence[str], used: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status = answer([option, _GIVEN[option], *argv])
    refused = f"{option} before a command is for the explorer: {argv[0]} doesn't use it there"
    said = capsys.readouterr().err
    assert (refused in said) == (option not in used)
    assert status == 2 if option not in used else status in (1, 2)
