"""Everything about one lead in one line, newest first: each kind is a module, found by walking.

Import direction: base <- the kinds <- reading, which merges them.
"""
