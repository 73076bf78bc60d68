"""The Labs screen: predict, do, verify."""
