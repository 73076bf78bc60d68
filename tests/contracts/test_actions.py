"""The registry of actions is correct: every action has its method, and no key has two meanings."""

import importlib
import inspect
from collections import Counter

import pytest
from textual.dom import DOMNode

from mmexplorer.present.explore.titles import READ_NOW
from mmexplorer.ui.app import MmexplorerApp
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.explore.tabs.bytes_tab import BytesTab
from mmexplorer.ui.explore.tabs.faults_tab import FaultsTab
from mmexplorer.ui.explore.tabs.pages_tab import PagesTab
from mmexplorer.ui.explore.tabs.walk_tab import WalkTab
from mmexplorer.ui.keys import ACTIONS, PLACES, Action
from mmexplorer.ui.modes import MODES
from mmexplorer.ui.system.charts import Charts
from mmexplorer.ui.system.free_table import FreeTable
from mmexplorer.ui.system.process_memory import ProcessMemoryScreen
from mmexplorer.ui.widgets.table.table import Table
from mmexplorer.ui.widgets.timeline_bar import TimelineBar


def _screen(mode: str) -> type[DOMNode]:
    """Return the screen class of a mode, named after its module."""
    found: type[DOMNode] = getattr(
        importlib.import_module(f"mmexplorer.ui.{mode}.screen"), f"{mode.capitalize()}Screen"
    )
    return found


_OWNERS: dict[str, type[DOMNode]] = {
    "everywhere": MmexplorerApp,
    **{mode.name: _screen(mode.name) for mode in MODES},
    "lab": ExploreScreen,
    "pages": PagesTab,
    "translation": WalkTab,
    "bytes": BytesTab,
    "faults": FaultsTab,
    "timeline": TimelineBar,
    "free": FreeTable,
    "charts": Charts,
    "process memory": ProcessMemoryScreen,
    "tables": Table,
}
"""The class with the methods of each place's actions."""

_TOGETHER = (
    *({"everywhere", mode.name} for mode in MODES),
    {"everywhere", "explore", "lab", "tables"},
    {"everywhere", "pages"},
    {"everywhere", "translation"},
    {"everywhere", "faults"},
    {"everywhere", "bytes", "tables"},
    {"everywhere", "timeline"},
    {"everywhere", "system", "free"},
    {"everywhere", "system", "charts"},
    {"process memory"},
)
"""The places whose keys work at the same time. The focused widget may give a key another meaning."""


def test_every_place_has_a_heading_and_an_owner() -> None:
    assert {action.where for action in ACTIONS} == set(PLACES) == set(_OWNERS)


def _declared(owner: type[DOMNode]) -> list[object]:
    """Return the bindings declared by a class and its bases."""
    return [binding for each in owner.__mro__ for binding in each.__dict__.get("BINDINGS", ())]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.where}-{action.name}")
def test_an_action_has_its_method_and_its_binding(action: Action) -> None:
    owner = _OWNERS[action.where]
    assert inspect.getdoc(getattr(owner, f"action_{action.method}"))
    assert action.binding() in _declared(owner)
    assert action.shown
    assert action.label
    assert action.help.endswith(".")


@pytest.mark.parametrize("places", _TOGETHER, ids=lambda places: "-".join(sorted(places)))
def test_no_key_is_bound_twice_where_it_works(places: set[str]) -> None:
    keys = Counter(key for action in ACTIONS if action.where in places for key in action.keys.split(","))
    assert [key for key, count in keys.items() if count > 1] == []


def test_each_place_is_among_those_that_are_compared() -> None:
    assert set().union(*_TOGETHER) == set(PLACES)


def test_the_title_names_the_key_that_reads_now() -> None:
    assert {action.shown for action in ACTIONS if action.name == "read_now"} == {READ_NOW}
