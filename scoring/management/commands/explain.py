"""manage.py explain: why a contact has its score, on any day."""

import json
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.management.base import TranslatedCommand
from scoring.engine.explain import explain
from scoring.management.arguments import (
    add_as_of,
    add_model,
    contacts_of,
    instant_of,
    live_tracks,
)
from scoring.management.explanations import explanation_lines


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Say which rules and activities make a contact's score, and when it changes next."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        add_as_of(parser)
        add_model(parser)
        parser.add_argument(
            "--json", action="store_true", help=_("One JSON object a line for each model.")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = instant_of(options["as_of"])
        tracks = live_tracks(options["model"])
        [contact] = contacts_of([options["email"]])
        for track in tracks:
            explanation = explain(contact, track.version.document_value, as_of)
            if options["json"]:
                about = {"model": track.model.name, "version": track.version.number}
                data = about | explanation.as_data()
                self.stdout.write(json.dumps(data, ensure_ascii=False))
            else:
                for line in explanation_lines(explanation, track.model.name):
                    self.stdout.write(line)
