"""Segments in the conditions of automations and of goals: whoever is in one at that moment."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from scoring.automations.models import Automation
from scoring.automations.sequences.models import Sequence
from scoring.criteria.segments import Segment


class Use(NamedTuple):
    """Something that asks who is in a segment."""

    what: str
    url: str


def uses_of(segment: Segment) -> list[Use]:
    """The automations and sequences that name the segment now."""
    return [
        *(
            Use(
                _("the automation “%(name)s”") % {"name": automation.name},
                reverse("admin:scoring_automation_change", args=[automation.pk]),
            )
            for automation in Automation.objects.filter(
                version__document__contains=f'"segment":"{segment.key}"'
            ).order_by("name")
        ),
        *(
            Use(
                _("the goal of the sequence “%(name)s”") % {"name": sequence.name},
                reverse("admin:scoring_sequence_change", args=[sequence.pk]),
            )
            for sequence in Sequence.objects.exclude(goal=[]).order_by("name")
            if segment.key in named_in(sequence.goal)
        ),
    ]


def named_in(goal: object) -> set[str]:
    conditions = goal if isinstance(goal, list) else []
    return {str(each.get("segment")) for each in conditions if isinstance(each, dict)}
