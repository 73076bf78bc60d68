"""Swap areas, as listed in `/proc/swaps`."""

from mmexplorer.model.value import frozen


@frozen
class SwapArea:
    """One area. Sizes are bytes."""

    name: str
    r"""The device or file; not cleaned. Blanks are escaped as `\040`, as in the kernel's file."""
    type: str
    """"partition" or "file"."""
    size: int
    used: int
    priority: int
    """The area with the highest priority is filled first."""

    @property
    def compressed_memory(self) -> bool:
        """Whether it is zram: pages are compressed but stay in memory, so it saves less than it holds."""
        return self.name.startswith("/dev/zram")
