"""The course of a score over time, and the picture that is drawn of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from scoring.engine import course as module
from scoring.engine.admin.chart import Chart, chart_of
from scoring.engine.course import Course, Source, course
from scoring.engine.models import Track
from tests.engine.scored import go_live, person, refresh_all, visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ana() -> Contact:
    return person("ana", job_title="Director", created_at=(timezone.now() - 90 * DAY).isoformat())


@pytest.fixture
def live(ana: Contact) -> Track:
    """Since five days; a visit of three days ago was scored in between."""
    visit(ana, 50 * DAY)
    track = go_live(as_of=timezone.now() - 5 * DAY)
    visit(ana, 3 * DAY)
    refresh_all(timezone.now() - 2 * DAY)
    return track


def told(contact: Contact, track: Track, days: int = 60) -> Course:
    now = timezone.now()
    return course(contact, track, now - days * DAY, now, now + 90 * DAY)


def of(found: Course, source: Source) -> list[int | None]:
    return [point.total for point in found.points if point.source is source]


def test_it_goes_from_what_was_to_what_will_be(ana: Contact, live: Track) -> None:
    found = told(ana, live)
    instants = [point.at for point in found.points]
    assert instants == sorted(instants)
    assert of(found, Source.WORKED_OUT)[0] == 30
    assert max(total or 0 for total in of(found, Source.WORKED_OUT)) == 70
    assert of(found, Source.STORED)[0] == 30
    assert of(found, Source.STORED)[-1] == 70
    assert of(found, Source.FORETOLD)[0] == 70
    assert of(found, Source.FORETOLD)[-1] == 30


def test_each_step_says_what_moved_it(ana: Contact, live: Track) -> None:
    stored = [point for point in told(ana, live).points if point.source is Source.STORED]
    assert dict(stored[-1].moved) == {"Visits the prices": 40}
    assert stored[-1].cause == "an activity arrived"


def test_a_line_begins_at_the_change_before_the_window(ana: Contact, live: Track) -> None:
    stored = of(told(ana, live, days=1), Source.STORED)
    assert stored[-1] == 70
    assert len(stored) == 1


def test_only_so_many_changes_are_told(
    ana: Contact, live: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHANGES_MOST", 1)
    found = told(ana, live)
    assert of(found, Source.STORED) == [70]
    assert found.is_cut


def test_it_takes_a_bounded_time(
    ana: Contact, live: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.0)
    found = told(ana, live)
    assert len(of(found, Source.WORKED_OUT)) <= 1
    assert len(of(found, Source.FORETOLD)) <= 2


def drawn(contact: Contact, track: Track) -> Chart:
    now = timezone.now()
    since, until = now - 60 * DAY, now + 90 * DAY
    found = course(contact, track, since, now, until)
    return chart_of(found.points, track.version.document_value, since, now, until)


def test_the_picture_has_the_bands_and_their_thresholds(ana: Contact, live: Track) -> None:
    zones = drawn(ana, live).zones
    assert [(zone.name, zone.start) for zone in zones] == [
        ("cold", ""),
        ("warm", "30"),
        ("hot", "60"),
    ]
    assert sum(zone.height for zone in zones) == pytest.approx(100, abs=0.1)


def test_everything_lies_inside_the_picture(ana: Contact, live: Track) -> None:
    chart = drawn(ana, live)
    assert {source for source, _path in chart.lines} == set(Source)
    for dot in chart.dots:
        assert 0 <= dot.left <= 100
        assert 0 <= dot.bottom <= 100
    places = [dot.left for dot in chart.dots]
    assert places == sorted(places)


def test_the_table_says_what_the_picture_shows(ana: Contact, live: Track) -> None:
    rows = drawn(ana, live).rows
    assert "30 → 70, hot" in [row.change for row in rows]
    assert any("Visits the prices +40" in row.rules for row in rows)


def test_a_contact_outside_the_audience_has_an_empty_line(live: Track) -> None:
    assert drawn(person("new"), live).rows
