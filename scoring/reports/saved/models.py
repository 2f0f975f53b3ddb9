"""A question to a report that somebody keeps under a name."""

from collections.abc import Mapping
from typing import ClassVar, Final, Self

from django.db import models
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.normalise import normalise
from leadscoring.saved.models import Saved, SavedQuerySet
from scoring.reports.asking import QuestionForm, ask
from scoring.reports.report import REPORTS, Report

# In the address of a report, which view it was opened by; and that none is wanted.
OPEN: Final = "view"
USUAL: Final = "usual"


class ReportViewQuerySet(SavedQuerySet["ReportView"]):
    def of(self, report: Report) -> Self:
        return self.filter(slug=report.slug)

    def has_name(self, name: str) -> bool:
        """Whether one of these is called so, whatever the case and the accents."""
        wanted = normalise(name)
        return any(normalise(each) == wanted for each in self.values_list("name", flat=True))


class ReportView(Saved):
    """What the address of a report asks, under a name; days that have a name keep it."""

    KEEPER: ClassVar[str] = "scoring.change_reportview"

    slug = models.CharField(max_length=64)

    objects = ReportViewQuerySet.as_manager()

    class Meta(Saved.Meta):
        default_permissions = ("change",)
        verbose_name = _("saved view of a report")
        verbose_name_plural = _("saved views of reports")
        constraints = [
            models.UniqueConstraint(fields=["author", "slug", "name"], name="report_view_once")
        ]

    @property
    def report(self) -> Report:
        return REPORTS[self.slug]

    @property
    def address(self) -> str:
        page = reverse("admin:report", args=[self.slug])
        return f"{page}?{self.query}&{OPEN}={self.pk}"

    @property
    def urls(self) -> Mapping[str, str]:
        found = {
            deed: reverse("admin:report_view_do", args=[self.slug, self.pk, deed])
            for deed in ("begin", "forget", "rename", "replace")
        }
        asks = reverse("admin:report_view_delete", args=[self.slug, self.pk])
        return {**found, "delete_asks": asks}

    def form(self) -> QuestionForm:
        """What it asks today."""
        report = self.report
        return ask(QueryDict(self.query), report.asks, report.days, report.numbers)

    def siblings(self) -> ReportViewQuerySet:
        return ReportView.objects.of(self.report)

    def is_taken(self) -> bool:
        own = self.siblings().filter(author=self.author_id)
        return own.exclude(pk=self.pk).has_name(self.name)
