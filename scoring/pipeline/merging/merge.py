"""Two contacts become one: everything of the one that goes is the other's, or kept to be undone."""

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact, EmailAlias, FieldChange, Merge
from contacts.models.merges import relations_to_contacts
from contacts.models.on_merge import Data, Move, dumped, plain
from contacts.models.teams import name_of
from contacts.provenance import quietly, recorded_as
from leadscoring.failpoints import failpoint
from scoring.pipeline.merging.fields import assign, united
from scoring.pipeline.merging.together import (
    Refused,
    in_one_transaction,
    lock_for_good,
    may_merge,
    score_anew,
)

# The field of the history by which a merge is told.
MERGED = "merged"


@dataclass(frozen=True)
class MergeContacts:
    """``taken``: the fields that the survivor gets from the other; see ``fields.united``.

    ``is_loud``: automations act upon what the score of the two together sets off. Otherwise
    that is held back, as after an import.
    """

    user: User
    survivor_id: int
    loser_id: int
    taken: Collection[str] = ()
    is_loud: bool = False

    def check(self) -> list[str]:
        """Why it cannot be done now, in words; empty where it can."""
        if self.survivor_id == self.loser_id:
            return [_("A contact cannot be merged with itself.")]
        wanted = {self.survivor_id, self.loser_id}
        seen = Contact.objects.visible_to(self.user).filter(pk__in=wanted)
        there = set(seen.values_list("pk", flat=True))
        return [why_gone(self.user, pk) for pk in sorted(wanted - there)]

    def execute(self, as_of: datetime | None = None) -> Merge:
        """Raises PermissionDenied or Refused, and has changed nothing then."""
        if not may_merge(self.user):
            raise PermissionDenied
        return in_one_transaction(lambda: self.do(as_of))

    def do(self, as_of: datetime | None) -> Merge:
        lock_for_good([self.survivor_id, self.loser_id])
        if reasons := self.check():
            raise Refused(reasons)
        survivor = Contact.objects.get(pk=self.survivor_id)
        loser = Contact.objects.get(pk=self.loser_id)
        origin = recorded_as(f"merge: {self.user.get_username()}")
        with origin, nullcontext() if self.is_loud else quietly():
            merge = self.unite(survivor, loser)
            score_anew([survivor.pk], not self.is_loud, as_of)
        failpoint("merge.before_commit")
        return merge

    def unite(self, survivor: Contact, loser: Contact) -> Merge:
        values = united(survivor, loser, self.taken)
        own_tags, other_tags = list(survivor.tags.all()), list(loser.tags.all())
        added = [tag for tag in other_tags if tag not in own_tags]
        profile = survivor.profile()
        changed = {name: [plain(profile.get(name)), plain(new)] for name, new in values.items()}
        kept = dumped(loser)
        rows = self.move_rows(survivor.pk, loser.pk)
        Contact.objects.filter(pk=loser.pk)._raw_delete(DEFAULT_DB_ALIAS)
        former = survivor.email if "email" in values else loser.email
        assign(survivor, values)
        survivor.save()
        if added:
            survivor.set_tags([*own_tags, *added])
        EmailAlias.objects.create(contact=survivor, address=former)
        told = {MERGED: (None, loser.email)}
        FieldChange.objects.bulk_create(FieldChange.of(told, contact_id=survivor.pk))
        return Merge.objects.create(
            contact=survivor,
            into_id=survivor.pk,
            merged_id=loser.pk,
            name=loser.full_name,
            address=loser.email,
            owner_norm=loser.owner_norm,
            merged=kept,
            rows=rows,
            before={"fields": changed, "tags": [tag.pk for tag in added], "alias": former},
            at=timezone.now(),
            by=self.user,
            username=self.user.get_username(),
        )

    def move_rows(self, survivor: int, loser: int) -> Data:
        """What became of the rows of the one that goes, by relation."""
        found: Data = {}
        for relation in relations_to_contacts():
            treatment = relation.treatment or Move()
            if data := treatment.unite(relation, loser, survivor):
                found[relation.key] = data
        return found


def why_gone(user: Any, contact_id: int) -> str:
    """Why a contact is not there for this person: merged, by whom, where they may know it."""
    merges = Merge.objects.standing().filter(merged_id=contact_id).select_related("by", "contact")
    merge = merges.visible_to(user).first()
    if merge is None:
        return _("One of the two contacts is not there any more, or it is somebody else's now.")
    return _("“%(name)s” was merged into “%(into)s” meanwhile, by %(who)s.") % {
        "name": merge.name or merge.address,
        "into": merge.contact.full_name or merge.contact.email,
        "who": name_of(merge.by) if merge.by else merge.username,
    }
