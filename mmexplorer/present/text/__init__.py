"""Lines of styled text: creating, cleaning, wrapping, formatting and columns. Independent of any subject."""
