"""The admin pages of leads and recomputes: what they say, to whom, and at what cost."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, Tag
from contacts.records import parse_contact
from contacts.storing import store_contacts
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.engine.leads import Lead
from scoring.engine.models import Cause, Recompute, Score, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import start, work
from tests.engine.scored import (
    DIRECTOR,
    MODEL,
    PRICES,
    Data,
    go_live,
    person,
    refresh_all,
    visit,
    visits,
)

pytestmark = pytest.mark.django_db

LEADS = reverse("admin:scoring_lead_changelist")
HOME = reverse("admin:index")
DAY = timedelta(days=1)
SPAIN = {"field": "country", "op": "equals", "value": "ES"}
PAYLOAD = "<script>alert(1)</script>\"'"


def page_of(contact: Contact) -> str:
    return reverse("admin:scoring_lead_change", args=[contact.pk])


@pytest.fixture
def marketing(marta: User, client: Client) -> Client:
    client.force_login(marta)
    return client


@pytest.fixture
def sales(saul: User) -> Client:
    client = Client()
    client.force_login(saul)
    return client


@pytest.fixture
def hot() -> Contact:
    found = person("hot", first_name="Ana", last_name="Núñez", job_title="Director", owner="saul")
    visit(found, 2 * DAY)
    return found


@pytest.fixture
def warm() -> Contact:
    return person("warm", first_name="Bo", job_title="Director", country="ES", owner="mona")


@pytest.fixture
def cold() -> Contact:
    return person("cold", lifecycle="customer")


@pytest.fixture
def rival() -> Contact:
    found = person("rival", job_title="Director", tags=["Competitor"])
    visit(found, DAY)
    return found


@pytest.fixture
def live(hot: Contact, warm: Contact, cold: Contact, rival: Contact) -> Track:
    return go_live()


def text_of(answer: Any) -> str:
    """What a person reads, blanks squeezed."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    page = page[page.index('id="content"') :]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def listed(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{LEADS}?{query}")
    assert answer.status_code == 200
    return [lead.email.partition("@")[0] for lead in answer.context["cl"].result_list]


class TestList:
    def test_it_shows_the_hottest_first_and_the_excluded_last(
        self, marketing: Client, live: Track
    ) -> None:
        assert listed(marketing) == ["hot", "warm", "cold", "rival"]

    def test_it_says_how_hot_each_is_and_why(self, marketing: Client, live: Track) -> None:
        text = text_of(marketing.get(LEADS))
        assert "70 hot A1 +40 Visits the prices +40 each time they visit a page" in text
        assert "+30 Director +30 if job title contains" in text
        assert "70 excluded A1 excluded Competitor" in text

    def test_a_number_is_never_without_the_band_in_words(
        self, marketing: Client, live: Track
    ) -> None:
        page = marketing.get(LEADS).content.decode()
        badges = re.findall(r'<span class="band band-(\w+)"><b>\d+</b> (\w+)</span>', page)
        assert badges == [("4", "hot"), ("2", "warm"), ("0", "cold"), ("none", "excluded")]

    FILTERS = [
        ("band=hot", ["hot"]),
        ("band=excluded", ["rival"]),
        ("band=tepid", []),
        ("grade=A1", ["hot", "rival"]),
        ("grade=A2", ["warm"]),
        ("total_from=30&total_to=69", ["warm"]),
        ("total_from=30.5", ["hot", "rival"]),
        ("total_from=x", []),
        ("total_from=nan", []),
        ("total_from=inf", []),
        ("total_to=1e30", ["hot", "warm", "cold", "rival"]),
        ("owner_name=MONA", ["warm"]),
        ("lifecycle__exact=customer", ["cold"]),
        ("country=es", ["warm"]),
        ("q=nunez", ["hot"]),
        ("q=nunez&band=cold", []),
        ("o=2", ["cold", "warm", "rival", "hot"]),
        ("model=nonsense", ["hot", "warm", "cold", "rival"]),
    ]

    @pytest.mark.parametrize(("query", "found"), FILTERS)
    def test_it_filters(self, query: str, found: list[str], marketing: Client, live: Track) -> None:
        assert listed(marketing, query) == found

    def test_it_shows_one_model_at_a_time(self, marketing: Client, live: Track) -> None:
        other = go_live(
            {
                **MODEL,
                "name": "Other",
                "audience": SPAIN,
            }
        )
        assert listed(marketing) == ["hot", "warm", "cold", "rival"]
        assert listed(marketing, f"model={other.pk}") == ["warm"]
        answer = marketing.get(f"{LEADS}?model={other.pk}")
        assert "Other" in answer.content.decode()

    def test_who_sees_only_their_own_leads_sees_those_and_the_pool(
        self, sales: Client, live: Track
    ) -> None:
        assert listed(sales) == ["hot", "cold", "rival"]

    def test_without_a_model_it_says_what_to_do(self, marketing: Client, cold: Contact) -> None:
        text = text_of(marketing.get(LEADS))
        assert "manage.py load_model --template b2b_starter --activate" in text

    def test_while_the_first_scores_are_made_it_says_so(
        self, marketing: Client, cold: Contact
    ) -> None:
        publish(load(parse(MODEL)).version)
        text = text_of(marketing.get(LEADS))
        assert "The scores are being computed" in text
        assert "0 of 1 blocks are done" in text

    def test_it_gives_no_reasons_of_another_versions_rules(
        self, marketing: Client, live: Track
    ) -> None:
        """The stored breakdown is still that of the version before."""
        fewer = {**MODEL, "groups": [{"name": "Who", "dimension": "fit", "rules": [DIRECTOR]}]}
        recompute = publish(load(parse(fewer)).version)
        text = text_of(marketing.get(LEADS))
        assert "being computed" in text
        assert "Visits the prices" not in text
        list(work(recompute))
        assert "being computed" not in text_of(marketing.get(LEADS))

    def test_its_cost_does_not_grow_with_the_contacts(self, marketing: Client, live: Track) -> None:
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                marketing.get(LEADS)
            return len(captured)

        marketing.get(LEADS)
        few = queries()
        store_contacts(
            [
                parse_contact(
                    {
                        "email": f"n{number}@many.example",
                        "job_title": "Director" if number % 3 else "",
                        "company": {"name": f"Company {number % 70}"},
                    },
                    {},
                )
                for number in range(5000)
            ]
        )
        list(work(start(live, Cause.RECOMPUTE)))
        assert Score.objects.count() == 5004
        assert queries() <= few + 1  # the pages of the list
        assert few <= 20


class TestLead:
    def test_it_says_the_score_and_where_it_comes_from(
        self, marketing: Client, hot: Contact, live: Track
    ) -> None:
        text = text_of(marketing.get(page_of(hot)))
        assert "70 hot A1" in text
        assert "Fit: who they are 30 of 30" in text
        assert "Interest: what they do 40 of 55" in text
        assert 'Director +30 if job title contains "director" This is wrong' in text
        assert "This is wrong : Director schedule Time alone" in text
        assert "1 rule that gives nothing" in text
        assert "Page view /pricing" in text

    def test_it_says_what_happens_next(self, marketing: Client, hot: Contact, live: Track) -> None:
        text = text_of(marketing.get(page_of(hot)))
        due = timezone.now() - 2 * DAY + 10 * DAY
        assert f"If nothing more happens, on {due.day}" in text
        assert "70 arrow_forward 50 warm A1 Visits the prices −20" in text

    def test_it_says_that_time_alone_changes_nothing(
        self, marketing: Client, warm: Contact, live: Track
    ) -> None:
        text = text_of(marketing.get(page_of(warm)))
        assert "Time alone will not change this score." in text
        assert "30 points below “hot”" in text

    def test_it_says_who_excludes(self, marketing: Client, rival: Contact, live: Track) -> None:
        text = text_of(marketing.get(page_of(rival)))
        assert "excluded by “Competitor”" in text
        assert "points below" not in text

    def test_it_shows_a_sum_before_and_after_its_limit(
        self, marketing: Client, hot: Contact
    ) -> None:
        visits([(hot, hours * timedelta(hours=1), "/pricing") for hours in range(1, 6)])
        go_live()
        text = text_of(marketing.get(page_of(hot)))
        assert "+60 before the limit +55" in text
        assert "80 hot A1 +85 before the limit" in text

    def test_it_lists_the_newest_activities_and_counts_the_rest(
        self, marketing: Client, hot: Contact
    ) -> None:
        visits([(hot, n * timedelta(minutes=1), f"/pricing/{n}") for n in range(1, 31)])
        go_live()
        text = text_of(marketing.get(page_of(hot)))
        assert "20 activities, and 11 older activities" in text
        assert "/pricing/20 " in text
        assert "/pricing/21 " not in text

    def test_a_day_to_come_is_foretold(self, marketing: Client, hot: Contact, live: Track) -> None:
        day = (timezone.now() + 8 * DAY).date()
        text = text_of(marketing.get(f"{page_of(hot)}?as_of={day}"))
        assert "As it will be at the end of" in text
        assert "50 warm A1" in text or "warm A1 10 points below “hot”" in text

    def test_a_day_gone_by_is_shown_as_it_was(
        self, marketing: Client, hot: Contact, live: Track
    ) -> None:
        day = (timezone.now() - 3 * DAY).date()
        text = text_of(marketing.get(f"{page_of(hot)}?as_of={day}"))
        assert "As it was at the end of" in text
        assert "30 warm A2" in text
        assert "The fields of this contact are known only since" in text

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1970-01-01", "2026-02-28"])
    def test_any_day_of_the_calendar_is_shown(
        self, day: str, marketing: Client, hot: Contact, live: Track
    ) -> None:
        assert marketing.get(f"{page_of(hot)}?as_of={day}").status_code == 200

    @pytest.mark.parametrize("given", ["yesterday", "2026-02-30", "2026", PAYLOAD, "10000-01-01"])
    def test_what_is_no_day_is_said_and_today_shown(
        self, given: str, marketing: Client, hot: Contact, live: Track
    ) -> None:
        answer = marketing.get(page_of(hot), {"as_of": given})
        page = answer.content.decode()
        assert "is no day" in html.unescape(page)
        assert "Now (" in text_of(answer)
        assert PAYLOAD not in page

    def test_the_history_tells_when_and_why_the_score_changed(
        self, marketing: Client, warm: Contact, live: Track
    ) -> None:
        visit(warm, timedelta(hours=1))
        refresh_all()
        contact = Contact.objects.get(pk=warm.pk)
        contact.set_tags([Tag.objects.get(name_norm="competitor")])
        refresh_all()
        answer = marketing.get(page_of(warm))
        text = text_of(answer)
        assert "30 70 hot A1 an activity arrived Visits the prices +40 version 1" in text
        assert "70 70 excluded A1 a field changed now excluded by “Competitor”" in text
        assert "– 30 warm A2 another version went live Director +30" in text

    def test_the_history_comes_in_pages(
        self, marketing: Client, warm: Contact, live: Track
    ) -> None:
        for _number in range(15):
            contact = Contact.objects.get(pk=warm.pk)
            contact.job_title = "" if contact.job_title else "Director"
            contact.save()
            refresh_all()
        first = marketing.get(page_of(warm))
        second = marketing.get(page_of(warm), {"history": "2", "as_of": "2026-01-01"})
        shown = [row["before"] for row in first.context["history"]["rows"]]
        rest = [row["before"] for row in second.context["history"]["rows"]]
        assert len(shown) + len(rest) == 16
        # The oldest of a page is compared with what comes on the next one.
        assert first.context["history"]["rows"][-1]["differences"] in (
            ["Director +30"],
            ["Director −30"],
        )
        assert "as_of=2026-01-01" in second.content.decode()

    def test_a_contact_outside_the_audience_has_a_page_that_says_so(
        self, marketing: Client, hot: Contact
    ) -> None:
        go_live({**MODEL, "audience": SPAIN})
        text = text_of(marketing.get(page_of(hot)))
        assert 'Outside the audience of the model, so without a score: country is "ES".' in text

    def test_without_a_model_it_says_how_to_load_one(self, marketing: Client, hot: Contact) -> None:
        assert "load_model" in text_of(marketing.get(page_of(hot)))

    def test_it_leads_to_the_contact_and_back(
        self, marketing: Client, hot: Contact, live: Track
    ) -> None:
        contact = reverse("admin:contacts_contact_change", args=[hot.pk])
        assert f'href="{contact}"' in marketing.get(page_of(hot)).content.decode()
        page = marketing.get(contact).content.decode()
        assert f'href="{page_of(hot)}"' in page
        assert "Score and reasons" in page

    def test_it_is_not_there_for_whoever_may_not_see_the_contact(
        self, sales: Client, hot: Contact, warm: Contact, live: Track
    ) -> None:
        assert sales.get(page_of(hot)).status_code == 200
        for query in ("", "?as_of=2026-01-01", f"?model={live.pk}", "?_to_field=email"):
            assert sales.get(page_of(warm) + query).status_code == 404
        history = reverse("admin:scoring_lead_history", args=[warm.pk])
        assert sales.get(history).status_code == 404
        for pk in ("0", "x", "999999999999999999999", "1;2"):
            assert sales.get(reverse("admin:scoring_lead_change", args=[pk])).status_code == 404

    def test_nobody_changes_it(self, marketing: Client, hot: Contact, live: Track) -> None:
        assert marketing.post(page_of(hot), {"total": "1"}).status_code == 403
        assert marketing.get(reverse("admin:scoring_lead_add")).status_code == 403
        delete = reverse("admin:scoring_lead_delete", args=[hot.pk])
        assert marketing.post(delete, {"post": "yes"}).status_code == 403

    def test_nothing_that_was_typed_becomes_part_of_the_page(self, marketing: Client) -> None:
        rule = {**PRICES, "name": f"Rule {PAYLOAD}"}
        rule["activity"] = {"type": "page_view"}
        group = {"name": f"Group {PAYLOAD}", "dimension": "interest", "rules": [rule]}
        bands = [{"name": f"cold {PAYLOAD}"}, {"name": f"hot {PAYLOAD}", "from": 1}]
        document: Data = {
            **MODEL,
            "name": f"Model {PAYLOAD}",
            "groups": [group],
            "bands": bands,
            "scenarios": [],
        }
        lead = person("x", first_name=PAYLOAD, job_title=PAYLOAD, company={"name": PAYLOAD})
        visit(lead, DAY, target=PAYLOAD)
        track = go_live(document)
        visit(lead, 2 * DAY)
        refresh_all()
        version = reverse("admin:scoring_version_change", args=[track.version_id])
        addresses = [
            page_of(lead),
            LEADS,
            HOME,
            version,
            reverse("admin:scoring_version_changelist"),
            reverse("admin:scoring_scoringmodel_changelist"),
            reverse("admin:scoring_scoringmodel_change", args=[track.model_id]),
            reverse("admin:scoring_recompute_changelist"),
        ]
        for address in addresses:
            page = marketing.get(address).content.decode()
            assert "<script>alert(1)" not in page, address
        assert html.escape(PAYLOAD) in marketing.get(page_of(lead)).content.decode()


class TestHome:
    def test_it_counts_and_names_the_hottest(self, marketing: Client, live: Track) -> None:
        answer = marketing.get(HOME)
        figures = {figure.title: figure.value for figure in answer.context["figures"]}
        assert (figures["Leads that are hot"], figures["Leads that are warm"]) == ("1", "1")
        text = text_of(answer)
        assert "Hottest leads Small model All leads" in text
        assert "70 hot A1 Ana Núñez +40 Visits the prices" in text

    def test_a_figure_leads_to_the_leads_that_it_counts(
        self, marketing: Client, live: Track
    ) -> None:
        figure = marketing.get(HOME).context["figures"][0]
        assert [lead.pk for lead in marketing.get(figure.url).context["cl"].result_list] == [
            Lead.objects.get(email="hot@x.example").pk
        ]

    def test_a_salesperson_finds_only_their_own_leads(self, sales: Client, live: Track) -> None:
        answer = sales.get(HOME)
        assert [lead.email for lead in answer.context["hottest"]] == [
            "hot@x.example",
            "cold@x.example",
            "rival@x.example",
        ]
        assert answer.context["figures"][1].value == "0"

    def test_with_contacts_and_no_model_it_says_how_to_load_one(
        self, marketing: Client, cold: Contact
    ) -> None:
        assert "load_model --template b2b_starter" in text_of(marketing.get(HOME))

    def test_whoever_may_not_see_leads_finds_none(self, live: Track) -> None:
        client = Client()
        client.force_login(User.objects.create_user("nobody", is_staff=True))
        assert "hottest" not in client.get(HOME).context
        assert client.get(LEADS).status_code == 403


class TestRecomputes:
    ADDRESS = reverse("admin:scoring_recompute_changelist")

    def test_it_shows_how_far_each_is(self, marketing: Client, live: Track) -> None:
        start(live, Cause.RECOMPUTE)
        text = text_of(marketing.get(self.ADDRESS))
        assert "0 of 1 blocks 0" in text
        assert "running" in text
        assert "1 of 1 blocks 4" in text

    def test_it_says_which_was_stopped_for_another(self, marketing: Client, live: Track) -> None:
        start(live, Cause.RECOMPUTE)
        start(live, Cause.RECOMPUTE)
        assert "0 of 1 blocks; stopped for another one" in text_of(marketing.get(self.ADDRESS))

    def test_its_page_opens(self, marketing: Client, live: Track) -> None:
        pk = Recompute.objects.get().pk
        answer = marketing.get(reverse("admin:scoring_recompute_change", args=[pk]))
        assert "1 of 1 blocks" in text_of(answer)

    def test_its_cost_does_not_grow_with_the_recomputes(
        self, marketing: Client, live: Track
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                marketing.get(self.ADDRESS)
            return len(captured)

        queries()
        few = queries()
        for _number in range(10):
            start(live, Cause.RECOMPUTE)
        assert queries() == few


def test_the_date_of_the_scores_is_a_moment_in_utc(
    marketing: Client, hot: Contact, live: Track
) -> None:
    answer = marketing.get(f"{page_of(hot)}?as_of=2026-11-30")
    assert answer.context["as_of"] == datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=UTC)
