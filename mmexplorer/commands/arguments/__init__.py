"""Arguments shared by several commands, with their parsers."""
