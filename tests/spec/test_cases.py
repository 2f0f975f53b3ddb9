"""Every case of the contract, exactly, by every way in which a score is made."""

import json
from collections.abc import Iterable

import pytest

from contacts.models import Pending
from contacts.normalise import email_key
from contacts.storing import store_activities, store_contacts
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.dry_run import dry_run
from scoring.engine.models import Cause, Recompute, Score, ScoreChange
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.refresh import refresh
from scoring.engine.results import Result
from tests.spec.cases import CASES, Case

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES]),
]


def check(case: Case, results: Iterable[tuple[str, Result]]) -> None:
    found = list(results)
    lines = [json.dumps(result.as_data(email), ensure_ascii=False) for email, result in found]
    assert lines == case.expected
    assert [list(result.worths) for _email, result in found] == case.expected_slots


def stored(case: Case) -> Iterable[tuple[str, Result]]:
    """The stored results in the order of the case."""
    scores = Score.objects.select_related("contact", "track__version")
    found = {score.contact.email_key: score.result() for score in scores}
    order = [email_key(record.email) for record in case.contacts]
    assert set(order) >= found.keys()
    return [(address, found[address]) for address in order if address in found]


def store(case: Case) -> Recompute:
    """The people of a case, and its model gone live."""
    store_contacts(case.contacts)
    store_activities(case.activities)
    model = ScoringModel.objects.create(name=case.document.name)
    return publish(Version.objects.freeze(model, case.document), case.as_of)


def test_it_is_what_a_dry_run_says(case: Case) -> None:
    results = dry_run(case.document, case.contacts, case.activities, case.as_of)
    check(case, [(email, result) for email, result in results if result])


def test_it_is_what_a_recompute_stores(case: Case) -> None:
    recompute = store(case)
    assert sum(work(recompute)) == len(case.expected)
    check(case, stored(case))
    assert ScoreChange.objects.count() == len(case.expected)


def test_it_is_what_refreshing_contacts_one_by_one_stores(case: Case) -> None:
    store(case)
    contacts = Pending.objects.order_by("-contact_id").values_list("contact_id", flat=True)
    for contact in contacts.distinct():
        refresh([contact], Cause.PROFILE, case.as_of)
    check(case, stored(case))
