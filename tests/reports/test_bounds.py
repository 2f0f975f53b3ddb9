"""No report asks more of the database because there is more in it, or a longer period."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.reporting import keys_of
from scoring.engine.models import Track
from scoring.reports.asking import Question, QuestionForm
from scoring.reports.pilots.looks import take_due
from scoring.reports.report import REPORTS, Report
from tests.reports.history import DAY, happened, live, people, piloted, promised

pytestmark = pytest.mark.django_db

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = BEGUN + 90 * DAY
FEW = 15
# Scores of the past are asked for once for each day on which a known outcome began.
ASKED_BY_DAY = {"quality", "rules"}
WIDE = {"first": "2024-01-01", "last": "2026-03-01", "grain": "week"}


def asked(report: Report, **given: str) -> Question:
    given = {"first": "2025-12-30", "last": "2026-03-30", "grain": "month"} | given
    asks = report.asks | {"grain"}
    question = QuestionForm(given, asks, report.days, NOW, report.numbers).question()
    assert question.period.first == date.fromisoformat(given["first"])
    return question


def queries(report: Report, **given: str) -> int:
    """Each report anew, with nothing kept."""
    question = asked(report, **given)
    with CaptureQueriesContext(connection) as found:
        assert report.make(question)
    return len(found)


def queries_behind(report: Report) -> int:
    """Of that list of leads behind one of its figures which asks most often."""
    question = asked(report)
    keys = set(keys_of(report.make(question)))
    assert keys
    return max(queries_of_key(report, question, key) for key in keys)


def queries_of_key(report: Report, question: Question, key: str) -> int:
    with CaptureQueriesContext(connection) as found:
        leads = report.behind(question, key)
        assert report.keeps_leads or leads is not None, key
        assert leads is None or leads.count() <= FEW * 3
    return len(found)


def more(track: Track, name: str, at: datetime) -> None:
    happened(people(FEW, BEGUN, name), track, at)


@pytest.fixture
def track() -> Track:
    first = people(FEW, BEGUN)
    found = live(BEGUN + DAY)
    promised(found, BEGUN + 2 * DAY)
    piloted(found, BEGUN + 2 * DAY)
    happened(first, found, BEGUN + 40 * DAY)
    take_due(NOW)
    return found


@pytest.mark.parametrize("slug", sorted(REPORTS))
def test_three_times_as_much_or_as_many_weeks_are_asked_for_as_often(
    slug: str, track: Track
) -> None:
    report = REPORTS[slug]
    queries(report)
    before = queries(report)
    for name in ("d", "e"):
        more(track, name, BEGUN + 40 * DAY + timedelta(hours=1))
    assert queries(report) == before
    assert queries(report, **WIDE) <= before
    for place, name in enumerate(("f", "g")):
        more(track, name, BEGUN + (50 + place) * DAY)
    days = queries(report)
    assert days <= before or slug in ASKED_BY_DAY


@pytest.mark.parametrize("slug", sorted(REPORTS))
def test_so_are_the_leads_behind_each_of_its_figures(slug: str, track: Track) -> None:
    report = REPORTS[slug]
    before = queries_behind(report)
    for name in ("d", "e"):
        more(track, name, BEGUN + 40 * DAY + timedelta(hours=1))
    assert queries_behind(report) == before
