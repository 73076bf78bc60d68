"""Lines of styled text: made, cleaned, wrapped, formatted, put into columns. Knows no subject."""
