"""Arguments that several commands share, each with what it accepts."""
