"""The timeline: everything once, newest first, by kind, for whoever may see it, at a fixed cost."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from contacts.models import Activity, ActivityType, Contact, Deal, Note, Stage, Target, Task
from scoring.automations.outbox.messages import Message
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.pipeline.board.moving import MoveDeal
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand
from scoring.pipeline.leads.timeline.base import KINDS, Entry, Place, View
from scoring.pipeline.leads.timeline.reading import read
from tests.automations.set_up import go_live, person, refresh_all, visit
from tests.pipeline.leads.page import address, at_work, text_of

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def track(db: None) -> Track:
    return go_live()


def everything_about(contact: Contact, user: User, track: Track) -> None:
    """One of each source."""
    now = timezone.now()
    visit(contact, DAY)
    refresh_all()
    contact = Contact.objects.get(pk=contact.pk)
    contact.city = "Madrid"
    contact.save()
    Activity.objects.create(
        contact=contact,
        type=ActivityType.objects.get(slug="lead_rejected"),
        target=Target.objects.get_or_create(text="no budget")[0],
        occurred_at=now,
    )
    Note.objects.create(contact=contact, text="Likes tea", author=user)
    Task.objects.create(
        contact=contact, title="Ring", state="done", done_at=now, done_by=user, result="reached"
    )
    Message.objects.post(
        key="o:1:x", channel="email", recipient=contact.email, subject="Hello",
        body={"text": "How are you?", "from_name": "Saul"}, contact=contact,
    )  # fmt: skip
    won = Stage.objects.get(name="Won")
    Deal.objects.create(
        name="Suite", contact=contact, stage=won, opened_at=now - DAY, closed_at=now, reason="price"
    )
    Handover.objects.create(contact=contact, model=track.model, band="hot", total=70, handed_at=now)
    ManualBand.objects.create(
        contact=contact, model=track.model, band="warm", reason="met", set_by=user, set_at=now,
        ended_at=now, ended_by=user,
    )  # fmt: skip


def view(contact: Contact, user: User, track: Track) -> View:
    return View(Lead.objects.get(pk=contact.pk), user, track)


SAID = [
    ("activities", ["Page view"]),
    ("notes", ["Note"]),
    ("tasks", ["Ring"]),
    ("emails", ["Hello"]),
    ("bands", ["Qualified by hand: warm", "Band by hand ended: warm", "First score"]),
    ("deals", ["Deal opened: Suite", "Deal won: Suite"]),
    ("feedback", ["Lead rejected by sales", "Handed over to sales"]),
    ("fields", ["City"]),
]


@pytest.mark.parametrize(("kind", "titles"), SAID, ids=[kind for kind, _titles in SAID])
def test_each_kind_is_there_and_can_be_asked_for_alone(
    kind: str, titles: list[str], track: Track, saul: User
) -> None:
    ana = person("ana", owner="saul")
    everything_about(ana, saul, track)
    found = read(view(ana, saul, track), [kind], most=50).entries
    assert {entry.kind.name for entry in found} == {kind}
    assert {entry.title for entry in found} >= set(titles)


def test_every_kind_is_tried_here() -> None:
    assert [kind for kind, _titles in SAID] == list(KINDS)


def test_a_change_of_band_says_both_totals(track: Track, saul: User) -> None:
    ana = person("ana", owner="saul", job_title="Director")
    refresh_all()
    visit(ana, DAY)
    refresh_all()
    newest = read(view(ana, saul, track), ["bands"]).entries[0]
    assert (newest.title, newest.before, newest.after) == (
        "Another band",
        '<span class="band band-2"><b>30</b> warm</span>',
        '<span class="band band-4"><b>70</b> hot</span>',
    )


def test_a_kind_that_a_person_may_not_see_is_not_there(track: Track, saul: User) -> None:
    ana = person("ana", owner="saul")
    everything_about(ana, saul, track)
    saul.groups.first().permissions.filter(codename__in=["view_message", "view_note"]).delete()  # type: ignore[union-attr]
    found = read(view(ana, User.objects.get(pk=saul.pk), track), most=50).entries
    assert not {entry.kind.name for entry in found} & {"emails", "notes"}


def test_the_cost_of_a_page_does_not_depend_on_how_much_there_is(
    track: Track, saul: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ana = person("ana", owner="saul")
    everything_about(ana, saul, track)
    Note.objects.bulk_create(Note(contact=ana, text=f"{n}", author=saul) for n in range(60))
    seen = view(ana, User.objects.get(pk=saul.pk), track)
    # One for each of the fourteen sources, two for permissions, and names of companies and stages.
    with django_assert_max_num_queries(20):
        page = read(seen)
    assert len(page.entries) == 20
    assert page.next


def test_a_move_on_the_board_says_whither_and_by_whom(track: Track, saul: User) -> None:
    ana = person("ana", owner="saul")
    first, second = Stage.objects.filter(outcome="open")[:2]
    deal = Deal.objects.create(name="Suite", contact=ana, stage=first)
    MoveDeal(deal.pk, second, first.pk, saul).execute()
    newest = read(view(ana, saul, track), ["deals"]).entries[0]
    assert (newest.title, newest.after, newest.by) == ("Deal moved: Suite", second.name, "saul")


PLACES = [
    *("", "x", "~~", "2026-01-01~note~1"),
    "2026-01-01T00:00:00+00:00~nothing~1",
    "2026-01-01T00:00:00+00:00~note~-1",
    f"2026-01-01T00:00:00+00:00~note~{'9' * 40}",
]


@pytest.mark.parametrize("given", PLACES)
def test_what_is_no_place_begins_at_the_top(given: str, track: Track, saul: User) -> None:
    assert Place.read(given) is None
    ana = person("ana", owner="saul")
    Note.objects.create(contact=ana, text="Likes tea", author=saul)
    answer = at_work(saul).get(address("timeline", ana), {"after": given, "kind": ["notes", "x"]})
    assert "Likes tea" in text_of(answer)


class TestOrder(TestCase):
    """However many happen at one instant, paging shows each once."""

    @settings(max_examples=15)
    @given(
        rows=st.lists(st.tuples(st.sampled_from("ntb"), st.integers(0, 3)), max_size=14),
        most=st.integers(1, 4),
    )
    def test_pages_follow_one_another_without_gap_or_repetition(
        self, rows: list[tuple[str, int]], most: int
    ) -> None:
        contact = Contact.objects.create(email="ana@x.example")
        root = User.objects.create_superuser("root")
        for kind, hour in rows:
            store(kind, contact, NOON + timedelta(hours=hour))
        found: list[Entry] = []
        after: Place | None = None
        while True:
            page = read(View(Lead.objects.get(pk=contact.pk), root, None), (), after, most)
            found += page.entries
            if not page.next:
                break
            after = Place.read(page.next)
            assert after is not None
        assert [entry.at for entry in found] == sorted((e.at for e in found), reverse=True)
        counted = Counter((entry.source, entry.order) for entry in found)
        assert set(counted.values()) <= {1}
        assert len(found) == len(rows)


def store(kind: str, contact: Contact, at: datetime) -> Any:
    if kind == "n":
        return Note.objects.create(contact=contact, text="x", created_at=at)
    if kind == "t":
        return Task.objects.create(contact=contact, title="x", state="done", done_at=at)
    return contact.changes.create(field="city", before="", after="x", changed_at=at)
