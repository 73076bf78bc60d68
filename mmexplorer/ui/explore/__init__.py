"""Explore: processes, regions and ELF, side by side and live."""
