"""Captures and core files as text: moments, threads, differences, growth."""
