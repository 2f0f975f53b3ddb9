"""manage.py load_model: a model document becomes a version of its model."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.management.base import TranslatedCommand
from scoring.agreement.going_live import publish_unsigned
from scoring.criteria import templates
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.loading import Loaded, load
from scoring.criteria.models import Version
from scoring.engine.files import FilesInvalid, read_document
from scoring.engine.models import Recompute
from scoring.management.arguments import add_as_of, instant_to_store
from scoring.management.faults import tell
from scoring.management.progress import recompute_watched


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Store a model document, from a file or a ready-made one, as a version of its model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("file", nargs="?", type=Path, help=_("YAML or JSON"))
        source.add_argument("--template", metavar="NAME", help=_("a ready-made model"))
        parser.add_argument(
            "--language",
            choices=templates.languages(),
            default=templates.ENGLISH,
            help=_("of the ready-made model"),
        )
        source.add_argument(
            "--list-templates", action="store_true", help=_("say which ready-made models there are")
        )
        parser.add_argument(
            "--activate", action="store_true", help=_("from now on, score by this version")
        )
        add_as_of(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = instant_to_store(options["as_of"])
        if options["list_templates"]:
            for name in templates.names():
                self.stdout.write(f"{name:<20} {templates.about(name, options['language'])}")
            return
        try:
            loaded = load(self.document(options))
        except FilesInvalid as invalid:
            raise self.refusal(invalid.faults, invalid.count) from None
        except DocumentInvalid as invalid:
            raise self.refusal(list(map(str, invalid.faults)), len(invalid.faults)) from None
        self.tell(loaded)
        if options["activate"]:
            self.activate(loaded.version, as_of)

    def document(self, options: dict[str, Any]) -> ModelDocument:
        if name := options["template"]:
            try:
                return templates.template(name, options["language"])
            except KeyError:
                message = _('There is no ready-made model "%(name)s"; there are: %(names)s.')
                known = ", ".join(templates.names())
                raise CommandError(message % {"name": name, "names": known}) from None
        try:
            return read_document(options["file"])
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def refusal(self, faults: list[str], count: int) -> CommandError:
        tell(self, faults, count)
        message = ngettext(
            "Nothing was stored: the document has %(count)d fault.",
            "Nothing was stored: the document has %(count)d faults.",
            count,
        )
        return CommandError(message % {"count": count})

    def tell(self, loaded: Loaded) -> None:
        message = (
            _('Stored version %(number)d of "%(model)s": %(hash)s')
            if loaded.is_new
            else _('Nothing changed: version %(number)d of "%(model)s" says the same: %(hash)s')
        )
        version = loaded.version
        said = {"number": version.number, "model": version.model.name, "hash": version.hash}
        self.stdout.write(message % said)

    def activate(self, version: Version, as_of: datetime | None) -> None:
        said = {"number": version.number, "model": version.model.name}
        if version.state == Version.State.LIVE:
            self.stdout.write(_('Version %(number)d of "%(model)s" is live already.') % said)
            recompute = Recompute.objects.filter(version=version, finished_at=None).first()
            if recompute is None:
                return
            self.stdout.write(_("A recompute was cut short; this goes on with it."))
        else:
            recompute = publish_unsigned(version, "load_model", as_of)
            self.stdout.write(_('Version %(number)d of "%(model)s" is live.') % said)
        changed = recompute_watched(recompute)
        message = ngettext("%(count)d score changed.", "%(count)d scores changed.", changed)
        self.stdout.write(message % {"count": changed})
