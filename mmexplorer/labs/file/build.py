"""Makes a lab from the text of a file."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from string import Formatter

from mmexplorer.labs.figures import WORDS
from mmexplorer.labs.file.conditions import Condition, condition, is_figure
from mmexplorer.labs.file.lines import lines_of
from mmexplorer.labs.file.operations import SIMULATED, operation
from mmexplorer.labs.file.values import LabFileError, Node
from mmexplorer.labs.glossary import look_up
from mmexplorer.labs.lab import MIB, Check, Choice, Expect, Lab, Limits, Need, Number, Question, Remark, Simulator, Step
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.registry import find
from mmexplorer.labs.simulated.replacement import ReplacementSimulator
from mmexplorer.labs.simulated.simulator import MemorySimulator
from mmexplorer.labs.text import pieces

MOST_BYTES = 256 << 10
"""The size limit of a file."""
_MOST_STEPS, _MOST_OPERATIONS, _MOST_CHECKS, _MOST_OPTIONS = 60, 40, 20, 6
_MOST_PROCESSES = 8
_MOST_TITLE = 60
_LIMITS = Limits(address_space=8 << 30, touched=256 * MIB, cpu_seconds=60)
_LETTERS = "abcdef"
_SPECS = ("", "n", "kB", "+kB", "MiB", "bytes", "hex", "distance")
_SCALES = {"kB": 1024, "MiB": MIB}
_EXPECT = {each.name.lower(): each for each in Expect}
_NEEDS = {each.name.lower(): each for each in Need if each is not Need.OOM_CGROUP}
_MAKERS = {"fork", "run"}
_SIZES = {"mmap": "length", "malloc": "size"}
_LAST = 10_000
"""Its place in the list: after all labs of the chapter."""
_NAME = re.compile(r"\w[\w-]*")
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")


def lab_from(text: str) -> Lab:
    """Return the lab in a TOML text. Raises LabFileError."""
    if len(text) > MOST_BYTES:
        raise LabFileError(f"the file has more than {MOST_BYTES >> 10} kB, more than any lab needs")
    # Terminals disagree on the width of a Hangul letter that is written in parts.
    text = unicodedata.normalize("NFC", text)
    try:
        value = tomllib.loads(text)
        root = Node(value, (), lines_of(text))
    except RecursionError:
        raise LabFileError("it is nested too deeply") from None
    except ValueError as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found is not None and found[1] else text.count("\n") + 1
        raise LabFileError(f"this isn't TOML: {_AT.sub('', str(error))[:80]}", line) from None
    return _lab(root)


def _lab(root: Node) -> Lab:
    root.only("name", "title", "row", "learn", "needs", "terms", "step")
    terms = _terms(root.node("terms"))
    nodes = root.nodes("step", _MOST_STEPS)
    if not nodes:
        raise root.error("there is no [[step]]")
    builder = _Steps(terms)
    steps = tuple(builder.step(node) for node in nodes)
    _terms_of(root, "learn", terms)
    return Lab(
        name=_name(root),
        title=root.text("title", most=_MOST_TITLE),
        row=root.text("row", "", most=_MOST_TITLE),
        learn=root.text("learn"),
        steps=steps,
        order=_LAST,
        address_space=_address_space(steps),
        needs=tuple(_needs(root)),
        limits=_LIMITS,
        promised=0,
        simulator=builder.simulator,
        terms=terms,
    )


def _name(root: Node) -> str:
    name = root.text("name", most=_MOST_TITLE)
    if not _NAME.fullmatch(name):
        raise root.error("name must be a word of letters, digits, - and _", "name")
    if find(name) is not None:
        raise root.error(f"{name} is the name of a lab of the chapter", "name")
    return name


def _terms(node: Node | None) -> dict[str, str]:
    return {} if node is None else {key.lower(): node.text(key) for key in node.keys()}  # noqa: SIM118 - not a dict


def _needs(root: Node) -> Iterator[Need]:
    yield Need.SMALL_PAGES
    for index, word in enumerate(root.texts("needs", len(_NEEDS))):
        if word not in _NEEDS:
            raise root.error(f"needs can be {', '.join(_NEEDS)}", "needs", index)
        if _NEEDS[word] is not Need.SMALL_PAGES:
            yield _NEEDS[word]


def _address_space(steps: Sequence[Step]) -> int:
    """Return an upper bound of the bytes the lab process maps: the sum of all its requests."""
    every = (each for step in steps for each in (*step.prepare, *step.operations) if each.name in _SIZES)
    return sum(int(each.arguments[_SIZES[each.name]]) * int(each.arguments.get("count", 1)) for each in every)


class _Steps:
    """Reads the steps in order, because a step may use names that earlier ones made."""

    def __init__(self, terms: dict[str, str]) -> None:
        self._terms = terms
        self._made: dict[str, set[str]] = {}
        self._processes = 0
        self._forget()
        self.simulator: type[Simulator] | None = None
        self._simulates: bool | None = None

    def _forget(self) -> None:
        self._made = {kind: set() for kind in ("range", "block", "file", "process")}

    def step(self, node: Node) -> Step:
        """Return a step. Raises LabFileError."""
        node.only(
            "title", "text", "question", "prepare", "operations", "checks", "explanation", "remarks", "watch",
            "program", "fresh", "expect",
        )  # fmt: skip
        fresh = node.flag("fresh")
        if fresh:
            self._forget()
        prepare = self._operations(node, "prepare")
        done = self._operations(node, "operations")
        if not done:
            raise node.error("operations is missing or empty: a step must do something")
        made = frozenset(self._made["process"])
        for key in ("text", "explanation"):
            self._check_text(node, key, made)
        return Step(
            title=node.text("title", most=_MOST_TITLE),
            text=node.text("text"),
            question=self._question(node.node("question"), made),
            operations=done,
            checks=tuple(self._checks(node, made)),
            explanation=node.text("explanation"),
            remarks=tuple(self._remarks(node, made)),
            watch=self._named(node, "watch", "range"),
            program=self._named(node, "program", "file", "process"),
            fresh=fresh,
            prepare=prepare,
            expect=_EXPECT[node.one_of("expect", tuple(_EXPECT), "success")],
        )

    def _operations(self, node: Node, key: str) -> tuple[Operation, ...]:
        return tuple(self._operation(each) for each in node.nodes(key, _MOST_OPERATIONS))

    def _operation(self, node: Node) -> Operation:
        done = operation(node, self._made)
        simulates = done.name in SIMULATED
        if self._simulates not in {None, simulates}:
            raise node.error(
                "a lab either has a process or only computes: simulate and replace can't be combined with other"
                " operations"
            )
        self._simulates = simulates
        if simulates:
            wanted = MemorySimulator if done.name == SIMULATED[0] else ReplacementSimulator
            if self.simulator not in {None, wanted}:
                raise node.error("simulate and replace can't be in the same lab")
            self.simulator = wanted
        self._processes += done.name in _MAKERS
        if self._processes > _MOST_PROCESSES:
            raise node.error(f"a lab may make {_MOST_PROCESSES} more processes at most")
        return done

    def _named(self, node: Node, key: str, *kinds: str) -> str:
        name = node.text(key, "")
        if name and not any(name in self._made[kind] for kind in kinds):
            raise node.error(f'no {" or ".join(kinds)} "{name}" was made', key)
        return name

    def _question(self, node: Node | None, made: frozenset[str]) -> Question | None:
        if node is None:
            return None
        self._check_text(node, "ask", made)
        if "options" in node:
            return self._choice(node)
        node.only("ask", "unit", "figure", "within", "guess")
        figure, unit = node.text("figure"), node.text("unit", "", most=_MOST_TITLE)
        if not is_figure(figure, made):
            raise node.error(f"no figure is called {figure[:40]}", "figure")
        return Number(
            node.text("ask"), unit, figure, _SCALES.get(unit, 1), node.number("within", 0), node.flag("guess")
        )

    def _choice(self, node: Node) -> Choice:
        node.only("ask", "options", "right", "feedback", "guess")
        options = node.texts("options", _MOST_OPTIONS)
        if len(options) < 2:  # noqa: PLR2004 - as in the words
            raise node.error("there must be at least two options", "options")
        right = _LETTERS.index(node.one_of("right", tuple(_LETTERS[: len(options)])))
        feedback = node.texts("feedback", _MOST_OPTIONS)
        if feedback and len(feedback) != len(options):
            raise node.error(
                "feedback must have an entry for each option; that of the right one may be empty", "feedback"
            )
        return Choice(node.text("ask"), options, right, feedback, node.flag("guess"))

    def _checks(self, node: Node, made: frozenset[str]) -> Iterator[Check]:
        for each in node.nodes("checks", _MOST_CHECKS):
            each.only("words", "holds")
            yield Check(each.text("words"), _condition(each, "holds", made))

    def _remarks(self, node: Node, made: frozenset[str]) -> Iterator[Remark]:
        for each in node.nodes("remarks", _MOST_CHECKS):
            each.only("when", "text")
            self._check_text(each, "text", made)
            yield Remark(_condition(each, "when", made), each.text("text"))

    def _check_text(self, node: Node, key: str, made: frozenset[str]) -> None:
        """Raise LabFileError if a text refers to an unknown figure or term."""
        _terms_of(node, key, self._terms)
        try:
            fields = [(field, spec) for _, field, spec, _ in Formatter().parse(node.text(key)) if field is not None]
        except ValueError:
            raise node.error("a single { or }: to show one, write it twice", key) from None
        for field, spec in fields:
            if field not in WORDS and not is_figure(field, made):
                raise node.error(f"no figure is called {field[:40]}", key)
            if spec not in _SPECS:
                raise node.error(f"a figure is written as {', '.join(_SPECS[1:])}", key)


def _terms_of(node: Node, key: str, terms: dict[str, str]) -> None:
    for _, term in pieces(node.text(key)):
        if term and term.lower() not in terms and look_up(term) is None:
            raise node.error(f"the glossary has no entry {term[:40]}, nor have the [terms] of this file", key)


def _condition(node: Node, key: str, made: frozenset[str]) -> Condition:
    read = condition(node.text(key), made)
    if isinstance(read, str):
        raise node.error(read, key)
    return read
