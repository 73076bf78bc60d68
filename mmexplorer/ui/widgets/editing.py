"""The keys of an input, which take effect in the order they were typed, however fast."""

from textual.events import Key
from textual.widgets import Input


async def edits(line: Input, event: Key) -> bool:
    """Run an input's own binding of a key, such as Backspace; return False if it has none.

    Textual runs it only once the key has bubbled up through every parent: letters typed meanwhile would come first.
    """
    actions = [each.action for each in line._bindings.key_to_bindings.get(event.key, ())]  # noqa: SLF001 - nothing public has them
    return bool(actions) and await line.app.run_action(actions[0], line)
