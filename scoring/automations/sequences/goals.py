"""The goal of a sequence: conditions as in an automation, with this installation's fields."""

import logging
from collections.abc import Sequence as Many
from datetime import datetime

from scoring.automations.conditions import (
    MOST_CONDITIONS,
    ConditionTest,
    condition_data,
    read_condition,
    who_meets,
)
from scoring.automations.sequences.models import Sequence
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec
from scoring.criteria.installed import installed_fields

logger = logging.getLogger(__name__)

Goal = tuple[ConditionTest, ...]


def read_goal(node: Node, fields: Many[CustomFieldSpec]) -> Goal:
    """The conditions of a list; faults are noted at the node."""
    catalogue = Catalogue(fields)
    return tuple(read_condition(item, catalogue) for item in node.items(at_most=MOST_CONDITIONS))


def parse_goal(data: object) -> Goal:
    """Raises DocumentInvalid with every fault."""
    node = Node(data, "goal")
    goal = read_goal(node, installed_fields())
    if node.faults:
        raise DocumentInvalid(node.faults)
    return goal


def goal_data(goal: Goal) -> list[dict[str, object]]:
    return [condition_data(each) for each in goal]


def goal_sentences(data: object) -> list[str]:
    """In words; raises DocumentInvalid."""
    catalogue = Catalogue(installed_fields())
    return [each.sentence(catalogue) for each in parse_goal(data)]


def who_is_there(sequence: Sequence, contact_ids: Many[int], as_of: datetime) -> set[int]:
    """Of these contacts those who have reached the goal; nobody where there is none."""
    if not sequence.goal:
        return set()
    try:
        goal = parse_goal(sequence.goal)
    except DocumentInvalid:
        # A field was taken away; the sequence's page says so, and the rest goes on.
        logger.warning("The goal of the sequence %s can no longer be read.", sequence.pk)
        return set()
    return who_meets(goal, installed_fields(), contact_ids, as_of)
