"""Moments of the past on the Explore screen: looking back, comparing, and writing what is seen."""
