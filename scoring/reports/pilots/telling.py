"""Who decides on a pilot hears of its last look: once, in words, with the way to its report."""

from typing import Final

from django.contrib.auth.models import User
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from scoring.agreement.sides import people_with
from scoring.agreement.told import tell_people
from scoring.engine.pilots.models import Pilot
from scoring.reports.pilots.actions import PERMISSION, VIEW
from scoring.reports.pilots.models import PilotLook
from scoring.reports.pilots.words import report_of, result_of_look

TITLES: Final[dict[str, Promise]] = {
    PilotLook.Said.KEEP: _("The pilot of version %(number)d of “%(model)s” says: keep it"),
    PilotLook.Said.WORSE: _("The pilot of version %(number)d of “%(model)s” says: drop it"),
    PilotLook.Said.NO_DIFFERENCE: _("The pilot of version %(number)d of “%(model)s” says: drop it"),
}


def tell_of(look: PilotLook) -> None:
    """In the transaction that takes a final look: of a pilot there is but one."""
    pilot = look.pilot
    tell_people(
        who_hears(pilot),
        f"pilot:{pilot.pk}",
        report_of(pilot),
        TITLES[look.said],
        lazy(words_of, str)(look),
        number=pilot.version.number,
        model=pilot.model.name,
    )


def who_hears(pilot: Pilot) -> list[User]:
    """Who may plan and stop one, and whoever planned this one and may still see it."""
    found = people_with(PERMISSION)
    planner = pilot.created_by
    if planner and planner.is_active and planner.has_perm(VIEW) and planner not in found:
        return [*found, planner]
    return found


def words_of(look: PilotLook) -> str:
    result = result_of_look(look)
    return f"{result.headline} {result.more}"
