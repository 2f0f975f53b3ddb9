"""Criteria that people suggest from their own pages, and what becomes of each.

Import direction: models <- asking, answering <- pages, admin.
"""
