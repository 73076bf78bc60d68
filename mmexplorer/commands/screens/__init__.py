"""Shared by the commands that open a screen: what it needs, and what it is composed of."""
