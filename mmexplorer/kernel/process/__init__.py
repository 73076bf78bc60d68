"""Processes: finding them, listing them, and reading their address space."""
