"""Scenario cards: what-ifs as data, read, checked, applied and compared."""
