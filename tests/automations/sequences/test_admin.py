"""The pages of sequences: who may do what, the steps, the people, the numbers, files."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from contacts.models import Calendar, Contact, Holiday, Team
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolling import enrol
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.automations.sequences.stepping import do_due
from tests.automations.sequences import making
from tests.automations.sequences.making import STEPS, lea, sequence

pytestmark = pytest.mark.django_db

Data = dict[str, Any]
LIST = "/admin/scoring/sequence/"


def page(client: Client, who: User, path: str) -> str:
    client.force_login(who)
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def step(number: int, **given: Any) -> Data:
    """The fields of one step as the form sends them."""
    fields = {
        "kind": "email",
        "wait_days": "0",
        "wait_working": "on",
        "at": "",
        "subject": "Hello",
        "text": "Good day",
        "assignee": "owner",
        "team": "",
        "person": "",
        "priority": "normal",
        "due_hours": "8",
        "position": "9999",
        "id": "",
        **given,
    }
    return {f"steps-{number}-{name}": value for name, value in fields.items()}


def form(*steps: Data, initial: int = 0, **given: Any) -> Data:
    found = {
        "name": "Welcome",
        "slug": "welcome",
        "purpose": "nurturing",
        "calendar": "",
        "goal": "",
        "steps-TOTAL_FORMS": str(len(steps)),
        "steps-INITIAL_FORMS": str(initial),
        **given,
    }
    for number, fields in enumerate(steps):
        found |= step(number, **fields)
    return found


def test_marketing_makes_a_sequence_with_steps(client: Client, marta: User) -> None:
    client.force_login(marta)
    data = form(
        {"subject": "First"},
        {"subject": "Call", "kind": "task", "text": "", "wait_days": "2", "at": "09:30"},
        active="on",
        goal="- {activity: {type: purchase}}",
    )
    response = client.post(f"{LIST}add/", data)
    assert response.status_code == 302, response.context["errors"]
    one = Sequence.objects.get()
    assert (one.slug, one.active, one.goal) == (
        "welcome",
        True,
        [{"activity": {"type": "purchase"}}],
    )
    assert [(each.position, each.number, each.kind, each.subject) for each in one.steps.all()] == [
        (1, 1, "email", "First"),
        (2, 2, "task", "Call"),
    ]


FAULTS: list[tuple[Data, Data, str]] = [
    ({"text": "Hi {{ contact.nmae }}"}, {}, "“contact.nmae” is no variable"),
    ({"subject": "Hi {{ contact.first_name }"}, {}, "A variable is written"),
    ({"text": "  "}, {}, "An e-mail needs a text."),
    ({"kind": "task", "assignee": "team"}, {}, "Say who it is for."),
    ({"kind": "task", "assignee": "person"}, {}, "Say who it is for."),
    ({"wait_days": "366"}, {}, "less than or equal to 365"),
    ({"at": "25:00"}, {}, "Enter a valid time."),
    ({}, {"slug": "Wel_come"}, "Use small letters, digits and hyphens only."),
    ({}, {"goal": "- {when: {field: nothing, op: equals, value: 1}}"}, "goal[0].when.field"),
    ({}, {"goal": "- {activity: {type: purchase}"}, "goal"),
    ({}, {"goal": "activity"}, "must be a list"),
]


@pytest.mark.parametrize(("fields", "given", "told"), FAULTS)
def test_what_is_faulty_is_refused_where_it_stands(
    client: Client, marta: User, fields: Data, given: Data, told: str
) -> None:
    client.force_login(marta)
    response = client.post(f"{LIST}add/", form(fields, **given))
    assert response.status_code == 200
    assert told in response.content.decode()
    assert not Sequence.objects.exists()


def test_changing_the_steps_has_everybody_looked_at_again(client: Client, marta: User) -> None:
    one = sequence()
    enrolment, _new = enrol(one, lea())
    first, second, third = one.steps.order_by("position")
    client.force_login(marta)
    moved = [
        {"id": str(each.pk), "subject": each.subject, "position": str(place), "kind": each.kind,
         "text": each.text}
        for each, place in [(first, 1), (second, 2), (third, 0)]
    ]  # fmt: skip
    moved[1]["subject"] = "Changed"
    data = form(*moved, {"subject": "New"}, initial=3, active="on", calendar=str(one.calendar_id))
    assert client.post(f"{LIST}{one.pk}/change/", data).status_code == 302
    found = [(each.position, each.subject) for each in one.steps.order_by("position")]
    assert found == [
        (1, "Call {{ contact.full_name }}"),
        (2, first.subject),
        (3, "Changed"),
        (4, "New"),
    ]
    assert Sequence.objects.get().slug == "welcome"
    enrolment.refresh_from_db()
    assert enrolment.next_at is not None and enrolment.next_at <= timezone.now()


def test_the_list_counts_people(client: Client, marta: User) -> None:
    assert "No sequences yet." in page(client, marta, LIST)
    one = sequence()
    for number, state in enumerate(["active", "active", "finished", "left", "left", "left"]):
        Enrolment.objects.create(
            sequence=one,
            contact=lea(email=f"p{number}@example.com"),
            state=state,
            ended_at=None if state == "active" else timezone.now(),
        )
    response = client.get(LIST)
    row = response.context["cl"].result_list[0]
    assert (row.active_count, row.finished_count, row.left_count) == (2, 1, 3)


def test_the_preview_says_what_a_contact_would_get(client: Client, marta: User) -> None:
    one = sequence()
    lea(country="JP")
    other = lea(email="bob@example.com", first_name="Bob")
    text = page(client, marta, f"{LIST}{one.pk}/change/?contact={other.pk}")
    assert "Hello Bob" in text and "Hello Léa" not in text
    assert "Europe/Madrid" in text
    japanese = Contact.objects.get(country="JP")
    text = page(client, marta, f"{LIST}{one.pk}/change/?contact={japanese.pk}")
    assert "Hello Léa" in text and "Asia/Tokyo" in text


def test_a_preview_of_a_calendar_without_hours_says_so(client: Client, marta: User) -> None:
    one = sequence()
    lea()
    Calendar.objects.update(hours={"mon": [["09:00", "09:01"]]})
    day = timezone.localdate()
    monday = day - timedelta(days=day.weekday())
    Holiday.objects.bulk_create(
        Holiday(calendar=one.own_calendar, day=monday + timedelta(days=7 * week))
        for week in range(530)
    )
    assert "no working time" in page(client, marta, f"{LIST}{one.pk}/change/")


def test_the_page_shows_who_is_at_which_step(client: Client, marta: User) -> None:
    one = sequence()
    first, _new = enrol(one, lea())
    gone, _new = enrol(one, lea(email="bob@example.com", first_name="Bob"))
    gone.end("left", "reply")
    people = f"{LIST}{one.pk}/people/"
    text = page(client, marta, people)
    assert "Léa" in text and "Bob" not in text
    assert "Left: answered" in page(client, marta, f"{people}?state=left")
    assert "Léa" in page(client, marta, f"{people}?state=all&step={first.step_id}")
    last = one.steps.order_by("position").last()
    assert last is not None
    assert "Nobody, as it is asked for here." in page(client, marta, f"{people}?step={last.pk}")
    for odd in ("?state=x&step=99999999999999999999", "?page=zz", "?step=-1"):
        page(client, marta, people + odd)


def test_people_come_in_pages(client: Client, marta: User) -> None:
    one = sequence()
    for number in range(30):
        enrol(one, lea(email=f"p{number}@example.com", first_name=f"P{number}"))
    people = f"{LIST}{one.pk}/people/"
    assert "Page 1 of 2" in page(client, marta, people)
    client.force_login(marta)
    assert len(client.get(f"{people}?page=2").context["people"]) == 5


def test_a_person_is_taken_out_by_post_only(client: Client, marta: User) -> None:
    one = sequence()
    enrolment, _new = enrol(one, lea())
    assert enrolment.next_at is not None
    do_due(enrolment.next_at)
    client.force_login(marta)
    remove = f"{LIST}{one.pk}/people/{enrolment.pk}/remove/"
    assert remove in client.get(f"{LIST}{one.pk}/people/").content.decode()
    assert client.get(remove).status_code == 405
    assert Enrolment.objects.get().state == "active"
    assert client.post(remove).status_code == 302
    assert (Enrolment.objects.get().state, Enrolment.objects.get().reason) == ("left", "person")
    assert Message.objects.get().state == "cancelled"
    assert "was not in it any more" in client.post(remove, follow=True).content.decode()


def test_a_contact_is_enrolled_by_hand(client: Client, marta: User) -> None:
    one, who = sequence(), lea()
    client.force_login(marta)
    path = f"{LIST}{one.pk}/enrol/"
    assert client.get(path).status_code == 405
    assert "Choose a contact first." in client.post(path, follow=True).content.decode()
    assert (
        "is in the sequence now"
        in client.post(path, {"contact": who.pk}, follow=True).content.decode()
    )
    assert "already" in client.post(path, {"contact": who.pk}, follow=True).content.decode()
    assert Enrolment.objects.get().enrolled_by == "admin: marta"
    no = lea(email="no@example.com", unsubscribed=True)
    assert "has unsubscribed" in client.post(path, {"contact": no.pk}, follow=True).content.decode()


# Role; whether it may see, edit, move people, import.
ROLES = [
    ("marta", True, True, True, True),
    ("ada", True, True, True, True),
    ("mona", True, False, False, False),
    ("saul", True, False, False, False),
]


@pytest.mark.parametrize(("name", "sees", "edits", "moves", "imports"), ROLES)
def test_a_role_may_do_what_it_may(
    request: Any, client: Client, name: str, sees: bool, edits: bool, moves: bool, imports: bool
) -> None:
    one, who = sequence(), lea(owner="saul")
    enrolment, _new = enrol(one, who)
    client.force_login(request.getfixturevalue(name))
    base = f"{LIST}{one.pk}/"
    for path in (LIST, f"{base}change/", f"{base}people/", f"{base}yaml/"):
        assert (client.get(path).status_code == 200) is sees, path
    text = client.get(f"{base}people/").content.decode()
    assert ("/enrol/" in text) is moves
    assert ("/remove/" in text) is moves
    saved = client.post(f"{base}change/", form(name="Other"))
    assert (saved.status_code == 302) is edits
    assert (client.post(f"{base}enrol/", {"contact": who.pk}).status_code == 302) is moves
    taken = client.post(f"{base}people/{enrolment.pk}/remove/")
    assert (taken.status_code == 302) is moves
    assert (client.get(f"{LIST}import/").status_code == 200) is imports
    assert (client.get(f"{LIST}add/").status_code == 200) is edits


def test_a_salesperson_sees_only_their_own_people(client: Client, saul: User) -> None:
    one = sequence()
    enrol(one, lea(owner="saul"))
    enrol(one, lea(email="bob@example.com", first_name="Bob", owner="other"))
    text = page(client, saul, f"{LIST}{one.pk}/people/")
    assert "Léa" in text and "Bob" not in text
    preview = page(client, saul, f"{LIST}{one.pk}/change/")
    assert "Hello Léa" in preview and "Hello Bob" not in preview


def test_nobody_moves_a_contact_whom_they_do_not_see(client: Client, saul: User) -> None:
    for name in ("add_enrolment", "change_enrolment"):
        saul.user_permissions.add(making.permission(name))
    one, hidden = sequence(), lea(owner="other")
    enrolment, _new = enrol(one, hidden)
    client.force_login(saul)
    assert client.post(f"{LIST}{one.pk}/people/{enrolment.pk}/remove/").status_code == 404
    enrolment.delete()
    client.post(f"{LIST}{one.pk}/enrol/", {"contact": hidden.pk})
    assert not Enrolment.objects.exists()


def test_without_a_log_in_there_is_nothing(client: Client) -> None:
    one = sequence()
    for path in ("people/", "yaml/", "enrol/"):
        assert client.get(f"{LIST}{one.pk}/{path}").status_code == 302


def test_a_file_goes_out_and_comes_in(client: Client, marta: User) -> None:
    one = sequence(goal=[{"activity": {"type": "purchase"}}])
    client.force_login(marta)
    response = client.get(f"{LIST}{one.pk}/yaml/")
    assert response["Content-Disposition"] == 'attachment; filename="welcome.yaml"'
    text = response.content
    one.delete()
    upload = SimpleUploadedFile("welcome.yaml", text)
    assert client.post(f"{LIST}import/", {"file": upload}).status_code == 302
    again = Sequence.objects.get()
    assert (again.slug, again.active, again.steps.count()) == ("welcome", False, len(STEPS))
    assert client.get(f"{LIST}{again.pk}/yaml/").content == text


BAD_FILES = [
    (b"name: X\nsteps: []\n", "steps: must not be an empty list"),
    (b"\xff\xfe", "UTF-8"),
    (b"name: X\nsteps: [{kind: email, subject: '{{ x }}', text: T}]\n", "steps[0].subject"),
    (b"name: X\ncalendar: None there\nsteps: [{kind: email, subject: S, text: T}]\n", "calendar:"),
    (b"x: &a [*a]\n", "Not imported"),
]


@pytest.mark.parametrize(("content", "told"), BAD_FILES)
def test_a_faulty_file_is_refused_with_its_faults(
    client: Client, marta: User, content: bytes, told: str
) -> None:
    client.force_login(marta)
    response = client.post(f"{LIST}import/", {"file": SimpleUploadedFile("x.yaml", content)})
    assert response.status_code == 200
    assert told in response.content.decode()
    assert not Sequence.objects.exists()


def test_the_problems_of_a_sequence_are_told(client: Client, marta: User) -> None:
    one = sequence()
    enrol(one, lea())
    Enrolment.objects.update(trouble="NoWorkingTime: none")
    Sequence.objects.update(goal=[{"when": {"field": "gone", "op": "is_set"}}])
    text = page(client, marta, f"{LIST}{one.pk}/people/")
    assert "1 people cannot go on: NoWorkingTime: none" in text
    assert "The goal: goal[0].when.field" in text
    SequenceStep.objects.all().delete()
    assert "nobody gets in" in page(client, marta, f"{LIST}{one.pk}/change/")


def test_a_team_that_a_step_names_may_go(client: Client, marta: User) -> None:
    team = Team.objects.create(name="Hunters", calendar=making.calendar())
    one = sequence(
        steps=[{"kind": "task", "subject": "Call", "assignee": "team", "team": "Hunters"}]
    )
    team.delete()
    page(client, marta, f"{LIST}{one.pk}/yaml/")


def test_the_page_of_a_lead_names_its_sequences(client: Client, marta: User, saul: User) -> None:
    one, who = sequence(), lea(owner="saul")
    lead = f"/admin/scoring/lead/{who.pk}/change/"
    assert "This lead has been in no sequence yet." in page(client, marta, lead)
    enrol(one, who)
    for person in (marta, saul):
        text = page(client, person, lead)
        assert f'href="{LIST}{one.pk}/people/"' in text
        assert "In it" in text and "no sequence yet" not in text
