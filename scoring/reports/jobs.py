"""Works out the slow reports that somebody asked for: a chore of the worker."""

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from contacts.chores import chore
from scoring.reports.asking import ask
from scoring.reports.models import CHORE, KeptReport
from scoring.reports.report import REPORTS


@chore(CHORE, every=5, title=_("Reports"), backlog=KeptReport.objects.backlog)
def work_out_reports() -> int:
    """One report that somebody asked for."""
    now = timezone.now()
    row = KeptReport.objects.waiting(now).order_by("asked_at", "pk").first()
    if row is None:
        return 0
    # Whoever changes the row first has it.
    mine = KeptReport.objects.waiting(now).filter(pk=row.pk, begun_at=row.begun_at)
    if mine.update(state=KeptReport.State.AT_WORK, begun_at=now):
        try:
            work_out(row)
        except Exception:
            KeptReport.objects.filter(pk=row.pk).update(state=KeptReport.State.FAILED)
            raise
    return 1


def work_out(row: KeptReport) -> None:
    report = REPORTS[row.slug]
    with translation.override(row.language):
        form = ask(QueryDict(row.query), report.asks, report.days, report.numbers)
        row.keep(report.make(form.question()))
