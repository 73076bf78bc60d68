"""The operations a lab file may use: those of `labs/operations.py`, except for any that could do harm."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from mmexplorer.labs import operations
from mmexplorer.labs.file.values import Node
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.simulated.allocator import Rule
from mmexplorer.labs.simulated.replacement import Policy

_OF_PROCESS = (
    operations.mmap, operations.munmap, operations.mprotect, operations.madvise, operations.msync,
    operations.no_huge_pages, operations.guard, operations.memfd, operations.touch, operations.malloc,
    operations.free, operations.malloc_trim, operations.access, operations.apart, operations.store, operations.load,
    operations.fork, operations.program, operations.make_program, operations.run, operations.go_on, operations.end,
    operations.temporary_file, operations.write_file, operations.read_byte, operations.truncate, operations.fsync,
    operations.drop_cache, operations.read_file, operations.close_file,
)  # fmt: skip
SIMULATED = ("simulate", "replace")
"""Operations done by a simulator instead of a process."""
_ALLOWED: dict[str, Callable[..., Operation]] = {
    each.__name__: each for each in (*_OF_PROCESS, operations.simulate, operations.replace)
}
_MAKES_PROCESS = ("fork", "run")
_NAME = re.compile(r"[^\W\d_]\w{0,23}")
_PROCESS_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_WORDS = {
    "prot": ("PROT_NONE", "PROT_READ", "PROT_WRITE", "PROT_EXEC"),
    "flags": ("MAP_SHARED", "MAP_PRIVATE", "MAP_ANONYMOUS", "MAP_NORESERVE", "MAP_FIXED_NOREPLACE"),
    "advice": (
        "MADV_RANDOM", "MADV_DONTNEED", "MADV_FREE", "MADV_DONTFORK", "MADV_HUGEPAGE", "MADV_NOHUGEPAGE",
        "MADV_DONTDUMP", "MADV_PAGEOUT", "MADV_GUARD_INSTALL",
    ),
}  # fmt: skip
_ONE_OF = {
    "how": ("write", "read", "execute"),
    "handler": ("leave", "repair"),
    "rule": tuple(rule.value for rule in Rule),
    "policy": tuple(policy.value for policy in Policy),
}
_PATTERNS = {
    "value": (re.compile(r"[!-~]"), "one letter of ASCII"),
    "requests": (re.compile(r"(?:\s*(?:\+[1-9]\d{0,3}|-\d{1,4}))+\s*"), 'requests such as "+3 +2 -0"'),
    "references": (re.compile(r"\d+"), "digits, one a page"),
}
_MOST = {"count": 100_000, "keep": 100_000, "size": 1 << 40, "frames": 9, "code": 1 << 20, "data": 1 << 20}
_MOST_UNITS = 4096
_MADE_BY = {"mmap": "range", "malloc": "block", "memfd": "file", "temporary_file": "file", "program": "file",
            "make_program": "file", "fork": "process", "run": "process"}  # fmt: skip
_UNMAKES = {"end": ("process", "of"), "close_file": ("file", "file")}
_OF = {"run": "file", "free": "block", "go_on": "process", "end": "process"}
"""The kind of thing that `of` names, if it isn't a range."""


def operation(node: Node, made: dict[str, set[str]]) -> Operation:
    """Return an operation; `made`: the names of each kind that exist so far. Raises LabFileError."""
    name = node.one_of("do", tuple(_ALLOWED))
    parameters = inspect.signature(_ALLOWED[name]).parameters
    node.only("do", *(("process",) if name not in SIMULATED else ()), *parameters)
    process = node.text("process", "")
    if process and (process not in made["process"] or name in _MAKES_PROCESS):
        raise node.error(f'no process "{process}" was forked before, or it can\'t do that', "process")
    arguments = dict(_arguments(node, name, parameters, made))
    done = _ALLOWED[name](**arguments)
    if name in _MADE_BY:
        made[_MADE_BY[name]].add(str(arguments["name"]))
    if name in _UNMAKES:
        kind, key = _UNMAKES[name]
        made[kind].discard(str(arguments[key]))
    return operations.inside(process, done) if process else done


def _arguments(node: Node, name: str, parameters: Any, made: dict[str, set[str]]) -> Iterator[tuple[str, Any]]:
    for key, parameter in parameters.items():
        if key not in node and parameter.default is not inspect.Parameter.empty:
            continue
        if parameter.annotation is bool:
            yield key, node.flag(key)
        elif parameter.annotation is str:
            yield key, _word(node, name, key, made)
        else:
            most = _MOST_UNITS if name == "simulate" else _MOST.get(key, 1 << 47)
            yield key, node.number(key, most=most)
            _not_nothing(node, key, name)


def _not_nothing(node: Node, key: str, name: str) -> None:
    if key in {"length", "size", "count", "frames"} and name != "truncate" and node.number(key) == 0:
        raise node.error(f"{key} is 0", key)


def _word(node: Node, name: str, key: str, made: dict[str, set[str]]) -> str:
    if key in _ONE_OF:
        return node.one_of(key, _ONE_OF[key])
    value = node.text(key)
    if key in _WORDS and not set(value.split("|")) <= set(_WORDS[key]):
        raise node.error(f"{key} can consist of {', '.join(_WORDS[key])}, with | between them", key)
    if key in _PATTERNS and not _PATTERNS[key][0].fullmatch(value):
        raise node.error(f"{key} must be {_PATTERNS[key][1]}", key)
    if key == "name":
        _check_name(node, name, value)
    if key in {"of", "file"}:
        kind = "file" if key == "file" else _OF.get(name, "range")
        if value not in made[kind]:
            raise node.error(f'no {kind} "{value}" was made before', key)
    return value


def _check_name(node: Node, name: str, value: str) -> None:
    if name == "program" and value != "cat":
        raise node.error("the only program that can be run is cat", "name")
    pattern = _PROCESS_NAME if _MADE_BY.get(name) == "process" else _NAME
    if not pattern.fullmatch(value):
        kind = "up to 12 lower-case letters and digits" if pattern is _PROCESS_NAME else "a word of up to 24 letters"
        raise node.error(f"name must be {kind}", "name")
