"""A region as text, for Explore, the labs and the plain tables: its kind, name, counters, columns, address, changes."""
