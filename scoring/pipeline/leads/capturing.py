"""A lead from paper, the phone or a fair: stored as an import would, with what was said; undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Activity, Campaign, CampaignTouch, Contact, Note, Tag, Task
from contacts.normalise import normalise
from contacts.provenance import recorded_as
from contacts.records import ActivityRecord, ContactRecord
from contacts.storing import store_activities, store_contacts
from scoring.automations.actions.deal import SOURCE as BY_AUTOMATION
from scoring.automations.outbox.messages import Message
from scoring.pipeline.leads.manual import Refused

SOURCE: Final = "capture"
SALT: Final = "capture"
UNDO_SECONDS: Final = 1800


class Known(Exception):
    """There is a contact of this address already."""


@dataclass(frozen=True)
class Capture:
    """``token`` is the same for a click that comes twice; ``activity``: a type, or empty."""

    record: ContactRecord
    user: User
    token: str
    activity: str = ""
    target: str = ""
    note: str = ""

    def execute(self) -> "Captured":
        """Raises Known, and stores nothing then."""
        if Contact.objects.with_email([self.record.email]).exists():
            raise Known
        try:
            with transaction.atomic(), recorded_as(self.origin):
                if not store_contacts([self.record]).created:
                    # Somebody was faster by a moment.
                    raise Known
                contact = Contact.objects.get(email=self.record.email)
                return self.with_deeds(contact, is_new=True)
        except IntegrityError:
            raise Known from None

    def add_to(self, contact: Contact) -> "Captured":
        """Only what happened now: fields of a contact that is there stay as they are."""
        with transaction.atomic(), recorded_as(self.origin):
            found = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
            had = {tag.name_norm for tag in found.tags.all()}
            new = [name for name in self.record.tags or () if normalise(name) not in had]
            found.set_tags([*found.tags.all(), *tags_named(new)])
            return self.with_deeds(found, is_new=False, tags=new)

    @property
    def origin(self) -> str:
        return f"capture: {self.user.get_username()}"

    def with_deeds(self, contact: Contact, *, is_new: bool, tags: Sequence[str] = ()) -> "Captured":
        now = timezone.now()
        if self.activity:
            store_activities([self.deed(contact, now)])
        note = None
        if self.note:
            note = Note.objects.create(contact=contact, text=self.note, author=self.user)
        touch = self.touch(contact, now)
        return Captured(
            contact=contact.pk,
            user=self.user.pk,
            token=self.token,
            is_new=is_new,
            note=note.pk if note else None,
            touch=touch.pk if touch else None,
            tags=tuple(tags),
        )

    def deed(self, contact: Contact, now: datetime) -> ActivityRecord:
        return ActivityRecord(
            contact=contact.email,
            type=self.activity,
            occurred_at=now,
            target=self.target,
            properties={"by": self.user.get_username()},
            source=SOURCE,
            external_id=self.token,
        )

    def touch(self, contact: Contact, now: datetime) -> CampaignTouch | None:
        name = str(self.record.fields.get("campaign") or "")
        campaign = Campaign.objects.filter(name=name).first() if name else None
        if campaign is None:
            return None
        return CampaignTouch.objects.create(campaign=campaign, contact=contact, occurred_at=now)


def tags_named(names: Sequence[str]) -> list[Tag]:
    rows = Tag.objects
    return [rows.get_or_create(name_norm=normalise(n), defaults={"name": n})[0] for n in names]


@dataclass(frozen=True)
class Captured:
    """What a capture has made, by ids: so it can be taken back."""

    contact: int
    user: int
    token: str
    is_new: bool
    note: int | None
    touch: int | None
    tags: tuple[str, ...]

    def signed(self) -> str:
        return signing.dumps({**self.__dict__, "tags": list(self.tags)}, salt=SALT, compress=True)

    @classmethod
    def read(cls, text: str) -> "Captured | None":
        """None for what is not ours, or too old to be undone."""
        try:
            found = signing.loads(text, salt=SALT, max_age=UNDO_SECONDS)
        except signing.BadSignature:
            return None
        return cls(**{**found, "tags": tuple(found["tags"])})


@dataclass(frozen=True)
class UndoCapture:
    """Take the last capture back: as long as nobody has gone on from it."""

    captured: Captured
    user: User

    def execute(self) -> str:
        """What was taken back, in words. Raises Refused."""
        made = self.captured
        with transaction.atomic(), recorded_as(f"capture: {self.user.get_username()}"):
            rows = Contact.objects.select_for_update(no_key=True)
            contact = rows.filter(pk=made.contact).first()
            if contact is None or made.user != self.user.pk:
                raise Refused(_("It is not there any more."))
            name = contact.full_name or contact.email
            if made.is_new:
                self.check_untouched(contact)
                # What an automation has opened for a lead that never was.
                contact.deals.all().delete()
                contact.delete()
                return _("“%(name)s” was taken back.") % {"name": name}
            self.take_from(contact)
        return _("What was added to “%(name)s” was taken back.") % {"name": name}

    def check_untouched(self, contact: Contact) -> None:
        """Raises Refused where a person has done something with the contact since."""
        made = self.captured
        others: list[Any] = [
            contact.activities.exclude(source=SOURCE, external_id=made.token),
            contact.notes.exclude(pk=made.note or 0),
            contact.touches.exclude(pk=made.touch or 0),
            contact.changes.filter(origin__startswith="admin:"),
            Message.objects.filter(contact=contact, state=Message.State.SENT),
            contact.tasks.filter(Q(state=Task.State.DONE) | Q(origin=None)),
            contact.manual_bands.all(),
            contact.merges.all(),
            contact.deals.exclude(source=BY_AUTOMATION),
        ]
        if any(rows.exists() for rows in others):
            raise Refused(
                _("Somebody has worked with this lead since, so it stays. Change what is wrong.")
            )

    def take_from(self, contact: Contact) -> None:
        made = self.captured
        Activity.objects.filter(contact=contact, source=SOURCE, external_id=made.token).delete()
        Note.objects.filter(contact=contact, pk=made.note or 0).delete()
        CampaignTouch.objects.filter(contact=contact, pk=made.touch or 0).delete()
        gone = {normalise(name) for name in made.tags}
        contact.set_tags([tag for tag in contact.tags.all() if tag.name_norm not in gone])
