"""The queue of keys and mouse events; a flood of them is thinned out before it reaches the app."""

import re
import threading
from collections import deque

from textual.events import Key, MouseDown, MouseEvent, MouseMove, MouseUp, Resize
from textual.message import Message

PASTE_AT_MOST = 1 << 12
"""Characters accepted from a paste: more than any filter needs."""
_KEYS_AT_MOST = 1 << 8
"""Nobody types that far ahead; a paste that the terminal doesn't mark as one arrives as keys."""
_MOUSE_AT_MOST = 64
_FLOOD = 512
"""Characters in one read."""
_BEGIN = 64
"""Characters kept of a longer run typed at once."""
_TYPED = re.compile(f"[^\x1b]{{{_FLOOD},}}")
_MOUSE = r"\x1b\[<{};-?\d+;-?\d+[Mm]"
_ANY = _MOUSE.format(r"\d+")
_MOVE_AND_MOVE = re.compile(_MOUSE.format(r"(3[2-9]|[45]\d|6[0-3])") + r"(?=\x1b\[<\1;)")
"""A mouse move followed by another with the same buttons and keys down (xterm's "SGR" reports)."""
_MANY = re.compile(f"((?:{_ANY}){{{_MOUSE_AT_MOST}}})(?:{_ANY})*({_ANY})")
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"
_PASTE_EDGE = re.compile(r"\x1b(\[(2(01?)?)?)?\Z")
"""The beginning of the end mark, which may continue in the next read."""


class Waiting:
    """Filled by the reading thread, emptied by the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque()
        self._keys = self._mouse = 0
        self._left_out: set[int] = set()

    def put(self, message: Message) -> bool:
        """Add a message unless there are too many; return whether it must be delivered at once."""
        with self._lock:
            last = self._messages[-1] if self._messages else None
            if _replaces(message, last):
                self._messages[-1] = message
            elif self._has_room(message):
                self._messages.append(message)
                self._keys += isinstance(message, Key)
                self._mouse += isinstance(message, MouseEvent)
        return not isinstance(message, MouseEvent | Resize)

    def _has_room(self, message: Message) -> bool:
        if isinstance(message, Key):
            return self._keys < (_KEYS_AT_MOST if message.is_printable else 2 * _KEYS_AT_MOST)
        if isinstance(message, MouseUp) and message.button in self._left_out:
            self._left_out.discard(message.button)
            return False
        room = not isinstance(message, MouseEvent) or isinstance(message, MouseUp) or self._mouse < _MOUSE_AT_MOST
        if isinstance(message, MouseDown) and not room:
            self._left_out.add(message.button)
        return room

    def take(self, most: int) -> list[Message]:
        """Remove and return the first `most` messages."""
        with self._lock:
            messages = [self._messages.popleft() for _ in range(min(most, len(self._messages)))]
            self._keys -= sum(isinstance(message, Key) for message in messages)
            self._mouse -= sum(isinstance(message, MouseEvent) for message in messages)
            return messages


def _replaces(message: Message, last: Message | None) -> bool:
    """Return whether a message makes the last one obsolete: a newer mouse position, or a newer screen size."""
    if isinstance(message, MouseMove) and isinstance(last, MouseMove):
        return message.button == last.button
    return isinstance(message, Resize) and isinstance(last, Resize)


class Thinner:
    """Drops most of a flood of mouse events, or of an unmarked paste, before each character is parsed."""

    def __init__(self) -> None:
        self._typing_flood = False

    def thin(self, text: str) -> str:
        """Return the part of the next text read that is to be parsed."""
        if len(text) <= _FLOOD:
            self._typing_flood = False
            return text
        text = _TYPED.sub(self._begin, text)
        self._typing_flood = "\x1b" not in text
        return _MANY.sub(r"\1\2", _MOVE_AND_MOVE.sub("", text))

    def _begin(self, typed: re.Match[str]) -> str:
        """Keep the beginning of a flood, and nothing of its continuation."""
        return "" if self._typing_flood and typed.start() == 0 else typed[0][:_BEGIN]


class PasteCutter:
    """Passes on the beginning of a paste and drops the rest; other text goes through `Thinner`."""

    def __init__(self) -> None:
        self._thinner = Thinner()
        self._room: int | None = None
        """Characters of the current paste that may still pass; None outside a paste."""
        self._before = ""
        """The end of the last read: a partial start mark, already passed on, or a partial end mark, held back."""

    def cut(self, text: str) -> str:
        """Return the part of the next text read that is to be parsed."""
        kept = []
        while text:
            part, text = self._outside(text) if self._room is None else self._inside(text, self._room)
            kept.append(part)
        return "".join(kept)

    def _outside(self, text: str) -> tuple[str, str]:
        before, found, _ = (self._before + text).partition(_PASTE_START)
        if not found:
            self._before = (self._before + text)[1 - len(_PASTE_START) :]
            return self._thinner.thin(text), ""
        end = len(before) + len(found) - len(self._before)
        self._room, self._before = PASTE_AT_MOST, ""
        return self._thinner.thin(text[:end]), text[end:]

    def _inside(self, text: str, room: int) -> tuple[str, str]:
        pasted, found, rest = (self._before + text).partition(_PASTE_END)
        edge = None if found else _PASTE_EDGE.search(pasted)
        self._before = pasted[edge.start() :] if edge else ""
        pasted = pasted.removesuffix(self._before)
        self._room = None if found else max(0, room - len(pasted))
        return pasted[:room] + found, rest
