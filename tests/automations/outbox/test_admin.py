"""The pages of the outbox: who sees what, and that nothing is done by looking."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from contacts.models import Contact
from scoring.automations.outbox.delivery import dispatch
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification, OwnerCard
from scoring.automations.outbox.receivers import Destination, Endpoint

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def as_(client: Client) -> Callable[[User], Client]:
    def log_in(user: User) -> Client:
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint.objects.create(name="zap", url="https://hooks.example.com/a")


def webhook(key: str, contact: Contact | None = None, **fields: object) -> Message:
    body = {"type": "lead.hot", "data": {}}
    message = Message.objects.post(
        key=key, channel="webhook", recipient="zap", subject="lead.hot", body=body, contact=contact
    )
    Message.objects.filter(pk=message.pk).update(**fields)
    message.refresh_from_db()
    return message


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


# --- The outbox ----------------------------------------------------------------------------


def test_the_list_says_what_to_expect_while_there_is_nothing(
    as_: Callable[[User], Client], marta: User
) -> None:
    assert "Nothing was posted yet" in text_of(as_(marta), "/admin/scoring/message/")


def test_a_kept_webhook_shows_the_headers_and_signature_that_would_have_gone_out(
    as_: Callable[[User], Client], ada: User, marta: User, endpoint: Endpoint
) -> None:
    message = webhook("x:1:0")
    dispatch()
    page = text_of(as_(ada), f"/admin/scoring/message/{message.pk}/change/")
    assert "webhook-id: x:1:0" in page
    assert "webhook-signature: v1," in page
    assert "POST https://hooks.example.com/a" in page
    assert "lead.hot" in page
    assert "What would have gone out" in page
    assert "Kept here" in text_of(as_(marta), "/admin/scoring/message/")
    hidden = text_of(as_(marta), f"/admin/scoring/message/{message.pk}/change/")
    assert "hooks.example.com" not in hidden


def test_a_salesperson_sees_the_messages_of_their_own_contacts_and_of_the_pool(
    as_: Callable[[User], Client], saul: User, endpoint: Endpoint
) -> None:
    own = webhook("own", Contact.objects.create(email="own@example.com", owner="Saul"))
    pool = webhook("pool", Contact.objects.create(email="pool@example.com"))
    other = webhook("other", Contact.objects.create(email="other@example.com", owner="sonia"))
    nobody = webhook("nobody")
    assert set(Message.objects.visible_to(saul)) == {own, pool}
    client = as_(saul)
    page = text_of(client, "/admin/scoring/message/")
    assert "own@example.com" in page
    assert "other@example.com" not in page
    for hidden in (other, nobody):
        assert client.get(f"/admin/scoring/message/{hidden.pk}/change/").status_code == 404


@pytest.mark.parametrize("query", ["state__exact=dead", "by=webhook", "flagged__exact=1", "q=zap"])
def test_the_list_can_be_narrowed(
    as_: Callable[[User], Client], ada: User, endpoint: Endpoint, query: str
) -> None:
    message = webhook("x:1:0", state=State.DEAD, flagged=True)
    Message.objects.post(key="x:2:0", channel="inbox", recipient="ada", subject="Hi", body={})
    listed = as_(ada).get(f"/admin/scoring/message/?{query}").context["cl"].result_list
    assert list(listed) == [message]


AGAIN = [
    "/admin/scoring/message/{pk}/again/",
    "/admin/scoring/message/failed-again/",
    "/admin/scoring/message/replay/?endpoint=zap&first=2020-01-01&last=2099-01-01",
]


@pytest.mark.parametrize("address", AGAIN)
def test_sending_again_asks_first_and_is_done_by_post(
    as_: Callable[[User], Client], ada: User, endpoint: Endpoint, address: str
) -> None:
    message = webhook("x:1:0", state=State.DEAD, attempts=10)
    client = as_(ada)
    page = text_of(client, address.format(pk=message.pk))
    assert "again" in page or "once more" in page
    message.refresh_from_db()
    assert message.state == State.DEAD
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    client.post(address.format(pk=message.pk), fields)
    before = (message.key, message.body)
    message.refresh_from_db()
    assert (message.state, message.tries) == (State.PENDING, 0)
    assert (message.key, message.body) == before


@pytest.mark.parametrize("address", AGAIN)
def test_only_an_administrator_sends_again(
    as_: Callable[[User], Client], marta: User, endpoint: Endpoint, address: str
) -> None:
    message = webhook("x:1:0", state=State.DEAD)
    client = as_(marta)
    assert client.get(address.format(pk=message.pk)).status_code == 403
    assert client.post(address.format(pk=message.pk)).status_code == 403
    message.refresh_from_db()
    assert message.state == State.DEAD
    assert "failed-again" not in text_of(client, "/admin/scoring/message/")


def test_the_replay_counts_before_it_sends(
    as_: Callable[[User], Client], ada: User, endpoint: Endpoint
) -> None:
    for number in range(3):
        webhook(f"x:{number}:0", state=State.SENT)
    webhook("waiting")
    client = as_(ada)
    query = "?endpoint=zap&first=2020-01-01&last=2099-01-01"
    assert "3 webhooks are sent" in text_of(client, f"/admin/scoring/message/replay/{query}")
    backwards = text_of(
        client, "/admin/scoring/message/replay/?endpoint=zap&first=2021-01-01&last=2020-01-01"
    )
    assert "The first day is after the last." in backwards


# --- Endpoints -----------------------------------------------------------------------------


def test_the_secret_is_shown_once(as_: Callable[[User], Client], ada: User) -> None:
    client = as_(ada)
    form = {"name": "zap", "url": "https://hooks.example.com/a"}
    shown = client.post("/admin/scoring/endpoint/add/", form)
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    for address in ("/admin/scoring/endpoint/", f"/admin/scoring/endpoint/{endpoint.pk}/change/"):
        assert endpoint.secret not in text_of(client, address)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/a",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com:22/",
    ],
)
def test_an_endpoint_inside_is_refused_with_one_clear_error(
    as_: Callable[[User], Client], ada: User, url: str
) -> None:
    page = as_(ada).post("/admin/scoring/endpoint/add/", {"name": "zap", "url": url})
    assert page.status_code == 200
    assert len(page.context["adminform"].form.errors["url"]) == 1
    assert not Endpoint.objects.exists()


def test_a_new_secret_is_made_by_post_and_the_former_signs_for_a_day(
    as_: Callable[[User], Client], ada: User, endpoint: Endpoint
) -> None:
    client, former = as_(ada), endpoint.secret
    address = f"/admin/scoring/endpoint/{endpoint.pk}/rotate/"
    assert "24 hours" in text_of(client, address)
    endpoint.refresh_from_db()
    assert endpoint.secret == former
    page = client.post(address).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret != former
    assert endpoint.secret in page
    assert endpoint.former_secret == former


def test_an_endpoint_is_switched_off_and_on_and_tested(
    as_: Callable[[User], Client], ada: User, endpoint: Endpoint
) -> None:
    client, base = as_(ada), f"/admin/scoring/endpoint/{endpoint.pk}"
    client.post(f"{base}/off/")
    endpoint.refresh_from_db()
    assert not endpoint.active
    assert "by ada" in text_of(client, f"{base}/change/")
    client.post(f"{base}/on/")
    endpoint.refresh_from_db()
    assert endpoint.active
    client.post(f"{base}/test/")
    message = Message.objects.get()
    assert message.key.startswith("test:")
    dispatch()
    assert "test.ping" in text_of(client, f"{base}/change/")


def test_the_name_that_automations_know_stays(
    as_: Callable[[User], Client], ada: User, endpoint: Endpoint
) -> None:
    form = {"name": "other", "url": "https://hooks.example.com/b"}
    as_(ada).post(f"/admin/scoring/endpoint/{endpoint.pk}/change/", form)
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.url) == ("zap", "https://hooks.example.com/b")


@pytest.mark.parametrize("model", ["endpoint", "destination"])
@pytest.mark.parametrize("name", ["marta", "saul", "mona"])
def test_only_an_administrator_keeps_receivers(
    as_: Callable[[User], Client],
    request: pytest.FixtureRequest,
    endpoint: Endpoint,
    model: str,
    name: str,
) -> None:
    client = as_(request.getfixturevalue(name))
    for rest in ("", "add/", f"{endpoint.pk}/change/", f"{endpoint.pk}/test/"):
        assert client.get(f"/admin/scoring/{model}/{rest}").status_code in (403, 404)


# --- Destinations --------------------------------------------------------------------------


def test_the_address_of_a_destination_is_never_shown(
    as_: Callable[[User], Client], ada: User
) -> None:
    client = as_(ada)
    form = {"name": "sales", "url": "json://token-of-ours@example.com/x", "active": "on"}
    client.post("/admin/scoring/destination/add/", form)
    destination = Destination.objects.get()
    address = f"/admin/scoring/destination/{destination.pk}/change/"
    assert "token-of-ours" not in text_of(client, address)
    assert "token-of-ours" not in text_of(client, "/admin/scoring/destination/")
    client.post(address, {"name": "sales", "url": "", "active": "on"})
    destination.refresh_from_db()
    assert destination.url == "json://token-of-ours@example.com/x"


@pytest.mark.parametrize("url", ["", "nonsense", "syslog://", "dbus://", "nothing://example.com"])
def test_what_is_no_service_outside_is_refused(
    as_: Callable[[User], Client], ada: User, url: str
) -> None:
    as_(ada).post("/admin/scoring/destination/add/", {"name": "sales", "url": url, "active": "on"})
    assert not Destination.objects.exists()


# --- Notifications -------------------------------------------------------------------------


def test_a_person_sees_their_own_notifications_and_how_many_are_unread(
    as_: Callable[[User], Client], saul: User, ada: User
) -> None:
    own = Notification.objects.create(user=saul, title="Ana is hot", link="/admin/scoring/lead/")
    other = Notification.objects.create(user=ada, title="For Ada")
    client = as_(saul)
    page = client.get("/admin/scoring/notification/")
    assert list(page.context["cl"].result_list) == [own]
    sidebar = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
    assert [item["badge"] for item in sidebar if item["badge"]] == [1]
    assert client.get(f"/admin/scoring/notification/{other.pk}/change/").status_code == 404
    assert client.post(f"/admin/scoring/notification/{other.pk}/read/").status_code == 404


def test_looking_marks_nothing_as_read(as_: Callable[[User], Client], saul: User) -> None:
    one = Notification.objects.create(user=saul, title="Ana is hot", link="/admin/scoring/lead/")
    client, base = as_(saul), f"/admin/scoring/notification/{one.pk}"
    text_of(client, f"{base}/change/")
    assert client.get(f"{base}/read/").status_code == 405
    one.refresh_from_db()
    assert one.read_at is None
    opened = client.post(f"{base}/read/", {"_open": "1"})
    assert opened.headers["Location"] == "/admin/scoring/lead/"
    one.refresh_from_db()
    assert one.read_at is not None


def test_all_are_marked_at_once_but_not_those_of_others(
    as_: Callable[[User], Client], saul: User, ada: User
) -> None:
    for user in (saul, saul, ada):
        Notification.objects.create(user=user, title="Hot")
    as_(saul).post("/admin/scoring/notification/all-read/")
    assert set(Notification.objects.unread()) == set(Notification.objects.filter(user=ada))


# --- Cards ---------------------------------------------------------------------------------


def test_a_salesperson_keeps_their_own_card_only(
    as_: Callable[[User], Client], saul: User, ada: User
) -> None:
    other = OwnerCard.objects.create(user=ada, meeting_link="https://cal.example.com/ada")
    client = as_(saul)
    form = {"meeting_link": "https://cal.example.com/saul", "signature": "", "user": str(ada.pk)}
    client.post("/admin/scoring/ownercard/add/", form)
    assert OwnerCard.objects.get(user=saul).meeting_link == "https://cal.example.com/saul"
    assert client.get(f"/admin/scoring/ownercard/{other.pk}/change/").status_code == 404
    assert client.get("/admin/scoring/ownercard/add/").status_code == 403


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "cal.example.com"])
def test_a_meeting_link_is_an_address_of_the_web(
    as_: Callable[[User], Client], saul: User, link: str
) -> None:
    as_(saul).post("/admin/scoring/ownercard/add/", {"meeting_link": link, "signature": ""})
    assert not OwnerCard.objects.exists()
