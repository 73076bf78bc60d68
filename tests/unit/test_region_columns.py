"""The columns of the Regions pane where it is narrow."""

from mmexplorer.present.region.table import REGION_COLUMNS
from mmexplorer.ui.widgets.table.layout import arrange, needs


def test_where_the_regions_are_squeezed_their_memory_stays() -> None:
    placed = arrange(REGION_COLUMNS, needs(REGION_COLUMNS).least).places
    assert [place.column.key for place in placed] == ["start", "size", "perm", "rss", "what"]
