"""manage.py demo: from nothing to a scored system with invented people, and its site."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.management.base import TranslatedCommand
from contacts.models import Contact, ImportRun
from scoring.agreement.going_live import publish_unsigned
from scoring.criteria import templates
from scoring.criteria.loading import load
from scoring.demo import accounts, automating, handing, loading, replaying, serving
from scoring.demo.dataset import PEOPLE
from scoring.demo.removing import Removal
from scoring.engine.models import Track
from scoring.management.leads import hottest, lead_lines, terminal_width
from scoring.management.progress import bar, recompute_watched, refresh_watched

MODEL = "b2b_starter"
SHOWN = 10


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Set up a demonstration with invented people, score them, and serve the site."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, metavar="N")
        parser.add_argument(
            "--no-serve", action="store_true", help=_("Stop when the leads are printed.")
        )
        parser.add_argument(
            "--reset-passwords", action="store_true", help=_("Make new passwords and print them.")
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help=_("Even in production, or beside contacts that are not the demo's."),
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help=_("Count the invented people and, with --yes, remove them."),
        )
        parser.add_argument("--yes", action="store_true", help=_("Remove what was counted."))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.remove(is_meant=options["yes"])
            return
        self.refuse(options)
        self.stdout.write(_("Preparing the database..."))
        call_command("migrate", verbosity=0, interactive=False)
        if loading.holds_other_contacts() and not options["force"]:
            raise CommandError(
                _(
                    "This database holds contacts that are not the demo's. Use another one "
                    "(DATABASE_URL), or --force to add 2,000 invented people to it."
                )
            )
        users = accounts.make_accounts(reset=options["reset_passwords"])
        run = loading.begin()
        self.begin(run)
        self.invent(run)
        self.score(run)
        self.automate()
        self.print_leads()
        self.print_accounts(users)
        self.print_call(options)
        if not options["no_serve"]:
            self.serve(options["port"])

    def remove(self, *, is_meant: bool) -> None:
        """Only what the demo invented; what was counted is said before anything is done."""
        run = next(iter(loading.runs()), None)
        if run is None:
            raise CommandError(_("There are no invented people here: nothing to remove."))
        if run.finished_at is None:
            raise CommandError(
                _(
                    "The people are still being invented. Wait until they are all there, or see "
                    "to it by “manage.py demo --no-serve”."
                )
            )
        removal = Removal(run, PEOPLE)
        found = removal.count()
        self.stdout.write(
            _(
                "Invented contacts: %(contacts)d, with %(activities)d activities and %(deals)d "
                "deals. Other contacts, which stay untouched: %(others)d."
            )
            % {
                "contacts": found.contacts,
                "activities": found.activities,
                "deals": found.deals,
                "others": found.others,
            }
        )
        if not is_meant:
            self.stdout.write(_("Nothing is removed yet. To do it: manage.py demo --remove --yes"))
            return
        with bar(_("Removing people"), found.contacts, "") as progress:
            for some in removal.execute():
                progress.update(some)
        kept = removal.finish()
        self.stdout.write(_("They are removed, with everything else that the demo has made."))
        if kept:
            self.stdout.write(_("What stays:"))
        for what in kept:
            self.stdout.write(f"  {what}")

    def refuse(self, options: dict[str, Any]) -> None:
        if settings.PRODUCTION and not options["force"]:
            raise CommandError(
                _("This is a production system (ENVIRONMENT=production): no demo without --force.")
            )
        if options["no_serve"]:
            return
        if not 1 <= options["port"] <= 65535:
            raise CommandError(_("--port is a number from 1 to 65535."))
        if not serving.port_is_free(options["port"]):
            raise CommandError(
                _("Port %(port)d is taken; choose another with --port N.")
                % {"port": options["port"]}
            )

    def begin(self, run: ImportRun) -> None:
        """Make the starter live a year ago, as long as nobody is there whom that would score."""
        loaded = load(templates.template(MODEL))
        if Contact.objects.exists() or loaded.version.model.tracks.exists():
            return
        recompute_watched(publish_unsigned(loaded.version, "demo", replaying.began(run)))

    def invent(self, run: ImportRun) -> None:
        if run.finished_at is None:
            with bar(_("Inventing people"), PEOPLE, "") as progress:
                for some in loading.load(run):
                    progress.update(some)
        self.stdout.write(
            _("The invented data are of %(day)s.") % {"day": date_format(run.started_at)}
        )

    def score(self, run: ImportRun) -> None:
        """Make the starter live, unless a version of it is; bring every score up to date."""
        loaded = load(templates.template(MODEL))
        track = Track.objects.filter(model=loaded.version.model, role=Track.Role.LIVE).first()
        if track is not None and track.swept_at < replaying.anchor_of(run):
            steps = len(replaying.ends(run))
            with bar(_("Scoring the past, week by week"), steps, "") as progress:
                for place in replaying.replay(track, run):
                    progress.update(place - progress.n)
        # Before a recompute, which would do the same contacts a second time.
        refresh_watched()
        if track is None:
            recompute_watched(publish_unsigned(loaded.version, "demo"))
        elif unfinished := track.recomputes.filter(finished_at=None).first():
            recompute_watched(unfinished)

    def automate(self) -> None:
        """Only now: what the invented people did in their year sets nothing off."""
        model = load(templates.template(MODEL)).version.model
        if automations := automating.set_up(model, settings.LANGUAGE_CODE):
            self.stdout.write(_("Automations that are on now:"))
            for automation in automations:
                self.stdout.write(f"  {automation.name}")
        handing.set_up(Track.objects.get(model=model, role=Track.Role.LIVE))

    def print_call(self, options: dict[str, Any]) -> None:
        """A call of the API to try, where its key is new."""
        secret = automating.make_key(reset=options["reset_passwords"])
        track = Track.objects.filter(role=Track.Role.LIVE).select_related("version").first()
        address = f"http://{serving.HOST}:{options['port']}"
        found = automating.call(track, secret, address) if secret and track else None
        if found is None:
            return
        said = _(
            "To see a lead become hot, send this while the site runs; %(name)s (%(email)s) then "
            "has a task, a deal, an alert and a webhook in the outbox:"
        )
        who = {"name": found.contact.full_name, "email": found.contact.email}
        self.stdout.write("\n" + said % who)
        self.stdout.write(found.command)

    def print_leads(self) -> None:
        for track in Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version"):
            self.stdout.write("\n" + _("The hottest leads by %(model)s:") % {"model": track.model})
            for line in lead_lines(hottest(track, None, SHOWN), terminal_width()):
                self.stdout.write(line)

    def print_accounts(self, users: list[accounts.Account]) -> None:
        self.stdout.write("\n" + _("Log in as one of these:"))
        for user in users:
            password = user.password or _("(the password is as it was)")
            self.stdout.write(f"  {user.name:<6}  {user.role:<14}  {password}")
        if any(user.password is None for user in users):
            self.stdout.write(_("Forgotten? manage.py demo --reset-passwords makes new ones."))
        else:
            self.stdout.write(_("The passwords are shown this once."))

    def serve(self, port: int) -> None:
        def ready() -> None:
            url = f"http://{serving.HOST}:{port}/"
            self.stdout.write("\n" + _("Open %(url)s. Ctrl-C stops it.") % {"url": url})
            self.stdout.flush()

        self.stdout.flush()
        if serving.serve(port, ready):
            raise CommandError(_("The site or its worker has ended; see above."))
