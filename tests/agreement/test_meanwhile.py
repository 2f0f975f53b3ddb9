"""Something has happened to the model between looking at it and doing something to it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.test import RequestFactory

from scoring.agreement.audit import AuditEntry
from scoring.agreement.beginning import draft_to_change
from scoring.agreement.changes import Refused, lock_model
from scoring.agreement.editor.beginning import Unusable, empty, start
from scoring.agreement.exchange import Rename
from scoring.agreement.going_live import BringLive
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.publish import publish
from tests.agreement.agreed import agree, begin, bring_live, change_draft
from tests.engine.scored import go_live


@pytest.mark.django_db
def test_a_model_that_was_renamed_gets_its_own_draft(ada: User) -> None:
    model = begin()
    former = model.name
    Draft.objects.get().delete()
    Rename(ada, model, "Renewals").execute()
    other = ScoringModel.objects.create(name=former)
    kept = Draft.objects.bring_back(other, empty(former))

    draft = draft_to_change(model, ada)
    assert draft is not None
    assert (draft.model, draft.base) == (model, Version.objects.live().get())
    assert draft.document().name == "Renewals"
    assert Draft.objects.filter(pk=kept.pk).exists()
    assert ScoringModel.objects.count() == 2


@pytest.mark.django_db
def test_a_draft_is_not_begun_where_somebody_has_begun_one(marta: User) -> None:
    model = begin()
    draft = Draft.objects.get()
    request = RequestFactory().post("/", {"source": "empty"})
    request.user = marta
    with pytest.raises(Unusable, match="There is a draft already"):
        start(request, model, empty(model.name), None)
    assert Draft.objects.get() == draft
    assert not AuditEntry.objects.filter(action="draft_begun").exists()


@pytest.mark.django_db
def test_a_version_that_has_been_live_and_gone_goes_live_for_a_reason_only(
    marta: User, saul: User
) -> None:
    model = begin()
    first = agree(model, marta, saul)
    bring_live(first, marta)
    looked_at = Version.objects.get(pk=first.pk)
    change_draft(36)
    second = agree(model, marta, saul)
    bring_live(second, marta)
    with pytest.raises(Refused, match="Write why you go back"):
        BringLive(marta, looked_at, former=second.pk).execute()
    BringLive(marta, looked_at, former=second.pk, reason="Too few leads").execute()
    assert Version.objects.live().get() == first


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_draft_is_edited_while_something_is_done_to_its_model(marta: User) -> None:
    """Otherwise who has the model and wants the draft waits for who has it the other way round."""
    version = go_live().version
    draft = Draft.objects.bring_back(version.model, empty("Small"))

    def edit() -> None:
        try:
            with draft.changing():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '5s'")
                AuditEntry.objects.note(marta, version.model, "draft_changed")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as another, transaction.atomic():
        lock_model(version.model_id)
        publish(version)
        another.submit(edit).result(60)
    assert AuditEntry.objects.filter(action="draft_changed").count() == 1
