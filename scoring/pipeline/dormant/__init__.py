"""Dormant opportunities: a good fit that was once warm, and has gone quiet.

Import direction: models <- finding <- deeds <- page, home.
"""
