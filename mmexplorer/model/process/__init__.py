"""A process apart from its regions: its threads, what it has used, how it is protected, how it crashed."""
