"""The processes that map the file behind a region, or hold it open (`w` in Explore)."""

import asyncio

from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import MemorySource
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.region.users import asking_line, no_users_line, unseen_lines, users_lines
from mmexplorer.ui.explore.details import Details
from mmexplorer.ui.paned_screen import PanedScreen


class FileUsers:
    """Lists them in a tab of the details. Owned by the screen."""

    def __init__(self, screen: PanedScreen, source: MemorySource) -> None:
        self._screen = screen
        self._source = source

    async def list_users(self, space: AddressSpace, region: Region, page_size: int) -> None:
        """List the users; the tab says that asking all processes takes a while."""
        details = self._screen.query_one(Details)
        await details.show_tab("users")
        details.show_users([asking_line(region.path)], ())
        found = await asyncio.to_thread(self._source.users, space.process.key, region)
        if not self._screen.has_widgets:
            return
        if isinstance(found, Unavailable):
            details.show_users([no_users_line(region.path, found)], ())
        else:
            details.show_users([*users_lines(found, page_size), *unseen_lines(found.unseen, 1)], found.uses)
