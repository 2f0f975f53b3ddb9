"""Who may be the same person: found by indexes, and only among those whom a person sees."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, TextChoices, Value, When
from django.db.models.functions import Left, StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, NotDuplicate
from contacts.models.people import ContactQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

# Of one contact, and on a page of the list.
ALIKE_MOST: Final = 10
SHOWN_MOST: Final = 15
# So many ids at a time are looked through for the list.
WINDOW: Final = 5000

Reads = Callable[[str], Any]


class Likeness(TextChoices):
    PHONE = "phone", _("same phone number")
    NAME = "name", _("same name, at the same company or mail domain")
    LOCAL = "local", _("same address before the @, at the same company")


@dataclass(frozen=True, slots=True)
class Alike:
    """A contact that may be the same person, and why."""

    contact: Contact
    reasons: tuple[str, ...]


def alike_to(reads: Reads) -> Mapping[Likeness, Q]:
    """What a contact has in common with the one whose columns ``reads`` gives."""
    at = StrIndex(reads("email_key"), Value("@"))
    local, domain = Left(reads("email_key"), at), Substr(reads("email_key"), at)
    same_company = Q(company__isnull=False, company=reads("company_id"))
    same_name = Q(last_name_norm=reads("last_name_norm"), first_name_norm=reads("first_name_norm"))
    return {
        Likeness.PHONE: Q(phone_key=reads("phone_key")) & ~Q(phone_key=""),
        Likeness.NAME: same_name
        & ~Q(last_name_norm="")
        & (same_company | Q(email_key__endswith=domain)),
        Likeness.LOCAL: same_company & Q(email_key__startswith=local),
    }


def any_of(conditions: Mapping[Likeness, Q]) -> Q:
    found = Q()
    for condition in conditions.values():
        found |= condition
    return found


def alike(
    contact: Contact, user: "AbstractBaseUser | AnonymousUser", most: int = ALIKE_MOST
) -> list[Alike]:
    """Of those whom this person sees, the ones that were not told apart from this contact."""
    conditions = alike_to(lambda name: Value(getattr(contact, name)))
    if contact.company_id is None:
        conditions = {**conditions, Likeness.LOCAL: Q(pk__in=[])}
    seen = Contact.objects.visible_to(user).exclude(pk=contact.pk)
    rows = seen.filter(any_of(conditions)).exclude(pk__in=told_apart(contact))
    marked = rows.annotate(
        **{
            f"is_{name.value}": Case(
                When(condition, then=1), default=0, output_field=IntegerField()
            )
            for name, condition in conditions.items()
        }
    )
    found: Any = marked.select_related("company").order_by("-pk")[:most]
    return [Alike(row, tuple(reasons_of(row))) for row in found]


def reasons_of(row: Any) -> Iterator[str]:
    for name in Likeness:
        if getattr(row, f"is_{name.value}"):
            yield str(name.label)


def told_apart(contact: Contact) -> list[int]:
    pairs = NotDuplicate.objects.of(contact.pk).values_list("first_id", "second_id")
    return [second if first == contact.pk else first for first, second in pairs]


@dataclass(frozen=True, slots=True)
class Found:
    """Some contacts with those that are like them; ``next``: the id from which to go on."""

    pairs: list[tuple[Contact, list[Alike]]]
    next: int | None


def look_through(user: "AbstractBaseUser | AnonymousUser", start: int | None) -> Found:
    """The newest contacts up to an id that are like an older one, of a bounded number of ids."""
    newest = Contact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    top = min(start, newest) if start is not None else newest
    bottom = max(top - WINDOW, 0)
    seen = Contact.objects.visible_to(user)
    rows = with_an_older_one(seen.filter(pk__gt=bottom, pk__lte=top), seen)
    chosen = list(rows.select_related("company").order_by("-pk")[: SHOWN_MOST + 1])
    is_cut = len(chosen) > SHOWN_MOST
    pairs = [(contact, older(alike(contact, user), contact)) for contact in chosen[:SHOWN_MOST]]
    after = chosen[SHOWN_MOST].pk if is_cut else bottom
    return Found([pair for pair in pairs if pair[1]], after or None)


def with_an_older_one(rows: ContactQuerySet, seen: ContactQuerySet) -> ContactQuerySet:
    apart = Q(first=OuterRef("pk"), second=OuterRef(OuterRef("pk")))
    candidates = seen.filter(pk__lt=OuterRef("pk")).exclude(
        Exists(NotDuplicate.objects.filter(apart))
    )
    conditions = alike_to(lambda name: OuterRef(name))
    # One question each: by an index of its own.
    found = Q()
    for condition in conditions.values():
        found |= Q(Exists(candidates.filter(condition)))
    return rows.filter(found).annotate(newest=F("pk"))


def older(found: list[Alike], contact: Contact) -> list[Alike]:
    return [each for each in found if each.contact.pk < contact.pk]
