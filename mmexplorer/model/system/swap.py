"""Swap areas, as `/proc/swaps` lists them."""

from mmexplorer.model.value import frozen


@frozen
class SwapArea:
    """One area. Sizes are bytes."""

    name: str
    """The device or file; not cleaned. The kernel escapes blanks as `\\040`, and so does this."""
    type: str
    """"partition" or "file"."""
    size: int
    used: int
    priority: int
    """The area with the highest number is filled first."""

    @property
    def compressed_memory(self) -> bool:
        """Whether it is zram: pages are compressed and stay in memory, so what it saves is less than what it holds."""
        return self.name.startswith("/dev/zram")
