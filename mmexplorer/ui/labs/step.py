"""The step of a lab: what is about to happen, the question, the outcome; and the prompt for a number."""

from textual.app import ComposeResult
from textual.widgets import Input

from mmexplorer.labs.lab import Number
from mmexplorer.present.labs.page import LabPage, happened_lines, page_lines, page_title
from mmexplorer.present.text.wrap import spaced_out
from mmexplorer.ui.widgets.lines import ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.prompt import Prompt

GO_TO = "go to"
"""The subject of the prompt when it doesn't ask for an answer."""


class LabStep(Pane):
    """Shows a page of a lab; a typed answer is posted as `Prompt.Accepted`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._key: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the text above the prompt."""
        yield ScrolledLines(id="step-text")
        yield Prompt(id="answer")

    @property
    def prompt(self) -> Prompt:
        """The prompt for an answer."""
        return self.query_one(Prompt)

    def show(self, shown: LabPage, *, spaced: bool = False) -> None:
        """Show a page; a new page starts with its outcome in view, if it has one.

        `spaced`: with an empty row between the lines.
        """
        another, self._key = (spaced, *shown.key) != self._key, (spaced, *shown.key)
        space = spaced_out if spaced else tuple
        self.query_one(ScrolledLines).show(
            lambda width: space((*page_lines(shown, width), *happened_lines(shown, width))),
            reset=another,
            above=lambda width: space(page_lines(shown, width)) if happened_lines(shown, width) else (),
        )
        self.set_title(*page_title(shown))

    def ask(self, question: Number) -> None:
        """Ask for a number."""
        if not self.prompt.is_open:
            label = f"your prediction, in {question.unit}:" if question.unit else "your answer:"
            self.prompt.ask("answer", label, "", "a whole number")

    def ask_where(self, what: str, most: int) -> None:
        """Ask for the number of a step or a stop, from 1 to `most`."""
        self.prompt.ask(GO_TO, f"go to {what}:", "", f"1 to {most}")

    def take_focus(self) -> None:
        """Focus the prompt while it is open, else the text."""
        self.screen.set_focus(self.query_one(Input if self.prompt.is_open else ScrolledLines))
