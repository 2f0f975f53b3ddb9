"""The meeting of both teams: what it looks at, its agenda, notes and decisions, its letter.

Import direction: models <- looking, minutes, deciding, writing <- filing, showing <- pages,
actions, jobs. The report itself is ``scoring.reports.kinds.review``.
"""
