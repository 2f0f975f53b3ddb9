"""Prove that every normalised column is what its column says, over all stored rows."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from contacts.management.base import TranslatedCommand
from contacts.models import Activity, Company, Contact, Deal, Tag, Target

MODELS: list[type[Any]] = [Contact, Company, Tag, Target, Activity, Deal]


class Command(TranslatedCommand):
    help = str(gettext_lazy("Check every normalised column against the column it is made from."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--most",
            type=int,
            default=20,
            help=_("How many rows that are out of step are named; all are counted."),
        )

    def handle(self, *args: Any, most: int, **options: Any) -> None:
        """Exit code 1 where a row is out of step."""
        wrong = 0
        for model in MODELS:
            for row, columns in out_of_step(model):
                wrong += 1
                if wrong <= most:
                    self.stderr.write(f"{model._meta.label} {row.pk}: {', '.join(columns)}")
        if wrong:
            message = _("%(count)d rows are out of step; store each again to mend it.")
            raise CommandError(message % {"count": wrong})
        self.stdout.write(_("Every normalised column is what its column says."))


def out_of_step(model: type[Any]) -> Iterator[tuple[models.Model, list[str]]]:
    """Rows with the names of their columns that are not what they should be."""
    rows = model._base_manager.order_by("pk")
    # No bar where nobody looks: disable=None asks whether standard error is a terminal.
    bar = tqdm(rows.iterator(2000), total=rows.count(), desc=model._meta.label, disable=None)
    for row in bar:
        if columns := model.out_of_step(row):
            yield row, columns
