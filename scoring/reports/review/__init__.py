"""The meeting of both teams: what it looks at, its agenda, notes and decisions, its letter.

Import direction: models <- deciding, writing <- pages, jobs. The report itself is
``scoring.reports.kinds.review``.
"""
