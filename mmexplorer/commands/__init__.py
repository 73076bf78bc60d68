"""The plain subcommands, one module each: read once, print, exit. For JSON or tables none imports Textual."""
