"""Empties the database, but never the audit trail: that is only ever added to."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts.management.base import TranslatedCommand
from scoring.agreement.audit import AuditEntry


class Command(TranslatedCommand, flush.Command):
    """Django's own, which on PostgreSQL would empty the trail and on SQLite fail halfway."""

    help: StrOrPromise = gettext_lazy(  # type: ignore[assignment]
        "Empty the database, unless there is an audit trail, which is only ever added to."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lines = AuditEntry.objects.using(options["database"]).count()
        if lines:
            message = _(
                "Nothing was emptied: the audit trail has lines (%(count)d), and "
                "that is only ever added to. To begin anew, make a new database (or delete the "
                "file of SQLite) and run “migrate”."
            )
            raise CommandError(message % {"count": lines})
        super().handle(*args, **options)
