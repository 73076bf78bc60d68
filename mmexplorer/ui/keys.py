"""The registry of keys, from which bindings, footer, help screen, command palette and README are generated."""

from textual.binding import Binding, BindingType

from mmexplorer.model.value import frozen
from mmexplorer.ui.modes import MODES


@frozen
class Action:
    """Something the user can do."""

    where: str
    """The screen or widget it belongs to: one of the keys of `PLACES`."""
    name: str
    """The method is `action_NAME` of that screen, widget or app."""
    keys: str
    """Textual's key names, separated by commas; the first one is shown."""
    shown: str
    """The keys as shown to the user: "Space", "↑ ↓ j k"."""
    label: str
    """A word or two, for the footer and the palette."""
    help: str
    """One sentence for the help screen and the README."""
    footer: bool = False
    """Whether to show it in the footer while it works."""

    @property
    def id(self) -> str:
        """Distinguishes it from actions of the same name elsewhere."""
        return f"{self.where}.{self.name}"

    @property
    def method(self) -> str:
        """The name without its arguments."""
        return self.name.partition("(")[0]

    def binding(self) -> Binding:
        """Return the action as a Textual binding."""
        return Binding(self.keys, self.name, self.label, show=self.footer, key_display=self.shown, id=self.id)


PLACES = {
    "everywhere": "Everywhere",
    "explore": "Explore",
    "lab": "The lab process, from Explore",
    "translation": "In the translation",
    "bytes": "In the bytes",
    "faults": "In the faults",
    "pages": "In the grid of pages",
    "timeline": "In the timeline, after a click",
    "system": "System",
    "free": "In the table of free",
    "charts": "In the charts",
    "process memory": "Over the memory of a process",
    "labs": "Labs",
    "tables": "In every table",
}


def _panes(where: str) -> tuple[Action, ...]:
    """Return the actions of a screen that has panes."""
    following = "Go to the next pane; a small screen shows one at a time."
    return (
        Action(where, "next_pane(1)", "tab", "Tab", "Next pane", following),
        Action(where, "next_pane(-1)", "shift+tab", "Shift+Tab", "Previous pane", "Go to the previous pane."),
    )


def _looking_back(where: str, *, footer: bool = False) -> tuple[Action, ...]:
    """Return the actions of a screen that shows past moments."""
    earlier = "Go back one moment; the whole screen shows it."
    oldest = "Go to the oldest moment; a click on the timeline goes to any."
    return (
        Action(where, "moment(-1)", "left_square_bracket", "[", "Earlier", earlier, footer),
        Action(where, "moment(1)", "right_square_bracket", "]", "Later", "Go forward one moment, up to now."),
        Action(where, "moment(-10)", "left_curly_bracket", "{", "Ten back", "Go back ten moments."),
        Action(where, "moment(10)", "right_curly_bracket", "}", "Ten later", "Go forward ten moments."),
        Action(where, "first_moment", "H", "H", "Oldest", oldest),
        Action(where, "now", "N", "N", "Now", "Return to now."),
    )


ACTIONS = (
    *(Action("everywhere", f"mode('{mode.name}')", mode.key, mode.key, mode.title, mode.help) for mode in MODES),
    Action("everywhere", "help", "question_mark", "?", "Help", "Show every key and what it does.", footer=True),
    Action("everywhere", "command_palette", "ctrl+p", "Ctrl+P", "Palette", "Find an action or a theme by name."),
    Action(
        "everywhere",
        "failures",
        "exclamation_mark",
        "!",
        "Report",
        "Show what went wrong in mmexplorer itself, if anything.",
    ),
    Action("everywhere", "suspend_process", "ctrl+z", "Ctrl+Z", "Suspend", "Return to the shell; fg comes back here."),
    Action("everywhere", "quit", "q,ctrl+q", "q", "Quit", "Quit; the lab process ends too.", footer=True),
    *_panes("explore"),
    Action("explore", "zoom", "z", "z", "Zoom", "Give the focused pane the whole width, or show all panes again."),
    Action(
        "explore",
        "filter",
        "slash",
        "/",
        "Filter",
        "Show only the processes or regions that match, as you type: text, perm:rw?p, kind:heap, path:libc, size>1M.",
        footer=True,
    ),
    Action(
        "explore",
        "go_to",
        "colon",
        ":",
        "Go to",
        "Find the region of an address: 0x7f..., decimal, or exe+0x1139.",
        footer=True,
    ),
    Action("explore", "clear", "escape", "Esc", "Clear", "Clear the filter; if there is none, leave the difference."),
    Action("explore", "sort", "s", "s", "Sort", "Choose the column to sort by; a click on a header sorts by it."),
    Action("explore", "sort_next(1)", "greater_than_sign", ">", "Next order", "Sort by the next visible column."),
    Action("explore", "sort_next(-1)", "less_than_sign", "<", "Previous order", "Sort by the previous visible column."),
    Action("explore", "reverse", "S", "S", "Reverse", "Reverse the order."),
    Action(
        "explore", "holes", "o", "o", "Holes", "Show the holes between regions, or the unchanged rows of a difference."
    ),
    Action("explore", "mark", "0", "0", "Mark", "Measure growth from this moment on."),
    Action("explore", "kernel_threads", "K", "K", "Kernel threads", "Show or hide the kernel's own threads."),
    Action("explore", "follow", "F", "F", "Follow", "When the process ends, go on with the next one of the same name."),
    Action(
        "explore",
        "sections",
        "e",
        "e",
        "Sections",
        "Switch the ELF pane: program headers, sections, symbols, dynamic section.",
    ),
    Action(
        "explore",
        "details",
        "d",
        "d",
        "Details",
        "Switch the details: Region, Changes, Process, Threads, Totals, Pages, Walk, Bytes, Security, Faults, Users,"
        " Lab calls.",
    ),
    Action(
        "explore",
        "users",
        "w",
        "w",
        "Who uses it",
        "List the processes that map the file behind the region, or hold it open; Enter goes to one.",
    ),
    Action("explore", "show('pages')", "p", "p", "Pages", "Show the pages of the region as a grid; z enlarges it."),
    Action("explore", "show('translation')", "T", "T", "Translation", "Draw how the address is translated."),
    Action("explore", "show('process')", "P", "P", "Process", "Show more about the process than its memory."),
    Action("explore", "show('security')", "y", "y", "Security", "Show what protects the process as it is mapped."),
    Action(
        "explore", "show('faults')", "f", "f", "Faults", "Trace where page faults happen; first says what that costs."
    ),
    Action("explore", "show('bytes')", "x", "x", "Bytes", "Show the bytes at the address; Enter follows a pointer."),
    Action("explore", "pause", "space", "Space", "Pause", "Pause refreshing, or continue.", footer=True),
    Action(
        "explore",
        "read_now",
        "r",
        "r",
        "Read",
        "Read everything now, smaps too, whatever it costs.",
    ),
    *_looking_back("explore", footer=True),
    Action("explore", "record", "R", "R", "Record", "Record to a file from now on; press again to stop."),
    Action("explore", "write_recent", "W", "W", "Write", "Write the last ten minutes to a file."),
    Action("explore", "mark_a", "a", "a", "A", "Remember what is shown as A, to compare with it later."),
    Action(
        "explore", "compare_with", "A", "A", "A from a file", "Compare with a capture, a core file, a text or a pid."
    ),
    Action(
        "explore",
        "compare",
        "b",
        "b",
        "B",
        "Show the difference between A and what is shown now; Esc returns.",
    ),
    Action("explore", "interval(-1)", "plus", "+", "Faster", "Refresh more often."),
    Action("explore", "interval(1)", "minus", "-", "Slower", "Refresh less often."),
    Action("explore", "back", "backspace", "Backspace", "Back", "Return to the previous process."),
    Action(
        "lab",
        "lab_map",
        "m",
        "m",
        "mmap",
        "Map memory in the lab process, which is started and selected first if need be.",
        footer=True,
    ),
    Action("lab", "lab_size", "M", "M", "mmap size", "Choose how much m maps: 100M, 64K, 2G."),
    Action("lab", "lab_touch", "t", "t", "Touch", "Write to each page of the next 10 MiB of the mapping.", footer=True),
    Action("lab", "lab_unmap", "u", "u", "Unmap", "Unmap the newest mapping.", footer=True),
    Action("translation", "sharers", "w", "w", "Who has it", "List the processes that map the same page frame."),
    Action(
        "bytes",
        "notation",
        "n",
        "n",
        "Notation",
        "Show the bytes as hexadecimal, words, pointers, strings or instructions.",
    ),
    Action("bytes", "return", "backspace", "Backspace", "Return", "Go back to where you followed a pointer from."),
    Action(
        "bytes", "search", "slash", "/", "Search", "Search resident memory: text, hex:7f 45, ptr:[heap]; Esc stops."
    ),
    Action("bytes", "stop", "escape", "Esc", "Stop", "Stop the search; then leave its results."),
    Action(
        "bytes",
        "fault_in",
        "X",
        "X",
        "Fault in",
        "Also read pages that are not resident: the process grows by each of them.",
    ),
    Action("faults", "trace", "f", "f", "Trace", "Record page faults for five seconds; press again to stop."),
    Action("faults", "stop", "escape", "Esc", "Stop", "Stop the trace and show what was recorded."),
    Action("pages", "step(-1,0)", "left,h", "← h", "Previous page", "Go to the previous cell."),
    Action("pages", "step(1,0)", "right,l", "→ l", "Next page", "Go to the next cell."),
    Action("pages", "step(0,-1)", "up,k", "↑ k", "Row above", "Go to the row above."),
    Action("pages", "step(0,1)", "down,j", "↓ j", "Row below", "Go to the row below."),
    Action("pages", "leaf(-1)", "pageup", "PgUp", "Previous part", "Show the previous part."),
    Action("pages", "leaf(1)", "pagedown", "PgDn", "Next part", "Show the next part."),
    Action("pages", "edge(0)", "home,g", "Home g", "First page", "Go to the first page of the region."),
    Action("pages", "edge(1)", "end,G", "End G", "Last page", "Go to the last page of the region."),
    Action("pages", "scale(1)", "i,plus", "i +", "Zoom in", "Zoom in: one cell stands for half as many pages."),
    Action("pages", "scale(-1)", "I,minus", "I -", "Zoom out", "Zoom out: one cell stands for twice as many pages."),
    Action("timeline", "step(-1)", "left,h", "← h", "Earlier", "Go back one moment.", footer=True),
    Action("timeline", "step(1)", "right,l", "→ l", "Later", "Go forward one moment, up to now.", footer=True),
    Action("timeline", "step(-10)", "pageup", "PgUp", "Ten back", "Go back ten moments."),
    Action("timeline", "step(10)", "pagedown", "PgDn", "Ten later", "Go forward ten moments."),
    Action("timeline", "oldest", "home,g", "Home g", "Oldest", "Go to the oldest moment.", footer=True),
    Action("timeline", "newest", "end,G", "End G", "Now", "Return to now.", footer=True),
    Action("timeline", "leave", "escape", "Esc", "Leave", "Go back to the pane.", footer=True),
    *_panes("system"),
    Action(
        "system",
        "unit",
        "u",
        "u",
        "Unit",
        "Change the unit of the free table: automatic, bytes, KiB, MiB, GiB, like its options -h -b -k -m -g.",
        footer=True,
    ),
    Action(
        "system", "report", "s", "s", "sar report", "Switch sar between -r memory, -S swap, -B paging.", footer=True
    ),
    Action("system", "why", "w", "w", "Why", "Explain why sar's kbmemused differs from free's used.", footer=True),
    Action(
        "system",
        "process_memory",
        "p",
        "p",
        "Process",
        "Break down the memory of the process under the ranking's cursor, or else the one chosen in Explore.",
        footer=True,
    ),
    Action("system", "details", "d", "d", "Details", "Switch between settings, score, kills, and pressure and limits."),
    Action("system", "pause", "space", "Space", "Pause", "Pause the screen, or continue.", footer=True),
    Action("system", "read_now", "r", "r", "Read", "Read everything now, the ranking too."),
    *_looking_back("system"),
    Action("free", "field(-1)", "left,h", "← h", "Previous figure", "Explain the figure to the left."),
    Action("free", "field(1)", "right,l", "→ l", "Next figure", "Explain the figure to the right."),
    Action("free", "row(1)", "down,j", "↓ j", "Swap", "Explain the figures of swap."),
    Action("free", "row(-1)", "up,k", "↑ k", "Memory", "Go back up to memory."),
    Action("charts", "look_back(1)", "left,h", "← h", "Look back", "Show the values of the previous reading."),
    Action("charts", "look_back(-1)", "right,l", "→ l", "Look forward", "Show the values of the next reading."),
    Action("charts", "look_back(10)", "pageup", "PgUp", "Ten back", "Show the values from ten readings earlier."),
    Action("charts", "look_back(-10)", "pagedown", "PgDn", "Ten forward", "Show the values from ten readings later."),
    Action("charts", "now", "escape,end", "Esc End", "Now", "Show the newest values again."),
    Action("process memory", "read_memory", "r", "r", "Read again", "Read its smaps again."),
    Action("process memory", "dismiss", "escape,q,p,enter", "Esc q p", "Close", "Go back to System."),
    Action("labs", "go", "enter", "Enter", "Go on", "Start the lab, do the step, go on to the next.", footer=True),
    Action(
        "labs",
        "choose(0)",
        "a",
        "a b c …",
        "Predict",
        "Predict that answer; you can change it until the step is done.",
        footer=True,
    ),
    Action("labs", "skip", "s", "s", "Skip", "Do the step without a prediction."),
    Action(
        "labs",
        "back",
        "backspace",
        "Backspace",
        "Back",
        "Look at the previous step, or in a lesson the previous stop.",
        footer=True,
    ),
    Action("labs", "restart", "r", "r", "Restart", "Restart the lab with a new process.", footer=True),
    Action("labs", "go_to", "g", "g", "Go to", "Go to a step, or in a lesson a stop, by number."),
    Action("labs", "notes", "n", "n", "Notes", "Show the teacher's notes for this step."),
    Action("labs", "zoom", "z", "z", "Large", "Show one pane with more space between the lines, for a projector."),
    Action("labs", "own_program", "v", "v", "Edit", "Edit a copy of the lab's C program and run it."),
    Action("labs", "glossary", "t", "t", "Terms", "Explain the terms on this screen.", footer=True),
    Action(
        "labs", "other_process", "o", "o", "Other process", "Show the map of the next process, if there are several."
    ),
    Action("labs", "auto", "p", "p", "Play by itself", "Let the lab play by itself, or stop that."),
    Action("labs", "faster", "plus", "+", "Faster", "Leave less time to read while the lab plays by itself."),
    Action("labs", "slower", "minus", "-", "Slower", "Leave more time to read while the lab plays by itself."),
    *_panes("labs"),
    Action("tables", "move(-1)", "up,k", "↑ k", "Up", "Move the cursor up; in a list of processes it chooses one."),
    Action("tables", "move(1)", "down,j", "↓ j", "Down", "Move the cursor down."),
    Action("tables", "page(-1)", "pageup", "PgUp", "Page up", "Move a page up."),
    Action("tables", "page(1)", "pagedown", "PgDn", "Page down", "Move a page down."),
    Action("tables", "page(-0.5)", "ctrl+u", "Ctrl+U", "Half a page up", "Move half a page up."),
    Action("tables", "page(0.5)", "ctrl+d", "Ctrl+D", "Half a page down", "Move half a page down."),
    Action("tables", "first", "home,g", "Home g", "First row", "Go to the first row."),
    Action("tables", "last", "end,G,shift+g", "End G", "Last row", "Go to the last row."),
    Action(
        "tables",
        "columns(-1)",
        "left,h",
        "← h",
        "Columns left",
        "Scroll back to the columns on the left; Shift+wheel does too.",
    ),
    Action(
        "tables",
        "columns(1)",
        "right,l",
        "→ l",
        "Columns right",
        "Scroll to the columns on the right, where the header ends in ›; Shift+wheel does too.",
    ),
    Action(
        "tables",
        "activate",
        "enter",
        "Enter",
        "Open",
        "Go from a process to its regions, from a region to its ELF file, from there to its place in memory.",
    ),
)


_NAMES = {action.shown: action.keys.partition(",")[0] for action in ACTIONS}


def key_name(shown: str) -> str:
    """Return Textual's name of a key as shown: "slash" for "/"."""
    return _NAMES.get(shown, shown.lower() if len(shown) > 1 else shown)


def bindings(*places: str) -> list[BindingType]:
    """Return the bindings of the actions that belong to `places`."""
    return [action.binding() for action in ACTIONS if action.where in places]
