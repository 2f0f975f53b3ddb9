"""The arithmetic of the reports: pure, each formula with its source, checked against SciPy."""
