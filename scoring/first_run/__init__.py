"""The first steps of a new installation, on pages: language, people, hours, a model, data.

How far somebody got is nowhere stored: it is read off what there is. So every step can be
skipped, done elsewhere, and taken up again.
"""
