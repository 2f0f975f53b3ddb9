"""What time alone changes: contacts whose score may differ because a cut-off moved on.

No expiry is stored. For every window and step of the live rules the activities and fields
that its cut-off passed since the last sweep are a short range of an index; their contacts
are marked pending, and the refresh does the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import Activity, ActivityType, Contact, Pending
from scoring.criteria.conditions import Condition, moments
from scoring.criteria.document import AbsenceTest, ActivityRule, ModelDocument, ProfileTest, Rule
from scoring.criteria.fields import Catalogue, Field, FieldKind
from scoring.criteria.moments import DayBound, InstantBound, Moment
from scoring.engine.models import Track
from scoring.engine.worth import steps

# Ranges that one query looks through at once.
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Watched:
    """A moving instant that passes activities of a type, or values of a field of contacts."""

    moment: Moment
    type: str = ""
    field: Field | None = None


CREATED_AT = Catalogue(()).field("created_at")


def watched(document: ModelDocument) -> set[Watched]:
    """All moving instants at which some contact's score can change by itself."""
    found: set[Watched] = set()
    if document.audience:
        found.update(of_condition(document.audience, document.catalogue))
    for rule in document.rules:
        found.update(of_rule(rule, document.catalogue))
    return found


def of_condition(condition: Condition, catalogue: Catalogue) -> Iterator[Watched]:
    for field, moment in moments(condition, catalogue):
        yield Watched(moment, field=field)


def of_rule(rule: Rule, catalogue: Catalogue) -> Iterator[Watched]:
    if isinstance(rule.test, ProfileTest):
        yield from of_condition(rule.test.when, catalogue)
        return
    if isinstance(rule.test, AbsenceTest):
        types = rule.test.absent.types
        cut_offs = [Moment(rule.test.duration)]
        yield Watched(cut_offs[0], field=CREATED_AT)
    else:
        types, cut_offs = rule.test.activity.types, list(of_activity(rule, rule.test))
    # As_of itself: what lay in the future when it was stored begins to count.
    for moment in [Moment(), *cut_offs]:
        for slug in types:
            yield Watched(moment, type=slug)


def of_activity(rule: Rule, test: ActivityRule) -> Iterator[Moment]:
    if test.expires:
        yield Moment(test.expires)
    if test.decay:
        yield from (step.after for step in steps(rule.points, test.decay))


def due(document: ModelDocument, since: datetime, until: datetime) -> set[int]:
    """Ids of the contacts that an instant passed after ``since`` and not after ``until``.

    Those whose score differs are among them, and seldom many others.
    """
    all_watched = watched(document)
    types = dict(ActivityType.objects.values_list("slug", "pk"))
    passed: dict[int, list[Q]] = {}
    for one in all_watched:
        if one.type in types:
            span = passed_between("occurred_at", InstantBound(one.moment), since, until)
            passed.setdefault(types[one.type], []).append(span)
    found: set[int] = set()
    for type_id, spans in passed.items():
        activities = Activity.objects.order_by().filter(type=type_id, automated=False)
        for at in range(0, len(spans), AT_ONCE):
            chosen = activities.filter(either(spans[at : at + AT_ONCE]))
            found.update(chosen.values_list("contact_id", flat=True).distinct())
    fields = [(one.field, one.moment) for one in all_watched if one.field]
    # The date of creation has an index; all the others share one look at every contact.
    created = [pair for pair in fields if pair[0] == CREATED_AT]
    for pairs in (created, [pair for pair in fields if pair[0] != CREATED_AT]):
        found.update(contacts_passed(pairs, since, until))
    return found


def either(spans: Iterable[Q]) -> Q:
    found = Q()
    for span in spans:
        found |= span
    return found


def passed_between(
    column: str, bound: InstantBound | DayBound, since: datetime, until: datetime
) -> Q:
    """Values of a column after the bound at ``since`` and not after it at ``until``.

    Bound as PostgreSQL takes it: Django itself adapts what it compares.
    """
    low, high = (bound.bind(at, "postgresql") for at in (since, until))
    if high == "-infinity":
        return Q(pk__in=[])
    before = Q(**{f"{column}__lte": high})
    return before if low == "-infinity" else before & Q(**{f"{column}__gt": low})


def contacts_passed(
    fields: Sequence[tuple[Field, Moment]], since: datetime, until: datetime
) -> Iterable[int]:
    """Contacts of which a moment has passed the value of a field."""
    if not fields:
        return ()
    names = {field: f"watched_{at}" for at, field in enumerate(dict(fields))}
    spans = []
    for field, moment in fields:
        by_day = field.kind is FieldKind.DATE
        bound = DayBound(moment) if by_day else InstantBound(moment)
        spans.append(passed_between(names[field], bound, since, until))
    contacts = Contact.objects.order_by().annotate(
        **{name: field.expression for field, name in names.items()}
    )
    return contacts.filter(either(spans)).values_list("pk", flat=True)


def sweep(as_of: datetime | None = None) -> int:
    """Mark the contacts pending that time has reached on any track; how many."""
    until = as_of or timezone.now()
    tracks = Track.objects.computed().values_list("pk", flat=True)
    return sum(sweep_track(pk, until) for pk in tracks)


def sweep_track(track_id: int, until: datetime) -> int:
    with transaction.atomic():
        locked = Track.objects.select_for_update(of=("self",)).select_related("version")
        track = locked.filter(pk=track_id).first()
        # None where it was that of a pilot, which has just ended.
        if track is None or until <= track.swept_at:
            return 0
        found = due(track.version.document_value, track.swept_at, until)
        Pending.objects.mark(sorted(found), Pending.Cause.TIME)
        track.swept_at = until
        track.save(update_fields=["swept_at"])
    return len(found)
