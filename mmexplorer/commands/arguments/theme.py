"""`--theme`, of the program and of each command that shows a screen."""

from argparse import SUPPRESS, ArgumentParser

THEME_NAMES = ("dark", "light", "colour-blind", "ansi")
"""Those of `ui/themes.py`, which is only imported to show a screen."""


def add_theme(parser: ArgumentParser) -> None:
    """Declare it; a command that isn't given it leaves what stands before the command."""
    parser.add_argument(
        "--theme",
        choices=THEME_NAMES,
        default=SUPPRESS,
        help="the colours of the screens; ansi: the terminal's own (default dark)",
    )
