"""The line at the bottom for typing a filter, an address or a size, with an error message beside it."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.events import Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.paint import content
from mmexplorer.ui.widgets.editing import runs


class _Line(Input):
    """The input. Each key takes effect before the next; after Enter, only once its reply has left the prompt open."""

    def __init__(self, prompt: "Prompt") -> None:
        super().__init__(select_on_focus=False)
        self._prompt = prompt

    async def on_key(self, event: Key) -> None:
        """Let the prompt handle Enter, Esc, and keys that arrive after it was closed."""
        if self._prompt.takes(event) or await runs(self, event):
            event.stop()
            event.prevent_default()


class Prompt(Horizontal):
    """Hidden until `ask` is called; Enter accepts, Esc cancels."""

    DEFAULT_CSS = """
    Prompt {
        height: 1;
        display: none;
        &.-open { display: block; }
        Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; &:focus { border: none; } }
        .prompt--label { width: auto; padding: 0 1; color: $text-accent; text-style: bold; }
        .prompt--note { width: auto; max-width: 70%; padding: 0 1; }
    }
    """
    BINDINGS = [Binding("escape", "give_up", "Leave it", key_display="Esc")]

    class Accepted(Message):
        """Enter was pressed."""

        def __init__(self, subject: str, value: str) -> None:
            super().__init__()
            self.subject = subject
            self.value = value

    class Changed(Message):
        """The text changed."""

        def __init__(self, subject: str, value: str) -> None:
            super().__init__()
            self.subject = subject
            self.value = value

    class GivenUp(Message):
        """Esc was pressed: the previous value applies again."""

        def __init__(self, subject: str, value: str) -> None:
            super().__init__()
            self.subject = subject
            self.value = value
            """The text when the prompt was opened."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subject = ""
        self._value = ""
        self._reported = ""
        """The last text posted to the screen."""
        self._before: Widget | None = None
        self._deciding = False
        """Whether Enter or Esc was pressed and the screen hasn't decided yet whether the prompt closes."""
        self._ahead: list[Key] = []
        """Keys typed since then."""

    def compose(self) -> ComposeResult:
        """Lay out label, input and note."""
        yield Static(classes="prompt--label", markup=False)
        yield _Line(self)
        yield Static(classes="prompt--note", markup=False)

    @property
    def is_open(self) -> bool:
        """Whether the prompt is open."""
        return self.has_class("-open")

    def ask(self, subject: str, label: str, value: str, placeholder: str) -> None:
        """Open the prompt; the messages carry `subject`."""
        self._subject, self._value, self._reported = subject, value, value
        if self.screen.focused is not self._input:
            self._before = self.screen.focused
        self.query_one(".prompt--label", Static).update(label)
        self._input.placeholder = placeholder
        self.add_class("-open")
        self.screen.add_class("-asking")
        with self.prevent(Input.Changed):
            self._input.value = value
        self._input.cursor_position = len(value)
        self.note("")
        self.screen.set_focus(self._input)

    @property
    def subject(self) -> str:
        """The last subject asked about."""
        return self._subject

    @property
    def value_before(self) -> str:
        """The text when the prompt was opened."""
        return self._value

    def note(self, text: str) -> None:
        """Show an error message, or clear it with ""."""
        self.query_one(".prompt--note", Static).update(content(self, line(span(text, Tone.ERROR))))

    def close(self) -> None:
        """Hide the prompt and return the focus."""
        self.remove_class("-open")
        self.screen.remove_class("-asking")
        self.screen.set_focus(self._before)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Post the typed text."""
        event.stop()
        value = self._input.value  # of many letters at once the screen needs only the last state
        if self.is_open and not self._deciding and value != self._reported:
            self._reported = value
            self.post_message(self.Changed(self._subject, value))

    def takes(self, event: Key) -> bool:
        """Return whether the prompt handles a key instead of the input."""
        if self._deciding or not self.is_open:
            self._ahead.append(event)
            if not self._deciding:
                self._type_ahead()
        elif event.key == "enter":
            self._accept()
        elif event.key == "escape":
            self.action_give_up()
        else:
            return False
        return True

    def _accept(self) -> None:
        """Let the screen decide whether the prompt closes; keys typed until then wait."""
        self._reported = self._input.value
        self._ask_screen(self.Accepted(self._subject, self._reported))

    def _ask_screen(self, message: Message) -> None:
        self._deciding = True
        self.post_message(message)
        self._follow(self.ancestors_with_self[:-1])

    def _follow(self, nodes: list[DOMNode]) -> None:
        """Follow a message through the queues up to the screen, which has handled it by then."""
        node, *above = nodes
        if above:
            node.call_later(self._follow, above)
        else:
            node.call_later(self._type_ahead)

    def _type_ahead(self) -> None:
        """Send the waiting keys to whatever has the focus now."""
        self._deciding = False
        ahead, self._ahead = self._ahead, []
        for key in ahead:
            self.app.post_message(Key(key.key, key.character))

    def action_give_up(self) -> None:
        """Post `GivenUp` (Esc); the screen closes the prompt once the previous value applies."""
        self._ask_screen(self.GivenUp(self._subject, self._value))
