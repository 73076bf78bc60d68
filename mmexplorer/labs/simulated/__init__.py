"""Simulations for the labs whose subject the real kernel couldn't show."""
