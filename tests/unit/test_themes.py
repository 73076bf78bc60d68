"""The themes: a colour for every tone, readable on its background; one theme is for the colour-blind."""

from itertools import combinations

import pytest

from mmexplorer.commands.arguments.theme import THEME_NAMES
from mmexplorer.commands.command_line import _parser
from mmexplorer.present.text.line import Tone
from mmexplorer.ui.themes import DEFAULT_THEME, THEMES, theme_name

Colour = tuple[float, float, float]
Matrix = tuple[Colour, Colour, Colour]

_SEES: dict[str, Matrix] = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""What the colour-blind see of linear RGB: Machado, Oliveira and Fernandes 2009, severity 1."""

TOLD_APART = (Tone.NORMAL, Tone.ADDED, Tone.REMOVED, Tone.CHANGED, Tone.ACCENT, Tone.WARN)


def linear(colour: str) -> Colour:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue))  # type: ignore[return-value]


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast according to WCAG 2, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, sees: Matrix) -> Colour:
    """Return a colour in CIELAB, as seen by the colour-blind."""
    r, g, b = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear(colour), strict=True)))) for row in sees)
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one: str, other: str, sees: Matrix) -> float:
    """Return the distance: 2 is just noticeable, 10 is obvious at a glance."""
    return float(sum((a - b) ** 2 for a, b in zip(seen(one, sees), seen(other, sees), strict=True)) ** 0.5)


def tones(short: str) -> dict[Tone, str]:
    theme = next(theme for theme in THEMES if theme.name == theme_name(short))
    return {tone: theme.variables[f"tone-{tone.value}"] for tone in Tone}


def test_the_option_names_the_themes_there_are() -> None:
    assert [theme_name(name) for name in THEME_NAMES] == [theme.name for theme in THEMES]
    assert theme_name("") == DEFAULT_THEME


@pytest.mark.parametrize("name", [name for name in THEME_NAMES if name != "ansi"])
def test_every_tone_is_read_on_its_background(name: str) -> None:
    background = next(theme for theme in THEMES if theme.name == theme_name(name)).background
    assert background is not None
    assert {tone: ratio for tone, c in tones(name).items() if (ratio := contrast(c, background)) < 4} == {}


@pytest.mark.parametrize("eyes", _SEES)
def test_the_colour_blind_tell_what_happened_from_the_rest(eyes: str) -> None:
    colours = tones("colour-blind")
    apart = {pair: distance(colours[pair[0]], colours[pair[1]], _SEES[eyes]) for pair in combinations(TOLD_APART, 2)}
    assert {pair: d for pair, d in apart.items() if d < 15} == {}
    assert distance(colours[Tone.ADDED], colours[Tone.ERROR], _SEES[eyes]) > 40, "right and wrong"


def test_red_and_green_would_not_do() -> None:
    usual = tones("dark")
    assert distance(usual[Tone.ADDED], usual[Tone.ERROR], _SEES["deuteranopia"]) < 15


@pytest.mark.parametrize(
    ("argv", "theme"),
    [
        (["--theme", "light"], "light"),
        (["--theme", "light", "lab", "mmap"], "light"),
        (["lab", "mmap", "--theme", "colour-blind"], "colour-blind"),
        (["--theme", "light", "lab", "--theme", "ansi"], "ansi"),
        (["open", "x.mmx", "--theme", "light"], "light"),
        (["lab"], ""),
        ([], ""),
    ],
)
def test_the_theme_is_named_before_or_after_the_command(argv: list[str], theme: str) -> None:
    assert _parser(argv).parse_args(argv).theme == theme


def test_a_theme_that_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _parser([]).parse_args(["--theme", "neon"])
    assert ended.value.code == 2
    assert "colour-blind" in capsys.readouterr().err
