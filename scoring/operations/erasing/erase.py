"""Erasing a contact: everything personal goes in one transaction, and the sums of the past stay."""

import json
import logging
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contacts.models import Contact
from contacts.normalise import email_key
from leadscoring.failpoints import failpoint
from scoring.agreement.audit import Action, AuditEntry
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Cause
from scoring.engine.refresh import Reason, refresh_each
from scoring.operations.erasing.closing import close
from scoring.operations.erasing.emptying import empty_activities, empty_messages
from scoring.operations.erasing.identity import Identity
from scoring.operations.erasing.sweeping import counted, frozen_rows, sweep
from scoring.operations.erasing.treatments import TREATMENTS, Fate
from scoring.pipeline.merging.together import Refused, in_one_transaction, lock_for_good

ERASE: Final = "contacts.delete_contact"
# The other fields stay: by these the past is counted, and they are many people's.
WIPED: Final = ("first_name", "last_name", "phone", "job_title", "language", "city", "region")
# Django's log of the admin translates it when it is shown.
PERSONAL: Final = gettext_noop("personal data")
logger = logging.getLogger("leadscoring.erasing")


@dataclass(frozen=True)
class Foreseen:
    """How many rows of what, by its name in the plural."""

    gone: dict[str, int]
    emptied: dict[str, int]
    named: dict[str, int]
    stays: dict[str, int]
    frozen: dict[str, int]


@dataclass(frozen=True)
class EraseContact:
    """``typed``: the address, as whoever erases has typed it to confirm."""

    user: User
    contact_id: int
    typed: str

    def may(self) -> bool:
        return self.user.has_perm(ERASE)

    def check(self, contact: Contact) -> list[str]:
        """Why it cannot be done now, in words; empty where it can."""
        if email_key(self.typed) != contact.email_key:
            return [_("This is not the contact's address. Nothing was erased.")]
        return []

    def execute(self) -> Contact:
        """Raises PermissionDenied, Contact.DoesNotExist or Refused; nothing has changed then."""
        if not self.may():
            raise PermissionDenied
        return in_one_transaction(self.do)

    def do(self) -> Contact:
        lock_for_good([self.contact_id])
        contact = Contact.objects.visible_to(self.user).get(pk=self.contact_id)
        if reasons := self.check(contact):
            raise Refused(reasons)
        identity, now = Identity.of(contact), timezone.now()
        models = list(models_of(contact))
        close(contact, self.user, now)
        wipe(identity, now)
        refresh_each({contact.pk: Reason(Cause.ERASURE, quiet=True)})
        forget_admin_log(identity)
        empty_activities(identity)
        empty_messages(identity)
        for treatment in TREATMENTS:
            treatment.apply(identity)
        sweep(identity)
        self.note(identity, models)
        failpoint("erasing.before_commit")
        contact.refresh_from_db()
        return contact

    def note(self, identity: Identity, models: list[ScoringModel]) -> None:
        """Who erased whom, by the number alone, and when."""
        contact_id, pseudonym = identity.contact_id, identity.pseudonym
        for model in models:
            AuditEntry.objects.note(self.user, model, Action.CONTACT_ERASED, contact=contact_id)
        LogEntry.objects.create(
            user_id=self.user.pk,
            content_type=ContentType.objects.get_for_model(Contact),
            object_id=str(contact_id),
            object_repr=pseudonym,
            action_flag=CHANGE,
            change_message=json.dumps([{"deleted": {"name": PERSONAL, "object": pseudonym}}]),
        )
        who = self.user.get_username()
        logger.info("contact %d erased by %s", contact_id, who)


def models_of(contact: Contact) -> Any:
    """The scoring models in whose history the contact stands."""
    scored = contact.score_changes.values("track__model")
    return ScoringModel.objects.filter(pk__in=scored).order_by("pk")


def wipe(identity: Identity, at: datetime) -> None:
    """Of the contact itself. Without history: that would tell what was."""
    Contact.objects.filter(pk=identity.contact_id).unnoted().update(
        email=identity.address,
        **dict.fromkeys(WIPED, ""),
        company=None,
        attributes={},
        unsubscribed=True,
        bounced=True,
        erased_at=at,
    )


def forget_admin_log(identity: Identity) -> None:
    """What the admin's own log says of the contact and of its rows, which it calls by a text."""
    about: list[tuple[type[Any], list[str]]] = [(Contact, [str(identity.contact_id)])]
    for treatment in TREATMENTS:
        if treatment.fate != Fate.STAYS and len(treatment.model._meta.pk_fields) == 1:
            pks = treatment.rows(identity.contact_id).values_list("pk", flat=True)
            about.append((treatment.model, [str(pk) for pk in pks]))
    for model, pks in about:
        types = ContentType.objects.filter(
            app_label=model._meta.app_label, model=model._meta.model_name
        )
        entries = LogEntry.objects.filter(content_type__in=types, object_id__in=pks)
        entries.update(object_repr=identity.pseudonym, change_message="")
    lead = LogEntry.objects.filter(
        content_type__app_label="scoring", content_type__model="lead", object_id=identity.contact_id
    )
    lead.update(object_repr=identity.pseudonym, change_message="")


def foresee(contact: Contact) -> Foreseen:
    """What erasing would do now. Reads every text there is: it may take its time."""
    identity = Identity.of(contact)
    by_fate: dict[Fate, Counter[str]] = {fate: Counter() for fate in Fate}
    own: dict[Any, set[Any]] = defaultdict(set, {Contact: {contact.pk}})
    for treatment in TREATMENTS:
        if pks := set(treatment.rows(contact.pk).values_list("pk", flat=True)):
            by_fate[treatment.fate][str(treatment.model._meta.verbose_name_plural)] += len(pks)
            own[treatment.model] |= pks
    return Foreseen(
        gone=dict(by_fate[Fate.GONE]),
        emptied=dict(by_fate[Fate.EMPTIED]),
        named=in_words(counted(identity, own)),
        stays=dict(by_fate[Fate.STAYS]),
        frozen=in_words(frozen_rows(identity)),
    )


def in_words(found: dict[Any, int]) -> dict[str, int]:
    return {str(model._meta.verbose_name_plural): count for model, count in found.items()}
