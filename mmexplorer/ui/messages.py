"""The handlers of messages: Textual searches all classes of a widget for each message, and mostly finds none."""

from collections.abc import Callable, Iterable
from functools import cache
from types import FunctionType
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

_Methods = Iterable[tuple[type, Callable[[Message], Any]]]
_Handler = tuple[type, FunctionType]
"""A function, and the class that defines it."""


@cache
def listens(pump: type[MessagePump], message: type[Message]) -> bool:
    """Return whether a class has a handler for such messages, by name or by `on`, for which nothing public says so."""
    names = (message.handler_name, f"_{message.handler_name}")
    return any(
        any(name in each.__dict__ for name in names)
        or any(told in each.__dict__.get("_decorated_handlers", ()) for told in message.__mro__)
        for each in pump.__mro__
    )


@cache
def _named(
    pump: type[MessagePump], name: str, message: type[Message]
) -> "tuple[tuple[type, FunctionType], ...] | None":
    """Return the handlers called `name` of a class, in Textual's order.

    None if there are decorated ones, which may depend on the sender.
    """
    if any(told in each.__dict__.get("_decorated_handlers", ()) for told in message.__mro__ for each in pump.__mro__):
        return None
    found = ((each, each.__dict__.get(f"_{name}") or each.__dict__.get(name)) for each in pump.__mro__)
    return tuple(
        (each, method) for each, method in found if method is not None and not getattr(method, "_textual_on", None)
    )


def _bound(pump: MessagePump, handlers: Iterable[_Handler], message: Message) -> _Methods:
    for each, method in handlers:
        if message._no_default_action:  # noqa: SLF001 - set by a handler called before
            return
        yield each, method.__get__(pump, each)


_search = MessagePump._get_dispatch_methods  # noqa: SLF001 - nothing public comes before the search


def _methods(self: MessagePump, method_name: str, message: Message) -> _Methods:
    named = _named(type(self), method_name, type(message))  # type: ignore[arg-type] # classes can be keys
    return _search(self, method_name, message) if named is None else _bound(self, named, message)


def search_once() -> None:
    """Search for the handlers of a message once for each class that receives it."""
    MessagePump._get_dispatch_methods = _methods  # type: ignore[method-assign] # noqa: SLF001
