"""A region as text, for Explore, the labs and the plain tables: kind, name, counters, columns, address, changes."""
