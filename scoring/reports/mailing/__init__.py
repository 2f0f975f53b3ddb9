"""Reports by e-mail: on a schedule, before a meeting, or once to oneself.

Import direction: models <- letters, files <- sending <- jobs, pages; the weekly review has its
letter from here too.
"""
