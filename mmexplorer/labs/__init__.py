"""The experiments of the memory chapter, as data."""
