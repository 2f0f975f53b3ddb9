"""manage.py export_model: a version as the YAML document that makes it again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.management.base import TranslatedCommand
from scoring.criteria import yaml
from scoring.criteria.models import ScoringModel, Version


class Command(TranslatedCommand):
    help = gettext_lazy("Print a version of a model as YAML.")

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        # Django's own --version (of Django) gives way to the version of the model.
        options["conflict_handler"] = "resolve"
        return super().create_parser(prog_name, subcommand, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", metavar="NAME", help=_("the name of the model"))
        parser.add_argument(
            "--version",
            type=int,
            metavar="N",
            help=_("this version; without it, the live one or, where none is, the newest"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version = self.version_of(options["model"], options["version"])
        self.stdout.write(yaml.write(version.document_value), ending="")

    def version_of(self, name: str, number: int | None) -> Version:
        versions = Version.objects.filter(model__name=name).order_by("-number")
        if number is None:
            found = versions.live().first() or versions.first()
        else:
            found = versions.filter(number=number).first()
        if found is not None:
            return found
        if numbers := [str(one) for one in versions.values_list("number", flat=True)]:
            message = _('"%(name)s" has no version %(number)d; there are: %(known)s.')
            known = ", ".join(reversed(numbers))
            raise CommandError(message % {"name": name, "number": number, "known": known})
        names = ", ".join(f'"{one}"' for one in ScoringModel.objects.values_list("name", flat=True))
        message = _('There is no model "%(name)s"; there are: %(names)s.')
        raise CommandError(message % {"name": name, "names": names or _("none")})
