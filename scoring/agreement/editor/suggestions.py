"""What has really been received, offered while a test of activities is written.

Only the newest activities are looked at, so that a table of millions answers at once.
"""

from collections import Counter
from typing import Any, Final

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse

from contacts.models import Activity, ActivityType, Target
from contacts.normalise import normalise
from contacts.values import KEY
from scoring.agreement.editor.desk import Desk, at_the_desk

NEWEST: Final = 5_000
MOST: Final = 20
# So many types and letters of a request are looked at.
MOST_TYPES: Final = 100
MOST_LETTERS: Final = 200


@at_the_desk("GET")
def suggest(desk: Desk, what: str) -> HttpResponse:
    """The options of a field: (value, how often it was received)."""
    if what not in SOURCES:
        raise Http404
    given = desk.request.GET
    types = [each for each in given.getlist("type") if KEY.fullmatch(each)][:MOST_TYPES]
    typed = normalise(given.get("typed", "")[:MOST_LETTERS].replace("\0", " "))
    key = given.get("key", "")[:MOST_LETTERS]
    found = SOURCES[what](types, key)
    options = [(value, count) for value, count in found.most_common() if typed in normalise(value)]
    if what == "targets" and len(options) < MOST:
        options += more_targets(typed, {value for value, _count in options})
    context = {"options": options[:MOST]}
    return TemplateResponse(desk.request, "scoring/editor/options.html", context)


def newest(types: list[str]) -> Any:
    found = Activity.objects.all()
    if types:
        ids = list(ActivityType.objects.known_ids(types).values())
        found = found.filter(type_id__in=ids)
    return found.order_by("-pk")[:NEWEST]


def targets(types: list[str], _key: str) -> Counter[str]:
    recent = Activity.objects.filter(pk__in=newest(types).values("pk"))
    counted = recent.values_list("target__text").annotate(times=Count("pk"))
    return Counter({text: times for text, times in counted if text})


def more_targets(typed: str, known: set[str]) -> list[tuple[str, int]]:
    """Targets that were received long ago, where something is typed that may be one."""
    if not typed:
        return []
    rows = Target.objects.filter(norm__contains=typed).values_list("text", flat=True)
    return [(text, 0) for text in rows.order_by("norm")[:MOST] if text not in known]


def keys(types: list[str], _key: str) -> Counter[str]:
    return Counter(key for each in properties(types) for key in each)


def values(types: list[str], key: str) -> Counter[str]:
    return Counter(shown(each[key]) for each in properties(types) if key in each)


def properties(types: list[str]) -> Any:
    return newest(types).values_list("properties", flat=True)


def shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


SOURCES: Final = {"targets": targets, "keys": keys, "values": values}
