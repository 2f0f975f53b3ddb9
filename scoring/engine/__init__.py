"""How a score is made: documents become queries, queries become stored scores.

compile (pure) <- write (the only writer) <- recompute, refresh <- sweep, publish; explain and
the dry run read what compile gives.
"""
