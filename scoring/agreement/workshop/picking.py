"""A threshold is chosen: read from the form, written into the draft, kept with its reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict
from django.utils.translation import gettext

from contacts.values import Wrong, text
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.workshop.choices import Method, ThresholdChoice
from scoring.criteria.drafts import Draft, DraftBand

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

WHOLE: Final = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
REASON_MOST: Final = 2000


@dataclass
class Pick:
    """What was typed, right or wrong; ``faults``: name of an input -> what to do."""

    band: str
    threshold: str = ""
    method: str = ""
    reason: str = ""
    was: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_post(cls, post: QueryDict) -> "Pick":
        def given(name: str) -> str:
            return post.get(name, "").strip()

        return cls(
            given("band"), given("threshold"), given("method"), given("reason"), given("was")
        )

    @property
    def start(self) -> int:
        return int(self.threshold)

    def check(self, bands: Sequence[DraftBand]) -> bool:
        """Whether it can be written as it is; the faults are noted."""
        self.faults = {}
        if not WHOLE.fullmatch(self.threshold):
            self.faults["threshold"] = gettext("Write a whole number, such as 60.")
        elif fault := out_of_order(bands, self.band, self.start):
            self.faults["threshold"] = fault
        if self.method not in Method.values:
            self.faults["method"] = gettext("Choose how it was found.")
        try:
            if not text(self.reason, REASON_MOST):
                self.faults["reason"] = gettext("Say why, so that it can be agreed to.")
        except Wrong as wrong:
            self.faults["reason"] = str(wrong)
        return not self.faults


def out_of_order(bands: Sequence[DraftBand], name: str, start: int) -> str:
    """Why a band may not begin there, in words; empty where it may."""
    places = [place for place, band in enumerate(bands) if band.name == name]
    if not places or places[0] == 0:
        return gettext("The draft has no band of that name with a beginning.")
    said = {"band": name}
    below, above = bands[places[0] - 1], bands[places[0] + 1 : places[0] + 2]
    if below.start is not None and start <= below.start:
        said |= {"other": below.name, "start": str(below.start)}
        return gettext("“%(band)s” must begin above “%(other)s”, which begins at %(start)s.") % said
    if above and above[0].start is not None and start >= above[0].start:
        said |= {"other": above[0].name, "start": str(above[0].start)}
        return gettext("“%(band)s” must begin below “%(other)s”, which begins at %(start)s.") % said
    return ""


def write(
    pick: Pick,
    draft: Draft,
    user: "AbstractBaseUser | AnonymousUser",
    figures: dict[str, Any],
) -> ThresholdChoice | None:
    """Write it; None, with the fault noted, where the draft has changed meanwhile."""
    with draft.changing():
        bands = list(draft.bands.all())
        if not pick.check(bands):
            return None
        band = next(each for each in bands if each.name == pick.band)
        before = band.start
        if str("" if before is None else before) != pick.was:
            pick.faults["threshold"] = gettext(
                "Meanwhile somebody else has let it begin at %(start)s. Look again, and choose."
            ) % {"start": before}
            return None
        band.start = pick.start
        band.revision += 1
        band.save(update_fields=["start", "revision"])
        choice = ThresholdChoice.objects.create(
            model=draft.model,
            band=band.name,
            threshold=pick.start,
            before=before,
            method=pick.method,
            reason=pick.reason,
            figures=figures,
            user_id=user.pk,
            username=user.get_username(),
        )
        AuditEntry.objects.note(
            user,
            draft.model,
            Action.THRESHOLD,
            band=band.name,
            before=before,
            threshold=pick.start,
            method=pick.method,
            reason=pick.reason,
        )
    return choice
