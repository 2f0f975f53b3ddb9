"""What the filters of a list of contacts or leads ask, as the condition of a segment.

Not every filter can be said so: a band is of one model and a search is for the eye. What is
left out is named, so that nobody takes a wider segment for the list that they saw.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.options import IS_FACETS_VAR
from django.contrib.admin.views.main import (
    ALL_VAR,
    ERROR_FLAG,
    ORDER_VAR,
    PAGE_VAR,
    SEARCH_VAR,
)
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import DIGITS_MOST, visible
from contacts.models import Company, Tag
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.segments import Segment

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Data = dict[str, Any]
# The value as it stands in the address, to a condition; None where it cannot be said.
Says = Callable[[HttpRequest, str], Data | None]

SEGMENT: Final = "segment"
# By the parameter of the filter; the titles are those that the filters have.
UNSAYABLE: Final[Mapping[str, "StrOrPromise"]] = {
    SEARCH_VAR: _("the search text"),
    "model": _("model"),
    "band": _("band"),
    "grade": _("grade"),
    "total_from": _("score"),
    "total_to": _("score"),
    "by_hand": _("band by hand"),
    "created_at_from": _("created"),
    "created_at_to": _("created"),
}
# Says that the address is a form's, which carries the filters of a list.
CARRIED: Final = "filters"
# What a list has in its address that narrows nothing.
NO_FILTERS: Final = {ALL_VAR, CARRIED, ERROR_FLAG, IS_FACETS_VAR, ORDER_VAR, PAGE_VAR}
NAME_MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list: what a segment can say of them, and the names of the others."""

    conditions: list[Data] = field(default_factory=list)
    left_out: list["StrOrPromise"] = field(default_factory=list)

    @property
    def condition(self) -> Data:
        """All of them; {} where none can be said."""
        if len(self.conditions) < 2:  # noqa: PLR2004
            return self.conditions[0] if self.conditions else {}
        return {"all": self.conditions}


def text(name: str, op: str) -> Says:
    return lambda request, given: {"field": name, "op": op, "value": given}


def flag(name: str) -> Says:
    """Of a yes or no; anything else says nothing."""
    ops = {"1": "is_true", "0": "is_false"}
    return lambda request, given: {"field": name, "op": ops[given]} if given in ops else None


def whose(request: HttpRequest, given: str) -> Data | None:
    """“Mine” is whoever saves it: a segment says the same to everybody."""
    found: dict[str, Data] = {
        "mine": {"field": "owner", "op": "equals", "value": request.user.get_username()},
        "pool": {"field": "owner", "op": "is_empty"},
    }
    return found.get(given)


def tags(request: HttpRequest, given: str) -> Data | None:
    asked = request.GET.getlist("tags__id__exact")
    names = list(Tag.objects.filter(pk__in=filter(is_id, asked)).values_list("name", flat=True))
    return {"field": "tags", "op": "has_any", "value": names} if names else None


def company(request: HttpRequest, given: str) -> Data | None:
    """By its domain, which is one company's; by its name where it has none."""
    seen: Any = visible(Company.objects.all(), request)
    found = seen.filter(pk=given).first() if is_id(given) else None
    if found is None:
        return None
    name = "domain" if found.domain else "name"
    return {"field": f"company.{name}", "op": "equals", "value": getattr(found, name)}


def segment(request: HttpRequest, given: str) -> Data | None:
    """A copy of what it says now."""
    found = chosen_segment(request)
    if found is None:
        return None
    try:
        found.read(installed_catalogue())
    except DocumentInvalid:
        return None
    return dict(found.condition)


def is_id(given: str) -> bool:
    return given.isascii() and given.isdecimal() and len(given) <= DIGITS_MOST


SAYABLE: Final[Mapping[str, tuple["StrOrPromise", Says]]] = {
    SEGMENT: (_("segment"), segment),
    "whose": (_("owner"), whose),
    "owner_name": (_("owner's user name"), text("owner", "contains")),
    "lifecycle__exact": (_("lifecycle"), text("lifecycle", "equals")),
    "country": (_("country"), text("country", "equals")),
    "source": (_("source"), text("source", "contains")),
    "tags__id__exact": (_("tags"), tags),
    "company__id__exact": (_("company"), company),
    "unsubscribed__exact": (_("unsubscribed"), flag("unsubscribed")),
    "bounced__exact": (_("bounced"), flag("bounced")),
}


def chosen_segment(request: HttpRequest) -> Segment | None:
    """The one that the list is filtered by, for whoever may look at segments."""
    wanted = request.GET.get(SEGMENT, "").replace("\0", "")
    if not wanted or not request.user.has_perm("scoring.view_segment"):
        return None
    return Segment.objects.filter(key=wanted).first()


def filters_of(request: HttpRequest) -> Filters:
    """What the address of a list asks."""
    found = Filters()
    for name, (title, says) in SAYABLE.items():
        given = request.GET.get(name, "").replace("\0", " ").strip()
        if not given:
            continue
        condition = says(request, given)
        if condition is None:
            found.left_out.append(title)
        else:
            found.conditions.append(condition)
    for name in asked(request):
        title = UNSAYABLE.get(name, name[:NAME_MOST])
        if name not in SAYABLE and title not in found.left_out:
            found.left_out.append(title)
    return found


def asked(request: HttpRequest) -> list[str]:
    """The parameters that narrow the list, also those of links that are no filter of it."""
    return [
        name for name, value in request.GET.items() if name not in NO_FILTERS and str(value).strip()
    ]
