"""The pages of assigning: the pool, the rules, hand-overs, and the log of owners."""

from scoring.pipeline.assigning.admin import claims, hand_over, log, pool, rule_forms, rules

__all__ = ["claims", "hand_over", "log", "pool", "rule_forms", "rules"]
