from typing import ClassVar

from django.utils.translation import gettext as _

from contacts.imports.command import ImportCommand
from contacts.imports.kinds import CAMPAIGNS


class Command(ImportCommand):
    # Not lazy: the module is read when the command runs, in the language it runs in.
    help = _(
        "Import campaigns with their arms from a CSV, XLSX or JSON Lines file; docs/imports.md "
        "says how."
    )
    kind: ClassVar[str] = CAMPAIGNS
