"""The files of letters: a report as it stands when the letter leaves, for whoever gets it."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, override

from contacts.models.preferences import language_of
from contacts.models.teams import name_of
from scoring.automations.outbox.attachments import (
    AttachmentKind,
    Facts,
    File,
    Without,
    register,
)
from scoring.automations.outbox.channel import NotNow, Outcome, Result
from scoring.reports.asking import ask
from scoring.reports.exports import FORMATS, Impossible
from scoring.reports.filing import file_of
from scoring.reports.kinds import REPORTS
from scoring.reports.report import Report

# Larger letters are refused by many mail servers.
BYTES_MOST: Final = 7 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report, which question with its days written out, which format."""

    report: Report
    query: str
    kind: str

    def facts(self, user: User) -> dict[str, Any]:
        return {
            "kind": ReportFile.name,
            "report": self.report.slug,
            "query": self.query,
            "format": self.kind,
            "user": user.pk,
        }

    @property
    def url(self) -> str:
        """Where whoever is logged in finds the same file."""
        page = reverse("admin:report_file", args=[self.report.slug, self.kind])
        return f"{settings.SITE_URL}{page}?{self.query}"


@register
class ReportFile(AttachmentKind):
    name = "report"

    def described(self, facts: Facts) -> str:
        report, way = REPORTS.get(facts["report"]), FORMATS.get(facts["format"])
        user = User.objects.filter(pk=facts["user"]).first()
        return gettext("%(report)s as %(format)s, for %(name)s: %(question)s") % {
            "report": report.title if report else facts["report"],
            "format": way.title if way else facts["format"],
            "name": name_of(user) if user else "–",
            "question": facts["query"],
        }

    def make(self, facts: Facts) -> File:
        report = REPORTS.get(facts["report"])
        user = User.objects.filter(pk=facts["user"], is_active=True).first()
        if report is None or user is None or not user.has_perm(report.permission):
            said = gettext("Whoever was to get it may not see this report any more.")
            raise NotNow(Outcome(Result.CANCELLED, said))
        with override(language_of(user)):
            return made(Wanted(report, facts["query"], facts["format"]), user)


def made(wanted: Wanted, user: User) -> File:
    """In the language in use. Raises Without."""
    report = wanted.report
    form = ask(QueryDict(wanted.query), report.asks, report.days, report.numbers)
    if not form.is_valid():
        raise Without(gettext("There is no file: what the report asks for is gone."))
    try:
        file = file_of(report, form.question(), wanted.kind, user)
    except Impossible as missing:
        raise Without(without(str(missing), wanted)) from missing
    if file is None:
        raise Without(without(gettext("The report is still being worked out."), wanted))
    if len(file.content) > BYTES_MOST:
        raise Without(without(gettext("It is too large for an e-mail."), wanted))
    return File(file.name, file.mime.partition(";")[0], file.content)


def without(reason: str, wanted: Wanted) -> str:
    said = gettext("The file is not attached. %(reason)s You find it here: %(url)s")
    return said % {"reason": reason, "url": wanted.url}
