"""A merge is undone: the merged contact is there again, with its id and what was its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.admin.sections import field_label
from contacts.models import Company, Contact, EmailAlias, FieldChange, Merge
from contacts.models.history import same
from contacts.models.merges import relations_to_contacts
from contacts.models.on_merge import Move, Relation, plain, restore
from contacts.models.people import sees_everybody
from contacts.models.teams import name_of
from contacts.normalise import email_key, normalise
from contacts.provenance import quietly, recorded_as
from leadscoring.failpoints import failpoint
from scoring.pipeline.merging.fields import assign
from scoring.pipeline.merging.merge import MERGED
from scoring.pipeline.merging.together import (
    Refused,
    in_one_transaction,
    lock_for_good,
    may_merge,
    score_anew,
)


@dataclass
class Undone:
    """``remarks``: what is not again as it was, in words."""

    contact: Contact
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UndoMerge:
    """What has changed since the merge stays with the survivor, and is told."""

    user: User
    merge_id: int

    def merge(self) -> Merge | None:
        rows = Merge.objects.visible_to(self.user).select_related("contact", "by")
        return rows.filter(pk=self.merge_id).first()

    def check(self) -> list[str]:
        """Why it cannot be done now, in words; empty where it can."""
        merge = self.merge()
        if merge is None:
            return [_("The contact is not there any more, or it is somebody else's now.")]
        if merge.undone_at is not None:
            return [_("This merge was undone already, by %(who)s.") % {"who": merge.undone_by}]
        return [*self.not_for_them(merge), *self.overtaken(merge), *self.address_taken(merge)]

    def not_for_them(self, merge: Merge) -> Iterator[str]:
        own = ("", normalise(self.user.get_username()))
        if not sees_everybody(self.user) and merge.owner_norm not in own:
            yield _("The merged contact was a colleague's: ask them, or your manager.")

    def overtaken(self, merge: Merge) -> Iterator[str]:
        if merge.contact_id != merge.into_id:
            later = Merge.objects.standing().filter(merged_id=merge.into_id).first()
            name = (later.name or later.address) if later else f"#{merge.into_id}"
            yield _("“%(name)s” was merged itself later; undo that first.") % {"name": name}

    def address_taken(self, merge: Merge) -> Iterator[str]:
        """Its address is nobody's but the survivor's: its own, a former one, or free."""
        found = Contact.objects.with_email([merge.address]).exclude(pk=merge.contact_id)
        if found.exists():
            facts = {"address": merge.address}
            yield _("The address %(address)s is another contact's by now.") % facts
        elif self.address_left(merge) is None:
            yield _("No address would be left for the other contact; give it one first.")

    def address_left(self, merge: Merge) -> str | None:
        """What the survivor's address will be: the one it has, or a former one of its own."""
        survivor, key = merge.contact, email_key(merge.address)
        if survivor.email_key != key:
            return survivor.email
        before = merge.before["fields"].get("email", [""])[0]
        wanted = [before, *survivor.aliases.values_list("address", flat=True)]
        there = set(survivor.aliases.values_list("key", flat=True))
        usable = (each for each in wanted if email_key(each) in there and email_key(each) != key)
        return next(usable, None)

    def execute(self, as_of: datetime | None = None) -> Undone:
        """Raises PermissionDenied or Refused, and has changed nothing then."""
        if not may_merge(self.user):
            raise PermissionDenied
        return in_one_transaction(lambda: self.do(as_of))

    def do(self, as_of: datetime | None) -> Undone:
        # Twice: who has it now may be another one by the time that it is locked.
        found = self.merge()
        lock_for_good([found.contact_id, found.merged_id] if found else [])
        reasons = self.check()
        merge = self.merge()
        if reasons or merge is None or found is None or merge.contact_id != found.contact_id:
            raise Refused(reasons or [_("The contact is not there any more.")])
        with recorded_as(f"merge undone: {self.user.get_username()}"), quietly():
            undone = self.part(merge)
            score_anew([merge.contact_id, merge.merged_id], True, as_of)
        failpoint("merge.before_commit")
        return undone

    def part(self, merge: Merge) -> Undone:
        survivor = Contact.objects.get(pk=merge.contact_id)
        remarks = [*self.give_back_fields(merge, survivor)]
        restore(Relation(Contact, ""), [merge.merged])
        contact = Contact.objects.get(pk=merge.merged_id)
        if merge.merged.get("company_id") and contact.company_id is None:
            remarks.append(_("Its company was removed meanwhile."))
        remarks += self.give_back_rows(merge)
        told = FieldChange.of({MERGED: (merge.address, None)}, contact_id=survivor.pk)
        FieldChange.objects.bulk_create(told)
        Merge.objects.filter(pk=merge.pk).update(
            undone_at=timezone.now(), undone_by=name_of(self.user)
        )
        return Undone(contact, remarks)

    def give_back_fields(self, merge: Merge, survivor: Contact) -> Iterator[str]:
        """The survivor's fields are again as before, but those that have changed since."""
        left = self.address_left(merge)
        alias_keys = {email_key(merge.address), email_key(left or "")}
        EmailAlias.objects.filter(contact=survivor, key__in=alias_keys).delete()
        now, kept = survivor.profile(), []
        values: dict[str, Any] = {} if left is None else {"email": left}
        for name, (before, after) in merge.before["fields"].items():
            if name == "email":
                continue
            if not same(plain(now.get(name)), after):
                kept.append(name)
            else:
                values[name] = as_value(name, before)
        assign(survivor, values)
        survivor.save()
        added = set(merge.before["tags"])
        if added:
            survivor.set_tags([tag for tag in survivor.tags.all() if tag.pk not in added])
        if kept:
            names = ", ".join(sorted(field_label(name) for name in kept))
            text = _("Changed since the merge, and left as it is: %(fields)s.")
            yield text % {"fields": names}

    def give_back_rows(self, merge: Merge) -> Iterator[str]:
        lost = 0
        for relation in relations_to_contacts():
            if not (data := merge.rows.get(relation.key)):
                continue
            treatment = relation.treatment or Move()
            missing = treatment.part(relation, data, merge.merged_id, merge.contact_id)
            lost += missing if treatment.is_told else 0
        if lost:
            yield ngettext(
                "%(count)d thing of it was removed or given to somebody else since.",
                "%(count)d things of it were removed or given to somebody else since.",
                lost,
            ) % {"count": lost}


def as_value(name: str, kept: Any) -> Any:
    """A kept value of the survivor's as its column has it; a company that is gone is none."""
    if name == "created_at" and isinstance(kept, str):
        return parse_datetime(kept)
    if name == "company_id" and kept and not Company.objects.filter(pk=kept).exists():
        return None
    return kept
