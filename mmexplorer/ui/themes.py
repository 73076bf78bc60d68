"""Our themes, with a colour for every tone: dark, light, colour-blind, and the terminal's own sixteen colours."""

from textual.theme import Theme

from mmexplorer.present.text.line import Tone

_DARK = {
    Tone.NORMAL: "#c3c9d2",
    Tone.DIM: "#76808d",
    Tone.BRIGHT: "#f2f4f7",
    Tone.ACCENT: "#7ab8ff",
    Tone.WARN: "#e8b563",
    Tone.ERROR: "#f0788c",
    Tone.ADDED: "#8fd694",
    Tone.REMOVED: "#d98a96",
    Tone.CHANGED: "#e8d08a",
    Tone.CODE: "#7fa7d1",
    Tone.RODATA: "#8ba0b5",
    Tone.DATA: "#90b983",
    Tone.HEAP: "#d3b06b",
    Tone.STACK: "#c792b9",
    Tone.ANON: "#a7b3bf",
    Tone.FILE: "#74b0ad",
    Tone.SHARED: "#ab98d4",
    Tone.GUARD: "#8c7a76",
    Tone.KERNEL: "#c48a78",
    Tone.PAST: "#f0a040",
}

_LIGHT = {
    Tone.NORMAL: "#2f3640",
    Tone.DIM: "#69727e",
    Tone.BRIGHT: "#0b0e12",
    Tone.ACCENT: "#0b5cad",
    Tone.WARN: "#96530a",
    Tone.ERROR: "#b0202f",
    Tone.ADDED: "#1c6b27",
    Tone.REMOVED: "#8f4d4d",
    Tone.CHANGED: "#7a5600",
    Tone.CODE: "#2a5d94",
    Tone.RODATA: "#4e657d",
    Tone.DATA: "#3a682c",
    Tone.HEAP: "#7c5a0c",
    Tone.STACK: "#86427a",
    Tone.ANON: "#565c63",
    Tone.FILE: "#1d6865",
    Tone.SHARED: "#5f479b",
    Tone.GUARD: "#6d5852",
    Tone.KERNEL: "#8c4730",
    Tone.PAST: "#a03c00",
}

_COLOUR_BLIND = {
    Tone.NORMAL: "#c9ced6",
    Tone.DIM: "#868e99",
    Tone.BRIGHT: "#ffffff",
    Tone.ACCENT: "#9fc5ff",
    Tone.WARN: "#ffb000",
    Tone.ERROR: "#ff6a1f",
    Tone.ADDED: "#2f9bff",
    Tone.REMOVED: "#d9803c",
    Tone.CHANGED: "#f5e663",
    Tone.CODE: "#6ea8e8",
    Tone.RODATA: "#93a5b8",
    Tone.DATA: "#4fc9a4",
    Tone.HEAP: "#e0b040",
    Tone.STACK: "#e0a0c8",
    Tone.ANON: "#aab4c0",
    Tone.FILE: "#7fd0e8",
    Tone.SHARED: "#b9a6ff",
    Tone.GUARD: "#948480",
    Tone.KERNEL: "#d08a60",
    Tone.PAST: "#ffb000",
}
"""Blue against orange and yellow, distinct also to eyes that lack one kind of cone; red and green carry no meaning."""

_ANSI = {
    Tone.NORMAL: "ansi_default",
    Tone.DIM: "ansi_bright_black",
    Tone.BRIGHT: "ansi_default",
    Tone.ACCENT: "ansi_bright_blue",
    Tone.WARN: "ansi_yellow",
    Tone.ERROR: "ansi_red",
    Tone.ADDED: "ansi_green",
    Tone.REMOVED: "ansi_red",
    Tone.CHANGED: "ansi_yellow",
    Tone.CODE: "ansi_blue",
    Tone.RODATA: "ansi_cyan",
    Tone.DATA: "ansi_green",
    Tone.HEAP: "ansi_yellow",
    Tone.STACK: "ansi_magenta",
    Tone.ANON: "ansi_default",
    Tone.FILE: "ansi_cyan",
    Tone.SHARED: "ansi_bright_magenta",
    Tone.GUARD: "ansi_bright_black",
    Tone.KERNEL: "ansi_red",
    Tone.PAST: "ansi_yellow",
}


def _variables(colours: dict[Tone, str]) -> dict[str, str]:
    all_of_them = {**colours, Tone.OLDER: colours[Tone.DIM]}
    return {f"tone-{tone.value}": colour for tone, colour in all_of_them.items()}


_PREFIX = "mmexplorer-"
DEFAULT_THEME = f"{_PREFIX}dark"


def theme_name(short: str) -> str:
    """Return Textual's name of one of our themes: "mmexplorer-light" for "light"; the default for ""."""
    return f"{_PREFIX}{short}" if short else DEFAULT_THEME


def short_name(theme: Theme) -> str:
    """Return "light" for "mmexplorer-light"."""
    return theme.name.removeprefix(_PREFIX)


def _dark(name: str, colours: dict[Tone, str], primary: str) -> Theme:
    """Return a theme on the dark background; Textual's own elements use the colours of the tones."""
    accent = colours[Tone.ACCENT]
    return Theme(
        name=name,
        primary=primary,
        secondary="#5b6b80",
        accent=accent,
        warning=colours[Tone.WARN],
        error=colours[Tone.ERROR],
        success=colours[Tone.ADDED],
        foreground=colours[Tone.NORMAL],
        background="#12151a",
        surface="#171b21",
        panel="#1d222a",
        variables={
            **_variables(colours),
            "border": accent,
            "border-blurred": "#333b47",
            "footer-background": "#171b21",
            "footer-key-foreground": accent,
            "scrollbar": "#333b47",
            "scrollbar-background": "#12151a",
            "scrollbar-corner-color": "#12151a",
        },
    )


THEMES = (
    _dark(DEFAULT_THEME, _DARK, "#4c7fb8"),
    Theme(
        name="mmexplorer-light",
        dark=False,
        primary="#0b5cad",
        secondary="#5b6b80",
        accent="#0b5cad",
        warning="#96610a",
        error="#b3203d",
        success="#1f7a2e",
        foreground="#2f3640",
        background="#fbfbf9",
        surface="#f3f3ef",
        panel="#e9e9e4",
        variables={
            **_variables(_LIGHT),
            "border": "#0b5cad",
            "border-blurred": "#c4c8cd",
            "footer-background": "#f3f3ef",
            "footer-key-foreground": "#0b5cad",
        },
    ),
    _dark("mmexplorer-colour-blind", _COLOUR_BLIND, "#2f6fb8"),
    Theme(
        name="mmexplorer-ansi",
        ansi=True,
        primary="ansi_blue",
        secondary="ansi_cyan",
        accent="ansi_cyan",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables={
            **_variables(_ANSI),
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "border": "ansi_cyan",
            "border-blurred": "ansi_bright_black",
        },
    ),
)
