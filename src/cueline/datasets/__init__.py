"""Data sets of the field, read as they are published."""
