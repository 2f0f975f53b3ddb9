"""manage.py erase_contact: what names a person is deleted, the sums of the past stay."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.management.base import TranslatedCommand
from contacts.models import Contact
from contacts.normalise import email_key
from scoring.management.arguments import contacts_of
from scoring.operations.erasing.erase import EraseContact, Foreseen, foresee
from scoring.pipeline.merging.together import Refused


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Show what erasing a contact would delete, and with --confirm do it. It cannot be undone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help=_("The contact's address, or a former one."))
        parser.add_argument(
            "--confirm", metavar="EMAIL", help=_("Erase: the contact's present address, once more.")
        )
        parser.add_argument(
            "--by",
            metavar="USER",
            help=_(
                "Who erases, by user name: an administrator. It is written into the audit trail."
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        [contact] = contacts_of([options["email"]])
        if options["confirm"] is None:
            self.tell(contact, foresee(contact))
            return
        if options["by"] is None:
            raise CommandError(_("--by says who erases."))
        if email_key(options["confirm"]) != contact.email_key:
            raise CommandError(_("This is not the contact's address. Nothing was erased."))
        user = User.objects.filter(username=options["by"], is_active=True).first()
        try:
            if user is None:
                raise PermissionDenied
            EraseContact(user, contact.pk, options["confirm"]).execute()
        except PermissionDenied:
            message = _("“%(name)s” may not erase contacts.") % {"name": options["by"]}
            raise CommandError(message) from None
        except Contact.DoesNotExist:
            message = _("Contact %(number)d is erased already.") % {"number": contact.pk}
            raise CommandError(message) from None
        except Refused as refused:
            raise CommandError(str(refused)) from None
        said = _("Contact %(number)d was erased. Nothing here says any more who it was.")
        self.stdout.write(said % {"number": contact.pk})

    def tell(self, contact: Contact, foreseen: Foreseen) -> None:
        parts = [
            (_("Deleted"), foreseen.gone),
            (_("Kept without what was written in it"), foreseen.emptied),
            (_("Others' texts in which the person is replaced by a number"), foreseen.named),
            (_("Kept: numbers and dates that name nobody"), foreseen.stays),
            (_("Cannot be changed, and names the person"), foreseen.frozen),
        ]
        for title, rows in parts:
            listed = ", ".join(f"{name}: {count}" for name, count in rows.items()) or "–"
            self.stdout.write(f"{title}: {listed}")
        told = _("Nothing was erased. With --confirm %(email)s --by USER it is.")
        self.stdout.write(told % {"email": contact.email})
