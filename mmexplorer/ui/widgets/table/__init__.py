"""The one table of the program: rows by key, painted line by line."""
