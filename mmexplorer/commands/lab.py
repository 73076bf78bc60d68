"""`mmexplorer lab`: shows the Labs screen, lists the labs, or plays one in plain text with its checks."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence

from mmexplorer.commands.screens.labs import add_screen_arguments, refuse_screen_options, show_labs
from mmexplorer.commands.shared.exit import CANNOT_READ, DONE, WRONG_USAGE, CommandFailure
from mmexplorer.commands.shared.run_log import logged
from mmexplorer.kernel.lab.player import LabRunner, Session
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.registry import all_labs, find

CANNOT_RUN = 3
"""The exit status for a lab that needs something this machine or user doesn't have."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare which lab to play, and how."""
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the name of a lab, or a file with a lab of your own (./mine.toml)"
    )
    parser.add_argument("--list", action="store_true", help="list the labs")
    parser.add_argument("--run", action="store_true", help="play it in plain text and check the results")
    parser.add_argument("--sheet", action="store_true", help="print a handout in Markdown, with room for predictions")
    parser.add_argument("--key", action="store_true", help="with --sheet: play the lab and fill in what happened")
    parser.add_argument("--program", metavar="FILE", help="compile and run your own C program, with limits")
    parser.add_argument("--html", action="store_true", help="with --sheet: as one HTML page")
    add_screen_arguments(parser, "step")


def run(arguments: Namespace) -> int:
    """Show the Labs screen, list the labs, or play one: 0 if all its checks passed, 1 if one failed."""
    _refuse_contradictions(arguments)
    if arguments.sheet and not arguments.key:
        _print_sheet(_named(arguments.name), as_html=arguments.html)
        return DONE
    if arguments.program is not None:
        return _program(arguments)
    if not (arguments.list or arguments.run or arguments.json or arguments.sheet):
        return _on_screen(arguments)
    if arguments.list or arguments.name is None:
        _list(json=arguments.json)
        return DONE
    lab = _named(arguments.name)
    lack = LabRunner().lacks(lab)
    if lack is not None:
        raise CommandFailure(f"{lab.name} can't run here: {lack}", CANNOT_RUN)
    with logged(arguments.record) as when_done:
        session = LabRunner(when_done).open(lab)
        try:
            session.prepare()  # it starts while what prints the lab is imported
            outcomes = _played_as(arguments, lab, session)
        finally:
            session.close()
    return DONE if len(outcomes) == len(lab.steps) and all(outcome.passed for outcome in outcomes) else CANNOT_READ


def _refuse_contradictions(arguments: Namespace) -> None:
    """Raises CommandFailure for options that make no sense together."""
    if (arguments.key or arguments.html) and not arguments.sheet:
        raise CommandFailure("--key and --html go with --sheet", WRONG_USAGE)
    if arguments.sheet and (arguments.run or arguments.list or arguments.json):
        raise CommandFailure("--sheet can't be combined with --run, --list or --json", WRONG_USAGE)
    if arguments.list and (arguments.run or arguments.name is not None):
        raise CommandFailure("--list is of all labs: leave out --run and the name", WRONG_USAGE)
    plain = arguments.run or arguments.json or arguments.sheet or arguments.list or arguments.program is not None
    if arguments.at and plain:
        raise CommandFailure("--from is for the screen: a lab in plain text is played from its first step", WRONG_USAGE)
    if plain and (arguments.auto or arguments.big):
        raise CommandFailure("--auto and --big are for the screen", WRONG_USAGE)
    if plain:
        refuse_screen_options(arguments)
    played = not (arguments.list or arguments.program or (arguments.sheet and not arguments.key))
    if arguments.record is not None and not played:
        raise CommandFailure("--log needs a lab to be played", WRONG_USAGE)
    if (arguments.sheet or arguments.run) and arguments.name is None and arguments.program is None:
        raise CommandFailure(f"{'--sheet' if arguments.sheet else '--run'} needs the name of a lab", WRONG_USAGE)


def _program(arguments: Namespace) -> int:
    """Run a learner's program: 0 if it ended by itself, whatever its status."""
    if arguments.name or arguments.json or arguments.run or arguments.list:
        raise CommandFailure("--program can't be combined with other options", WRONG_USAGE)
    from mmexplorer.kernel.lab.program.process import ProgramProcess  # noqa: PLC0415 - played labs need none

    process = ProgramProcess()
    try:
        reply = process.run_file(arguments.program)
    finally:
        process.close()
    if not reply.ended:
        why, *details = reply.error.splitlines()
        raise CommandFailure(f"{arguments.program} couldn't be run: {why}", CANNOT_READ, details)
    from mmexplorer.present.labs.plain import program_lines  # noqa: PLC0415 - nothing is printed if it can't be run

    for row in program_lines(reply):
        print(row)
    return CANNOT_READ if reply.ended.endswith("and was ended") else DONE


def _on_screen(arguments: Namespace) -> int:
    lab = None if arguments.name is None else _named(arguments.name)
    if arguments.at and (lab is None or arguments.at > len(lab.steps)):
        raise CommandFailure("--from needs the name of a lab and the number of one of its steps", WRONG_USAGE)
    from mmexplorer.commands.screens.terminal import need_terminal  # noqa: PLC0415 - text needs no terminal

    need_terminal("the screen of the labs", "mmexplorer lab NAME --run plays one in plain text, --list names them")
    return show_labs(arguments, lab)


def _named(name: str) -> Lab:
    """Find a lab by name, or read it from a file. Raises CommandFailure."""
    if _is_file(name):
        from mmexplorer.commands.shared.lab_file import lab_of_file  # noqa: PLC0415 - takes as long as all of a lab

        return lab_of_file(name)
    lab = find(name)
    if lab is None:
        raise CommandFailure(
            f"no lab called {name}; the labs are {', '.join(lab.name for lab in all_labs())}", WRONG_USAGE
        )
    return lab


def _is_file(name: str) -> bool:
    return "/" in name or name.endswith(".toml")


def _list(*, json: bool) -> None:
    runner = LabRunner()
    lacks = {lab.name: lack for lab in all_labs() if (lack := runner.lacks(lab)) is not None}
    if json:
        from mmexplorer.present.json.lab import list_document  # noqa: PLC0415 - as for a lab that is played

        print(list_document(all_labs(), lacks))
        return
    from mmexplorer.present.labs.list import LISTING_COLUMNS, LabRow  # noqa: PLC0415
    from mmexplorer.present.text.column import plain_table  # noqa: PLC0415

    rows = (LabRow(number, lab, lacks.get(lab.name)) for number, lab in enumerate(all_labs(), 1))
    for text in plain_table(LISTING_COLUMNS, rows):
        print(text)


def _played_as(arguments: Namespace, lab: Lab, session: Session) -> list[Outcome]:
    if arguments.sheet:
        outcomes = list(_played(session))
        _print_sheet(lab, outcomes, as_html=arguments.html)
        return outcomes
    return _in_json(lab, session) if arguments.json else _in_text(lab, session)


def _print_sheet(lab: Lab, outcomes: Sequence[Outcome] = (), *, as_html: bool) -> None:
    from mmexplorer.present.labs.sheet import sheet  # noqa: PLC0415 - brings all that HTML has a name for

    print(sheet(lab, outcomes, as_html=as_html))


def _in_json(lab: Lab, session: Session) -> list[Outcome]:
    from mmexplorer.present.json.lab import run_document  # noqa: PLC0415 - the text doesn't need it

    outcomes = list(_played(session))
    print(run_document(lab, outcomes))
    return outcomes


def _in_text(lab: Lab, session: Session) -> list[Outcome]:
    from mmexplorer.present.labs import plain  # noqa: PLC0415 - while the lab process starts

    for text in plain.heading(lab):
        print(text)
    outcomes: list[Outcome] = []
    for outcome in _played(session):
        outcomes.append(outcome)
        number = len(outcomes)
        for text in (*plain.step_lines(number, len(lab.steps), outcome.step), *plain.outcome_lines(outcome)):
            print(text)
    for text in plain.at_the_end(lab, outcomes):
        print(text)
    print(f"\n{lab.name}: {plain.summary(outcomes, len(lab.steps))}")
    return outcomes


def _played(session: Session) -> Iterator[Outcome]:
    """Do one step after another until the last, or until one fails; the next one's process starts meanwhile."""
    while (outcome := session.perform()) is not None:
        session.forward()
        session.prepare()
        yield outcome
