"""Comparing and recording on the Explore screen."""
