"""Who looks after a lead: the pool and what is taken from it, rules, and hand-overs in bulk."""
