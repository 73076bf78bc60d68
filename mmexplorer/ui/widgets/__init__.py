"""The widgets, one per module."""
