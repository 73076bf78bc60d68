"""The step of a lab: what is about to happen, the question, what happened; and the line in which a number is typed."""

from textual.app import ComposeResult
from textual.widgets import Input

from mmexplorer.labs.lab import Number
from mmexplorer.ui.widgets.lines import LinesFor, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.prompt import Prompt


class LabStep(Pane):
    """Shows text that the screen composes; a typed answer comes as `Prompt.Accepted`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: object = None

    def compose(self) -> ComposeResult:
        """Lay out the text above the line for an answer."""
        yield ScrolledLines(id="step-text")
        yield Prompt(id="answer")

    @property
    def prompt(self) -> Prompt:
        """The line for an answer."""
        return self.query_one(Prompt)

    def show(self, page: object, head: LinesFor, tail: LinesFor | None = None) -> None:
        """Show `head`, and `tail` under it; another `page` than before begins at the tail, if it has one."""
        changed, self._page = page != self._page, page
        text = self.query_one(ScrolledLines)
        if tail is None:
            text.show(head, reset=changed)
        else:
            below = tail
            text.show(lambda width: (*head(width), *below(width)), reset=changed, above=head)

    def ask(self, question: Number) -> None:
        """Let the person type a number."""
        if not self.prompt.is_open:
            label = f"your prediction, in {question.unit}:" if question.unit else "your answer:"
            self.prompt.ask("answer", label, "", "a whole number")

    def take_focus(self) -> None:
        """Give the focus to the line for an answer while it is open, else to the text."""
        self.screen.set_focus(self.query_one(Input if self.prompt.is_open else ScrolledLines))
