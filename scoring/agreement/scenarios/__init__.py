"""Scenarios: example contacts, edited as cards and scored while one types.

Import direction: cards, tries <- examples, copies <- page, lead_section.
"""
