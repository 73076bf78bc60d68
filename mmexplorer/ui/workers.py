"""Starts Textual's workers."""

from collections.abc import Callable, Coroutine

from textual.dom import DOMNode
from textual.worker import Worker

from mmexplorer.model.typed import Any


def start_worker(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool = False
) -> None:
    """Run `work` as a worker of `node`; an `exclusive` one ends the others of its group first.

    It is a function, since a coroutine whose worker is ended before it begins would never be awaited.
    """
    # Without a description, Textual would write out `work` with its arguments: maybe 65,000 regions.
    _: Worker[None] = node.run_worker(work, group=group, description=group, exclusive=exclusive)
