"""Labs: predict, do, verify."""
