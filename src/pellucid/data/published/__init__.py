"""Data sets that everybody knows, by name, and the format of some."""
