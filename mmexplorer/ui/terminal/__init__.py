"""The terminal: set up, always restored, and read and written without blocking."""
