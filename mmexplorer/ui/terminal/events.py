"""What was typed and clicked and is not yet looked at: a flood of it is thinned out before it gets to the app."""

import re
import threading
from collections import deque

from textual.events import Key, MouseDown, MouseEvent, MouseMove, MouseUp, Resize
from textual.message import Message

PASTE_AT_MOST = 1 << 16
"""Characters of a paste that are taken in: more than any filter needs."""
_KEYS_AT_MOST = 1 << 12
_MOUSE_AT_MOST = 64
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"
_PASTE_EDGE = re.compile(r"\x1b(\[(2(0([01](~)?)?)?)?)?\Z")
"""The begin of a mark that may go on in what is read next."""


class Waiting:
    """Filled by the thread that reads, emptied by the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque()
        self._keys = self._mouse = 0
        self._left_out: set[int] = set()

    def put(self, message: Message) -> bool:
        """Add a message, unless there are too many; give whether it is urgent: not just another one of its kind."""
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
            return self._keys < _KEYS_AT_MOST
        if isinstance(message, MouseUp) and message.button in self._left_out:
            self._left_out.discard(message.button)
            return False
        room = not isinstance(message, MouseEvent) or isinstance(message, MouseUp) or self._mouse < _MOUSE_AT_MOST
        if isinstance(message, MouseDown) and not room:
            self._left_out.add(message.button)
        return room

    def take(self) -> list[Message]:
        """Give all that is waiting, in order."""
        with self._lock:
            messages = list(self._messages)
            self._messages.clear()
            self._keys = self._mouse = 0
            return messages


def _replaces(message: Message, last: Message | None) -> bool:
    """Whether a message says all that the one before it said: where the mouse is now, how large the screen is now."""
    if isinstance(message, MouseMove) and isinstance(last, MouseMove):
        return message.button == last.button
    return isinstance(message, Resize) and isinstance(last, Resize)


class PasteCutter:
    """Lets through the begin of what is pasted and not the rest, before each character of it is looked at."""

    def __init__(self) -> None:
        self._room: int | None = None
        """Characters of the paste under way that still go through; None outside of one."""
        self._held = ""

    def cut(self, text: str) -> str:
        """Give what is to be looked at of the next text that was read."""
        text = self._held + text
        edge = _PASTE_EDGE.search(text) if len(text) > 1 else None
        self._held = text[edge.start() :] if edge and self._room is not None else ""
        text = text.removesuffix(self._held)
        kept = []
        while text:
            mark = _PASTE_START if self._room is None else _PASTE_END
            before, found, text = text.partition(mark)
            kept.append(before if self._room is None else before[: self._room])
            kept.append(found)
            if found:
                self._room = PASTE_AT_MOST if self._room is None else None
            elif self._room is not None:
                self._room = max(0, self._room - len(before))
        return "".join(kept)
