"""The assignment rules as automations ask for them."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Team
from scoring.criteria.models import ScoringModel
from scoring.pipeline.assigning.choosing import stand_in_of
from scoring.pipeline.assigning.giving import give_by_rules
from scoring.pipeline.assigning.rules import AssignmentRule


class ByRules:
    def needed_rows(self) -> Sequence[tuple[type[Model], int]]:
        """Of every model's rules: an action does not know for which it will be asked."""
        rules = AssignmentRule.objects.kept().filter(active=True).exclude(team=None)
        return [(Team, pk) for pk in rules.order_by().values_list("team_id", flat=True).distinct()]

    def give(self, contact_id: int, model: ScoringModel, at: datetime, *, always: bool) -> str:
        choice = give_by_rules(contact_id, model, at, always=always)
        if isinstance(choice, str):
            return _("%(owner)s stays the owner.") % {"owner": choice}
        if choice.rule is None:
            return " ".join(choice.steps)
        facts = {"rule": choice.rule.name, "who": choice.who}
        return _("By the rule “%(rule)s”: %(who)s.") % facts

    def stand_in(self, user: User, at: datetime) -> User | None:
        return stand_in_of(user, at)

    def problems(self) -> list[str]:
        running = list(AssignmentRule.objects.kept().filter(active=True))
        if not running:
            return [_("There is no assignment rule that is on.")]
        found = [rule.problems(timezone.now()) for rule in running]
        return [] if not all(found) else [each for problems in found for each in problems]
