"""The prompt at the bottom of Explore: what it asks for, and who handles the answer."""

from collections.abc import Callable, Mapping

from textual.screen import Screen

from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.prompt import Prompt

_FILTER_EXAMPLES = {
    "processes": "text   user:root   rss>100M   state:D   perm:wx   path:libcrypto   deleted",
    "difference": "text   kind:heap   path:libc   rss>1M   size<0   rss.b>10M   !kind:file",
    "regions": "text   perm:rw?p   kind:heap   path:libc   size>1M   rss>0   !kind:file",
}
_ADDRESS_EXAMPLES = "7f3a4c1d0bc8   139888   exe+0x1139   0x7f3a4c1d0000+0x10   [heap]+8   libc.so.6@0x1cf8d0"
_PATTERN_EXAMPLES = "text   hex:7f 45 4c 46   ptr:[heap]"
_SIZE_EXAMPLES = "100M   64K   2G   4096"

Answer = Callable[[str], str]
"""Handles an answer; returns an error message, or ""."""


class Questions:
    """Dispatches answers. A subject not in `answers` is the filter of the list it names. Owned by the screen."""

    def __init__(self, screen: Screen[None], answers: Mapping[str, Answer], filtered: Callable[[], object]) -> None:
        """Keep `filtered`, which is called when a filter of the processes is accepted."""
        self._screen = screen
        self._answers = answers
        self._filtered = filtered

    @property
    def _prompt(self) -> Prompt:
        return self._screen.query_one(Prompt)

    def _list(self, name: str) -> ListPane:
        return self._screen.query_one(f"#{name}", ListPane)

    def ask_filter(self, pane: ListPane) -> None:
        """Ask for a list filter."""
        self._prompt.ask(str(pane.id), "/", pane.query_text, _FILTER_EXAMPLES[str(pane.id)])

    def ask_address(self) -> None:
        """Ask for an address."""
        self._prompt.ask("address", ":", "", _ADDRESS_EXAMPLES)

    def ask_pattern(self) -> None:
        """Ask what to search the memory for."""
        self._prompt.ask("search", "search", "", _PATTERN_EXAMPLES)

    def ask_size(self, size: str) -> None:
        """Ask how much to map; `size` is the current value."""
        self._prompt.ask("size", "mmap size", size, _SIZE_EXAMPLES)

    def type(self, event: Prompt.Changed) -> None:
        """Apply the filter while it is typed."""
        error = self._list(event.subject).ask(event.value) if event.subject in _FILTER_EXAMPLES else None
        self._prompt.note(f"at {error.position + 1}: {error.sentence}" if error else "")

    def accept(self, event: Prompt.Accepted) -> None:
        """Handle the answer; an error is shown beside the text."""
        answer = self._answers.get(event.subject)
        wrong = answer(event.value) if answer else self._apply_filter(self._list(event.subject), event.value)
        if wrong:
            self._prompt.note(wrong)
        else:
            self._prompt.close()

    def give_up(self, event: Prompt.GivenUp) -> None:
        """Restore the previous filter, and close the prompt."""
        if event.subject in _FILTER_EXAMPLES:
            self._list(event.subject).ask(event.value)
        self._prompt.close()

    def _apply_filter(self, pane: ListPane, text: str) -> str:
        """Apply the final filter; if it is of the processes, show the one under the cursor. Return an error, or "".

        Terms that only processes have, such as `user:root`, typed among the regions, filter the processes.
        """
        error, processes = pane.ask(text), self._list("processes")
        if error is not None and pane is not processes and processes.understands(text):
            pane.ask(self._prompt.value_before)
            return self._apply_filter(processes, text)
        if error is not None:
            return error.sentence
        if pane is processes:
            self._filtered()
        return ""
