"""Sets of terms: written, signed by both sides, replaced, put away; the page, and who may what."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Calendar, Lifecycle
from scoring.agreement.audit import AuditEntry
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification
from scoring.engine.models import Track
from scoring.reports.review.jobs import tell
from scoring.reports.review.looking import seen_now
from scoring.reports.review.models import Meeting
from scoring.reports.terms.agreeing import terms_of
from scoring.reports.terms.models import Terms
from tests.engine.scored import MODEL, go_live

pytestmark = pytest.mark.django_db
PAGE, EDIT = reverse("admin:terms"), reverse("admin:terms_edit")
FORM = {
    "every": "month", "band_2": "20", "goal_response": "90", "looked_at": "0",
    "mql": "Fits, and has asked for prices", "sql": "", "opportunity": "", "customer": "",
    "notes": "",
}  # fmt: skip


@pytest.fixture
def track() -> Track:
    return go_live(MODEL)


def write(client: Client, **more: str) -> Any:
    return client.post(EDIT, {**FORM, **more})


def do(client: Client, terms: Terms, deed: str, **form: str) -> Any:
    return client.post(reverse("admin:terms_do", args=[terms.pk, deed]), form)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def waiting(track: Track, marta: User, saul: User) -> Terms:
    assert write(logged_in(marta)).status_code == 302
    return Terms.objects.waiting().get()


@pytest.fixture
def agreed(waiting: Terms, marta: User, saul: User) -> Terms:
    do(logged_in(marta), waiting, "sign", side="marketing")
    do(logged_in(saul), waiting, "sign", side="sales")
    waiting.refresh_from_db()
    return waiting


def state(terms: Terms) -> str:
    terms.refresh_from_db()
    if terms.is_waiting:
        return "waits"
    return "put away" if terms.agreed_at is None else "ended" if terms.ended_at else "holds"


def told(user: User) -> str:
    return Notification.objects.filter(user=user).latest("pk").title


def test_a_set_holds_when_both_sides_have_signed(
    waiting: Terms, marta: User, saul: User, track: Track
) -> None:
    do(logged_in(marta), waiting, "sign", side="marketing")
    assert state(waiting) == "waits"
    do(logged_in(saul), waiting, "sign", side="sales")
    assert state(waiting) == "holds"
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "username", "detail")) == [
        ("terms_changed", "marta", {"set": 1}),
        ("terms_signed", "marta", {"set": 1, "side": "marketing"}),
        ("terms_signed", "saul", {"set": 1, "side": "sales"}),
        ("terms_agreed", "", {"set": 1}),
    ]
    told = Notification.objects.filter(user=saul).values_list("title", flat=True)
    assert "marta has changed the terms and goals of “Small model”" in told


def test_a_change_is_a_new_set_that_is_signed_again(
    agreed: Terms, marta: User, mona: User, track: Track
) -> None:
    write(logged_in(mona), band_2="25", looked_at="1")
    new = Terms.objects.waiting().get()
    assert (state(agreed), new.number, new.missing_sides()) == ("holds", 2, ["marketing", "sales"])
    assert terms_of(track.model) == agreed
    page = logged_in(marta).get(PAGE).content.decode()
    assert "Set 2 waits for signatures" in page
    do(logged_in(mona), new, "sign", side="sales")
    do(logged_in(marta), new, "sign", side="marketing")
    assert (state(agreed), state(new)) == ("ended", "holds")
    history = logged_in(mona).get(PAGE).context["past"]
    assert [each.state for each in history] == ["holds now", "held until a later one"]
    [change] = history[0].differences
    assert (change.what, change.before, change.after) == ("leads that reach hot", "20", "25")


def test_a_newer_set_takes_the_place_of_one_that_waits(
    waiting: Terms, marta: User, mona: User
) -> None:
    do(logged_in(marta), waiting, "sign", side="marketing")
    write(logged_in(mona), goal_response="95", looked_at="1")
    assert state(waiting) == "put away"
    assert Terms.objects.waiting().get().standing == []
    # Whoever still has the old page signs nothing that they do not see.
    do(logged_in(mona), waiting, "sign", side="sales")
    assert state(waiting) == "put away"
    assert waiting.missing_sides() == ["sales"]


def test_the_meaning_of_a_word_changes_also_where_a_goal_has_its_name(
    track: Track, marta: User
) -> None:
    client = logged_in(marta)
    write(client, goal_mql="30")
    answer = write(client, goal_mql="30", mql="Fits, and has asked for a demo", looked_at="1")
    assert answer.status_code == 302
    assert Terms.objects.waiting().get().words[Lifecycle.MQL] == "Fits, and has asked for a demo"


REFUSED = [
    ({"looked_at": "7"}, "Somebody has changed the terms meanwhile"),
    ({"looked_at": "1"}, "Nothing is different"),
    ({"looked_at": "1", "band_2": "", "goal_response": ""}, "Set at least one goal."),
    ({"looked_at": "1", "goal_response": "101"}, "less than or equal to 100"),
    ({"looked_at": "1", "band_2": "-3"}, "greater than or equal to 1"),
    ({"looked_at": "1", "every": "year"}, "Select a valid choice"),
    ({"looked_at": "1", "mql": "x" * 2001}, "at most 2000"),
]


@pytest.mark.parametrize(("form", "said"), REFUSED)
def test_what_cannot_be_a_new_set_is_said(
    form: dict[str, str], said: str, waiting: Terms, marta: User
) -> None:
    answer = write(logged_in(marta), **form)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Terms.objects.count() == 1


def test_nobody_signs_for_both_and_nobody_for_another_side(
    waiting: Terms, ada: User, saul: User, marta: User
) -> None:
    assert do(logged_in(saul), waiting, "sign", side="marketing").status_code == 403
    assert do(logged_in(saul), waiting, "sign", side="both").status_code == 403
    for side in ("marketing", "sales"):
        do(logged_in(ada), waiting, "sign", side=side)
    assert waiting.missing_sides() == ["sales"]
    do(logged_in(marta), waiting, "sign", side="marketing")
    assert waiting.signatures.count() == 1


def test_a_signature_is_taken_back_until_both_are_there(
    waiting: Terms, marta: User, saul: User
) -> None:
    do(logged_in(marta), waiting, "sign", side="marketing")
    do(logged_in(marta), waiting, "unsign")
    assert waiting.missing_sides() == ["marketing", "sales"]
    assert told(saul) == (
        "marta has taken back the signature under the terms and goals of “Small model”"
    )
    for user, side in ((marta, "marketing"), (saul, "sales")):
        do(logged_in(user), waiting, "sign", side=side)
    do(logged_in(saul), waiting, "unsign")
    assert state(waiting) == "holds"
    assert Terms.objects.get().missing_sides() == []
    assert "taken back" in logged_in(saul).get(PAGE).content.decode()


def test_a_set_that_waits_can_be_put_away(waiting: Terms, mona: User, saul: User) -> None:
    assert do(logged_in(saul), waiting, "withdraw").status_code == 403
    assert do(logged_in(saul), waiting, "frame").status_code == 404
    do(logged_in(mona), waiting, "withdraw")
    assert state(waiting) == "put away"
    assert told(saul) == "mona has put away the set of terms and goals of “Small model”"
    assert "have not agreed on goals yet" in logged_in(saul).get(PAGE).content.decode()


WHO = [
    # Name, sees the page, changes the terms, is asked to sign for.
    ("marta", True, True, ["marketing"]),
    ("saul", True, False, ["sales"]),
    ("mona", True, True, ["sales"]),
    ("ada", True, True, ["marketing", "sales"]),
    ("nobody", False, False, []),
]


@pytest.mark.parametrize(("name", "sees", "changes", "signs"), WHO)
def test_who_sees_changes_and_signs(
    name: str, sees: bool, changes: bool, signs: list[str], waiting: Terms,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    nobody = User.objects.create_user("nobody", is_staff=True)
    client = logged_in(nobody if name == "nobody" else request.getfixturevalue(name))
    page = client.get(PAGE)
    assert page.status_code == (200 if sees else 403)
    assert client.get(EDIT).status_code == (200 if changes else 403)
    assert write(client, band_2="3").status_code == (200 if changes else 403)
    if sees:
        assert page.context["may_sign"] == signs
        assert (EDIT in page.content.decode()) == changes


# Of a role that somebody made: which of the addresses of the terms answer.
ROLES = [("view_terms", [200, 200, 200, 404, 200]), ("view_reports", [403, 403, 403, 403, 404])]


@pytest.mark.parametrize(("permission", "answers"), ROLES)
def test_whoever_may_read_the_terms_reads_them_as_a_report_and_nobody_else(
    permission: str, answers: list[int], agreed: Terms
) -> None:
    user = User.objects.create_user("rosa", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=permission))
    client = logged_in(user)
    addresses = [
        PAGE,
        reverse("admin:report", args=["goals"]),
        reverse("admin:report_file", args=["goals", "csv"]),
        reverse("admin:report_leads", args=["goals"]) + "?of=goal|mql||9999-12-30|9999-12-31|all",
        "/api/v1/reports/goals",
    ]
    assert [client.get(address).status_code for address in addresses] == answers


def test_whoever_is_to_sign_finds_it_on_the_first_page(waiting: Terms, saul: User) -> None:
    def turns() -> list[str]:
        blocks = logged_in(saul).get(reverse("admin:index")).context["blocks"]
        return [item.text for block in blocks if block.slug == "turn" for item in block.items]

    assert turns() == ["Sign the terms and goals of “Small model”"]
    do(logged_in(saul), waiting, "sign", side="sales")
    assert turns() == []


def test_what_people_write_is_shown_as_text_alone(track: Track, marta: User) -> None:
    write(logged_in(marta), mql="<script>alert(1)</script> =1+1")
    page = logged_in(marta).get(PAGE).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    for kind in ("csv", "xlsx"):
        address = reverse("admin:report_file", args=["goals", kind])
        assert logged_in(marta).get(address).status_code == 200


def test_the_weekly_review_shows_how_far_the_goals_are(agreed: Terms, saul: User) -> None:
    report = logged_in(saul).get(reverse("admin:report", args=["review"]))
    assert "leads that reach hot" in report.content.decode()
    assert "Set 1 of the terms" in report.content.decode()


def test_when_they_were_written_and_signed_is_said_by_the_clock_of_the_calendar(
    waiting: Terms, marta: User, saul: User
) -> None:
    Calendar.objects.filter(is_default=True).update(time_zone="Asia/Tokyo")
    do(logged_in(marta), waiting, "sign", side="marketing")
    waiting.signatures.update(at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    Terms.objects.update(made_at=datetime(2026, 3, 2, 16, 15, tzinfo=UTC))
    page = " ".join(logged_in(saul).get(PAGE).content.decode().split())
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    written, signed = "3 Mar 2026, 01:15", "3 Mar 2026, 08:30"
    assert f"Written by marta, {written}" in page
    assert f"signed by marta, {signed}" in page
    # Both stand in the list of all sets as well.
    assert page.count(written) == page.count(signed) == 2


def test_the_weekly_review_shows_them_to_nobody_who_may_not_read_the_terms(
    agreed: Terms, track: Track
) -> None:
    user = User.objects.create_user("rosa", is_staff=True)
    given = ["view_reports", "view_meeting", "view_lead"]
    user.user_permissions.set(Permission.objects.filter(codename__in=given))
    held = Meeting.objects.plan(timezone.now())
    assert held.begin(timezone.now())
    held.refresh_from_db()
    assert held.end(timezone.now(), seen_now(held))
    meeting = Meeting.objects.plan(timezone.now())
    pages = [
        reverse("admin:report", args=["review"]),
        reverse("admin:report_file", args=["review", "csv"]),
        reverse("admin:review_meeting", args=[meeting.pk]),
        # What was kept of one that has ended.
        reverse("admin:review_meeting", args=[held.pk]),
        reverse("admin:review_file", args=[held.pk, "csv"]),
        "/api/v1/reports/review",
    ]
    behind = reverse("admin:report_leads", args=["review"])
    key = "goal|band|hot|2026-03-02|2026-03-08|all"

    def shown() -> list[bool]:
        client = logged_in(user)
        found = [client.get(page).content.decode() for page in pages]
        assert all("Why leads were rejected" in each for each in found)
        opened = client.get(behind, {"of": key}).status_code == 200
        tell([User.objects.get(pk=user.pk)], meeting, f"letter:{Message.objects.count()}")
        letter = Message.objects.latest("pk").content["text"]
        assert "handed over to sales" in letter
        found.append(letter)
        return ["leads that reach hot" in each for each in found] + [opened]

    assert shown() == [False] * 8
    user.user_permissions.add(Permission.objects.get(codename="view_terms"))
    assert shown() == [True] * 8


def test_the_page_says_where_there_are_no_terms_yet_who_writes_them(
    track: Track, saul: User, mona: User
) -> None:
    assert "have not agreed on goals yet" in logged_in(saul).get(PAGE).content.decode()
    assert "Write the terms" not in logged_in(saul).get(PAGE).content.decode()
    assert "Write the terms" in logged_in(mona).get(PAGE).content.decode()


def test_without_a_live_model_the_pages_say_so(ada: User) -> None:
    client = logged_in(ada)
    assert "No scoring model is live" in client.get(PAGE).content.decode()
    assert client.get(EDIT).status_code == 302
