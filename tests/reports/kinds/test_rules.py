"""What each rule does equals what is counted lead by lead; suggestions and where they lead."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, Deal, Stage
from scoring.agreement.audit import AuditEntry
from scoring.criteria.document import Rule
from scoring.criteria.drafts import Draft, DraftRule
from scoring.criteria.rules import ProfileTest
from scoring.engine.models import Score, Track
from scoring.pipeline.feedback.models import Handover, RejectionReason
from scoring.reports.kinds.rules import NOBODY_SCORED, OF_SOME, Rules
from scoring.reports.rule_facts import Firing
from scoring.reports.statistics.strata import OddsRatio
from scoring.reports.suggesting import Advice, Verdict, advice, per_point
from scoring.reports.values import NOTHING
from tests.engine.scored import DIRECTOR, MODEL, PRICES, go_live, person, refresh_all, visit
from tests.reports.reporting import opened, opened_of, question, raws, table, words

DAY = timedelta(days=1)
NOBODY: Any = {
    "name": "Astronaut",
    "points": 10,
    "when": {"field": "job_title", "op": "equals", "value": "astronaut"},
}
AGAIN: Any = {
    "name": "Boss",
    "points": 5,
    "when": {"field": "job_title", "op": "ends_with", "value": "ector"},
}
DOCUMENT: Any = {
    **MODEL,
    "limits": {},
    "groups": [
        {"name": "Who", "dimension": "fit", "rules": [DIRECTOR, NOBODY, AGAIN]},
        {"name": "What", "dimension": "interest", "rules": [PRICES]},
    ],
    "objective": {"deal": "won"},
    "scenarios": [],
}


def asked(track: Track) -> Any:
    today = timezone.now().date()
    return question(today - 30 * DAY, today, model=track.model, now=timezone.now())


@pytest.fixture
def track(db: None) -> Track:
    """Three directors of whom one visits and is hot, and a clerk."""
    for name, title in (
        ("ana", "Director"),
        ("bea", "Director"),
        ("eva", "Director"),
        ("leo", "Clerk"),
    ):
        person(name, job_title=title)
    found = go_live(DOCUMENT)
    visit(Contact.objects.get(email_key="ana@x.example"), DAY)
    refresh_all()
    return found


def rows_of(track: Track) -> dict[str, list[Any]]:
    return {str(row[0]): row for row in raws(table(Rules().make(asked(track)), "rules"))}


def test_it_counts_for_whom_a_rule_counts_and_who_is_hot_by_it(track: Track) -> None:
    rows = rows_of(track)
    assert {name: row[2] for name, row in rows.items()} == {
        "Director": 3, "Astronaut": 0, "Boss": 3, "Visits the prices": 1,
    }  # fmt: skip
    # Ana has 30 + 5 + 40: without the visit or the job she is below 60, without 5 she is not.
    assert {name: row[6] for name, row in rows.items()} == {
        "Director": 1, "Astronaut": None, "Boss": 0, "Visits the prices": 1,
    }  # fmt: skip


def test_dead_rules_and_twins_are_named(track: Track) -> None:
    said = words(Rules().make(asked(track)))
    assert any("“Astronaut” counts for nobody" in each for each in said)
    assert any("“Director” counts for exactly the same contacts as “Boss”" in each for each in said)
    assert rows_of(track)["Director"][8] == "same as Boss"


def test_where_only_some_or_nobody_is_looked_at_no_rule_is_called_wrong(track: Track) -> None:
    for asked_of_some in (replace(asked(track), country="ZZ"), replace(asked(track), source="x")):
        made = Rules().make(asked_of_some)
        assert words(made) == [str(OF_SOME)]
        assert {row[8] for row in raws(table(made, "rules"))} == {NOTHING}
    Score.objects.all().delete()
    assert words(Rules().make(asked(track))) == [str(NOBODY_SCORED)]


def test_success_with_a_rule_and_without_it_is_counted_by_outcome(track: Track) -> None:
    opened = timezone.now() - 2 * DAY
    for name, won in (("ana", True), ("bea", False), ("leo", False)):
        stage = Stage.objects.get(name="Won" if won else "Lost")
        contact = Contact.objects.get(email_key=f"{name}@x.example")
        Deal.objects.create(
            name="d", contact=contact, stage=stage, opened_at=opened, closed_at=opened + DAY
        )
    made = Rules().work_out(asked(track))
    rows = {str(row[0]): row for row in raws(table(made.sections, "rules"))}
    assert rows["Director"][3:5] == [0.5, 0]
    assert rows["Astronaut"][3:5] == [None, pytest.approx(1 / 3)]
    for key, (said, number) in opened_of(Rules(), asked(track), made).items():
        assert number == said, key
    names = {contact.pk: contact.email.partition("@")[0] for contact in Contact.objects.all()}
    assert {
        key: sorted(names[pk] for pk in Rules().kept_behind(made.leads, f"{key}:Director") or ())
        for key in ("held", "held_won", "others", "others_won")
    } == {"held": ["ana", "bea"], "held_won": ["ana"], "others": ["leo"], "others_won": []}
    for unknown in ("held:Unknown", "held", "held_lost:Director", "known", "won:Director"):
        assert Rules().kept_behind(made.leads, unknown) is None, unknown


def test_rejected_leads_tell_which_rules_had_pushed_them(track: Track) -> None:
    ana = Contact.objects.get(email_key="ana@x.example")
    now = timezone.now()
    Handover.objects.create(
        contact=ana, model=track.model, band="hot", total=75, handed_at=now, answered_at=now,
        verdict="rejected", reason=RejectionReason.objects.all()[0],
    )  # fmt: skip
    rows = rows_of(track)
    assert {name: row[7] for name, row in rows.items()} == {
        "Director": 1, "Astronaut": 0, "Boss": 1, "Visits the prices": 1,
    }  # fmt: skip
    found = opened(Rules(), asked(track))
    assert {key.partition(":")[0] for key in found} == {"fires", "owing", "pushed"}
    for key, (said, number) in found.items():
        assert number == said, key
    for kind in ("owing", "pushed"):
        behind = Rules().behind(asked(track), f"{kind}:Director")
        assert behind is not None
        assert list(behind) == [ana]


def test_behind_a_rule_are_the_contacts_that_it_counts_for(track: Track) -> None:
    found = Rules().behind(asked(track), "fires:Visits the prices")
    assert found is not None
    assert [contact.email for contact in found] == ["ana@x.example"]
    for unknown in ("fires:Unknown", "owing:Unknown", "others:Director", "nonsense"):
        assert Rules().behind(asked(track), unknown) is None


@pytest.mark.once
def test_only_rules_for_the_same_contacts_are_twins() -> None:
    firing = Firing()
    for pk, worths in ((1, [5, 5, 0, 0]), (2, [0, 0, 3, 0]), (3, [1, 2, 1, 0])):
        firing.note(pk, worths)
    assert firing.twins() == {0: [1], 1: [0]}


def rule(points: int, name: str = "r") -> Rule:
    return Rule(name=name, points=points, exclude=False, test=ProfileTest(when=None))  # type: ignore[arg-type]


SURE, UNSURE, AGAINST = OddsRatio(4.0, 2.0, 8.0), OddsRatio(1.5, 0.8, 3), OddsRatio(0.25, 0.1, 0.5)
ADVICE = [
    ("nobody", 20, 0, [], SURE, 0.1, Advice(Verdict.DEAD)),
    ("a twin", 20, 5, ["other"], SURE, 0.1, Advice(Verdict.TWIN)),
    ("no outcomes", 20, 5, [], None, 0.1, Advice(Verdict.UNKNOWN)),
    ("chance", 20, 5, [], UNSURE, 0.1, Advice(Verdict.UNKNOWN)),
    ("as it should be", 15, 5, [], SURE, 0.1, Advice(Verdict.KEEP)),
    ("too low", 5, 5, [], SURE, 0.1, Advice(Verdict.RAISE, 15)),
    ("too high", 60, 5, [], SURE, 0.1, Advice(Verdict.LOWER, 15)),
    ("the wrong way", 20, 5, [], AGAINST, 0.1, Advice(Verdict.DROP)),
    ("the wrong way down", -20, 5, [], SURE, 0.1, Advice(Verdict.DROP)),
    ("rightly negative", -15, 5, [], AGAINST, 0.1, Advice(Verdict.KEEP)),
    ("takes too little", -5, 5, [], AGAINST, 0.1, Advice(Verdict.LOWER, -15)),
    ("takes too much", -60, 5, [], AGAINST, 0.1, Advice(Verdict.RAISE, -15)),
    ("nothing to compare with", 20, 5, [], SURE, None, Advice(Verdict.KEEP)),
]


@pytest.mark.once
@pytest.mark.parametrize(
    ("_name", "points", "fires", "twins", "ratio", "point", "expected"),
    ADVICE,
    ids=[row[0] for row in ADVICE],
)
def test_a_rule_is_advised_by_what_is_sure(
    _name: str, points: int, fires: int, twins: list[str], ratio: OddsRatio | None,
    point: float | None, expected: Advice,
) -> None:  # fmt: skip
    assert advice(rule(points), fires, twins, ratio, point) == expected


@pytest.mark.once
def test_a_point_is_worth_what_it_is_in_the_middle_of_the_rules_that_are_sure() -> None:
    facts = [(rule(10), SURE), (rule(20), SURE), (rule(40), SURE), (rule(20), UNSURE)]
    assert per_point(facts) == pytest.approx(1.3863 / 20, abs=1e-4)
    assert per_point([(rule(10), UNSURE)]) is None


def link(track: Track, **more: Any) -> str:
    query = {"rule": "Boss", "version": track.version.hash, "model": track.model_id, **more}
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('admin:report_rule_draft')}?{pairs}"


def test_marketing_puts_a_suggestion_into_the_draft_and_the_trail_says_so(
    track: Track, client: Client, marta: User
) -> None:
    client.force_login(marta)
    page = client.get(link(track, points=15))
    assert "15 points" in page.content.decode()
    assert not Draft.objects.exists()
    client.post(link(track, points=15))
    row = DraftRule.objects.get(name="Boss")
    assert (row.points, row.enabled) == (15, True)
    client.post(link(track))
    row.refresh_from_db()
    assert not row.enabled
    changes = AuditEntry.objects.filter(detail__name="Boss").order_by("pk")
    assert [entry.detail["change"] for entry in changes] == ["rule_changed", "rule_switched"]


def test_whoever_may_not_write_the_draft_changes_nothing(
    track: Track, client: Client, saul: User
) -> None:
    client.force_login(saul)
    assert client.get(link(track, points=15)).status_code == 403
    assert client.post(link(track, points=15)).status_code == 403
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "query", [{"rule": "Nothing"}, {"version": "x"}, {"model": "y"}, {"points": "1e9"}], ids=str
)
def test_a_forged_link_is_not_found(
    query: dict[str, str], track: Track, client: Client, marta: User
) -> None:
    client.force_login(marta)
    assert client.post(link(track, **query)).status_code == 404
    assert not Draft.objects.exists()


def test_a_rule_that_the_draft_has_no_more_is_told(
    track: Track, client: Client, marta: User
) -> None:
    client.force_login(marta)
    client.post(link(track, points=15))
    DraftRule.objects.filter(name="Boss").delete()
    answer = client.post(link(track, points=20), follow=True)
    assert "The draft has no rule “Boss”." in answer.content.decode()
