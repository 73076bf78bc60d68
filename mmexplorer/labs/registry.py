"""Every lab there is: the `LAB` of each module in `labs/chapter/`."""

import importlib
import pkgutil
from functools import cache

from mmexplorer.labs import chapter
from mmexplorer.labs.lab import Lab


@cache
def all_labs() -> tuple[Lab, ...]:
    """Give the labs in the chapter's order."""
    names = (module.name for module in pkgutil.iter_modules(chapter.__path__, f"{chapter.__name__}."))
    labs: list[Lab] = [importlib.import_module(name).LAB for name in names]
    return tuple(sorted(labs, key=lambda lab: lab.order))


def find(name: str) -> Lab | None:
    """The lab of that name; None if there is none."""
    return next((lab for lab in all_labs() if lab.name == name), None)
