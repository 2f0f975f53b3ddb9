"""The people of a report on what sales did: owners and users, by one name each."""

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.db.models import Case, Expression, IntegerField, Q, When
from django.db.models import Value as Constant
from django.utils.translation import gettext

from contacts.models.teams import name_of
from contacts.normalise import normalise
from scoring.reports.periods import Period


class People:
    """Names of owners, asked once; who is nobody's user is called as it is written."""

    def __init__(self) -> None:
        self.names = {normalise(user.username): name_of(user) for user in User.objects.all()}
        self.written: dict[str, str] = {}

    def key(self, owner: str) -> str:
        """The same for every way of writing an owner."""
        found = normalise(owner)
        self.written.setdefault(found, owner)
        return found

    def name(self, key: str) -> str:
        if not key:
            return gettext("nobody (the pool)")
        return self.names.get(key) or self.written.get(key) or key

    def sorted(self, keys: Iterable[str]) -> list[str]:
        """By name; the pool comes last."""
        return sorted(set(keys), key=lambda key: (not key, normalise(self.name(key)), key))


def place_in(pieces: Sequence[Period], column: str) -> Expression:
    """At which place of these pieces, one after the other, the instant in a column lies."""
    cases = [
        When(Q((f"{column}__lt", piece.end)), then=Constant(at)) for at, piece in enumerate(pieces)
    ]
    return Case(*cases, default=Constant(len(pieces)), output_field=IntegerField())
