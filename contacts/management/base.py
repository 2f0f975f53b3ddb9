"""What all commands have in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django_stubs_ext import StrOrPromise


class TranslatedCommand(BaseCommand):
    """A command whose ``help`` may be a lazy translation, which argparse cannot wrap."""

    help: StrOrPromise = ""  # type: ignore[assignment]

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        self.help = str(self.help)
        return super().create_parser(*args, **options)
