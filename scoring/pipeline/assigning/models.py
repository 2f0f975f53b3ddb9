"""The models of assigning, and its place among the actions of automations."""

from scoring.automations.assigning import register_rules
from scoring.pipeline.assigning.by_rules import ByRules
from scoring.pipeline.assigning.rules import AssignmentRule

register_rules(ByRules())

__all__ = ["AssignmentRule"]
