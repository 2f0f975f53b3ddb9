"""What managers do with assignment rules: each change under one lock, and told if too late."""

from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.pipeline.assigning.claiming import NotPossible
from scoring.pipeline.assigning.rules import AssignmentRule

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

CHANGE: Final = "scoring.change_assignmentrule"
ADD: Final = "scoring.add_assignmentrule"
DELETE: Final = "scoring.delete_assignmentrule"
DEEDS: Final = {
    "up": gettext_lazy("is asked earlier"),
    "down": gettext_lazy("is asked later"),
    "on": gettext_lazy("is on"),
    "off": gettext_lazy("is off"),
    "delete": gettext_lazy("is deleted"),
    "restore": gettext_lazy("is there again"),
}


class Rules:
    """The list of rules in the hands of one person."""

    def __init__(self, user: "User | AbstractBaseUser | AnonymousUser") -> None:
        self.user = cast(User, user)

    def may(self, deed: str) -> bool:
        return self.user.has_perm(DELETE if deed in ("delete", "restore") else CHANGE)

    def do(self, deed: str, pk: int) -> AssignmentRule:
        """Raises PermissionDenied, AssignmentRule.DoesNotExist, or KeyError for no deed."""
        told = DEEDS[deed]
        if not self.may(deed):
            raise PermissionDenied
        with transaction.atomic():
            # All of them: the order is of all, and two who move at once must not mix it up.
            rules = list(AssignmentRule.objects.select_for_update().order_by("position", "pk"))
            rule = next((each for each in rules if each.pk == pk), None)
            if rule is None or (rule.deleted_at is not None) != (deed == "restore"):
                raise AssignmentRule.DoesNotExist(str(told))
            if deed in ("up", "down"):
                self.move(rule, [each for each in rules if each.deleted_at is None], deed)
            elif deed in ("on", "off"):
                rule.active = deed == "on"
            else:
                rule.deleted_at = timezone.now() if deed == "delete" else None
            self.keep(rule)
        return rule

    @staticmethod
    def move(rule: AssignmentRule, shown: list[AssignmentRule], deed: str) -> None:
        at = shown.index(rule)
        to = at + (-1 if deed == "up" else 1)
        if not 0 <= to < len(shown):
            return
        shown[at], shown[to] = shown[to], shown[at]
        for place, each in enumerate(shown):
            if each.position != place:
                AssignmentRule.objects.filter(pk=each.pk).update(position=place)
                each.position = place

    def keep(self, rule: AssignmentRule) -> None:
        rule.revision += 1
        rule.changed_by = self.user
        rule.save()

    def store(self, rule: AssignmentRule, values: dict[str, Any], looked_at: int) -> AssignmentRule:
        """A new rule comes last. ``looked_at``: the revision that the form began with.

        Raises PermissionDenied, AssignmentRule.DoesNotExist or NotPossible.
        """
        if not self.user.has_perm(ADD if rule._state.adding else CHANGE):
            raise PermissionDenied
        with transaction.atomic():
            rows = AssignmentRule.objects.select_for_update(of=("self",))
            if not rule._state.adding:
                rule = rows.select_related("changed_by").get(pk=rule.pk, deleted_at=None)
                if rule.revision != looked_at:
                    facts = {"who": str(rule.changed_by or "?"), "said": rule.sentence()}
                    told = _("Meanwhile %(who)s has changed this rule to: %(said)s.")
                    raise NotPossible(told % facts)
            else:
                last = AssignmentRule.objects.aggregate(last=Max("position"))["last"]
                rule.position = 0 if last is None else last + 1
            for name, value in values.items():
                setattr(rule, name, value)
            self.keep(rule)
        return rule
