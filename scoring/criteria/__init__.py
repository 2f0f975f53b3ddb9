"""What is scored: the model document, the fields and operators that it may use.

Reads ``contacts`` and nothing else of ``scoring``: ``engine`` and all later packages
build on this one.
"""
