from mmexplorer.commands.maps import SORTED_BY
from mmexplorer.commands.shared.maps_table import MAPS_COLUMNS
from mmexplorer.commands.shared.sorting import sort_keys


def test_the_orders_that_maps_offers_are_those_of_its_table() -> None:
    assert list(SORTED_BY) == sort_keys(MAPS_COLUMNS)
