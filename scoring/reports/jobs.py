"""Works out the slow reports that somebody asked for: a chore of the worker."""

import logging
from datetime import datetime

from django.db.models import F
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from contacts.chores import chore
from scoring.reports.asking import ask
from scoring.reports.models import CHORE, TRIES, KeptReport
from scoring.reports.report import REPORTS

logger = logging.getLogger(__name__)


@chore(CHORE, every=5, title=_("Reports"), backlog=KeptReport.objects.backlog)
def work_out_reports() -> int:
    """One report that somebody asked for."""
    now = timezone.now()
    give_up(now)
    row = KeptReport.objects.waiting(now).order_by("asked_at", "pk").first()
    if row is None:
        return 0
    # Whoever changes the row first has it.
    mine = KeptReport.objects.waiting(now).filter(pk=row.pk, begun_at=row.begun_at)
    if mine.update(state=KeptReport.State.AT_WORK, begun_at=now, tries=F("tries") + 1):
        try:
            work_out(row)
        except Exception:
            KeptReport.objects.filter(pk=row.pk).update(state=KeptReport.State.FAILED)
            raise
    return 1


def give_up(now: datetime) -> None:
    """What ended the workers that began it is not begun again until somebody asks for it."""
    for row in KeptReport.objects.given_up(now).only("slug"):
        if KeptReport.objects.given_up(now).filter(pk=row.pk).update(state=KeptReport.State.FAILED):
            said = "Report %s (%d) is given up: the worker ended, or took too long, %d times."
            logger.error(said, row.slug, row.pk, TRIES)


def work_out(row: KeptReport) -> None:
    report = REPORTS[row.slug]
    with translation.override(row.language):
        form = ask(QueryDict(row.query), report.asks, report.days, report.numbers)
        row.keep(report.work_out(form.question()))
    KeptReport.objects.ask_in_every_language(row)
