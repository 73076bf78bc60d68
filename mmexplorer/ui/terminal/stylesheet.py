"""Parses each source of styles once."""

from textual.css.stylesheet import Stylesheet


class ParsedOnce(Stylesheet):
    """Keeps what was parsed while the colours stay; Textual's own parses everything thrice until the first picture."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take on other colours."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Take in the sources that came; a mistake in one leaves the rules as they were."""
        self.parse()
