"""What is done with saved views on every page that has some: named, renamed, refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from leadscoring.saved.models import NAME_MOST, QUERY_MOST, Saved

# So long an address our server takes, with the page before it; no page has asked a longer one.
ADDRESS_MOST: Final = 4000
Row = TypeVar("Row", bound=Saved)
# What is said of it may name the view.
Deed = Callable[[HttpRequest, Row], str]


class Refused(Exception):
    """Nothing is changed; the message says why."""


def given_name(request: HttpRequest) -> str:
    """Raises Refused."""
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    if not name:
        raise Refused(gettext("Give the view a name."))
    if len(name) > NAME_MOST:
        said = gettext("A name has %(most)d letters at most.")
        raise Refused(said % {"most": NAME_MOST})
    return name


def wrongly_asked() -> Refused:
    return Refused(gettext("What is asked has a mistake; correct it, and save it then."))


def whole(query: str) -> str:
    """Raises Refused for more than a view keeps: cut off it would be another question."""
    if len(query) > QUERY_MOST:
        raise wrongly_asked()
    return query


def shown_again(query: str) -> str:
    """What the page asks after a refusal: the same, or nothing where no address is so long."""
    return query if len(query) <= ADDRESS_MOST else ""


def store(view: Saved, fields: Sequence[str] | None = None) -> None:
    """``fields``: what of it is new. Raises Refused where its author has another of this name."""
    taken = Refused(gettext("There is a view “%(name)s” already.") % {"name": view.name})
    if view.is_taken():
        raise taken
    try:
        with transaction.atomic():
            view.save(update_fields=fields)
    except IntegrityError:
        raise taken from None


def changeable(request: HttpRequest, view: Saved) -> None:
    """Raises PermissionDenied."""
    if not view.may_be_changed_by(request.user):
        raise PermissionDenied


def rename(request: HttpRequest, view: Saved) -> str:
    changeable(request, view)
    view.name, view.is_shared = given_name(request), "is_shared" in request.POST
    store(view, ["name", "is_shared"])
    return gettext("The view is called “%(name)s” now.")


def delete(request: HttpRequest, view: Saved) -> str:
    changeable(request, view)
    view.delete()
    return gettext("The view “%(name)s” is deleted.")


def do(request: HttpRequest, view: Row, deeds: Mapping[str, Deed[Row]], name: str) -> None:
    """Raises Http404 for a deed that there is not."""
    if name not in deeds:
        raise Http404
    try:
        said = deeds[name](request, view)
    except Refused as refused:
        messages.error(request, str(refused))
        view.refresh_from_db()
    else:
        messages.success(request, said % {"name": view.name})
