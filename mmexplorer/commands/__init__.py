"""The plain subcommands, one module each: read once, print, exit. None of them imports Textual for JSON or tables."""
