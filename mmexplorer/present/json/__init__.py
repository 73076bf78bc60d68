"""The documents of --json."""
