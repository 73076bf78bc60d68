"""The command line of a Python that runs one of our modules as a program of its own."""

import os
import sys

import mmexplorer

_PACKAGES = os.path.dirname(os.path.dirname(mmexplorer.__file__))  # noqa: PTH120 - a str for argv


def interpreter(module: str, *arguments: str) -> list[str]:
    """Return the command that calls `main()` of a module, isolated (-I) and without `site` (-S).

    The module is imported rather than run as a file, because Python keeps the byte code only of what is imported:
    compiling it took a third of the lab process's start.
    """
    package, _, name = module.rpartition(".")
    code = f"import sys; sys.path.append({_PACKAGES!r}); from {package} import {name}; {name}.main()"
    read_only = ["-B"] if sys.dont_write_bytecode else []
    return [sys.executable, "-I", "-S", *read_only, "-c", code, *arguments]
