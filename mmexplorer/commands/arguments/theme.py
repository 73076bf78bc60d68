"""`--theme`, an option of the program and of each command that shows a screen."""

from argparse import SUPPRESS, ArgumentParser

THEME_NAMES = ("dark", "light", "colour-blind", "ansi")
"""The themes of `ui/themes.py`, which is imported only to show a screen."""


def add_theme(parser: ArgumentParser) -> None:
    """Add the option; a command without it keeps the one given before the command."""
    parser.add_argument(
        "--theme",
        choices=THEME_NAMES,
        default=SUPPRESS,
        help="the colours of the screens; ansi: the terminal's own (default dark)",
    )
