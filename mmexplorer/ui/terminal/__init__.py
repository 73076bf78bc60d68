"""The terminal: taken, given back whatever happens, read and written without ever being waited for."""
