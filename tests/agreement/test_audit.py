"""The audit trail is only ever added to, whoever asks and by whatever way."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from scoring.agreement.append_only import SQLITE
from scoring.agreement.audit import AuditEntry, Unalterable
from scoring.agreement.proposing import Propose
from scoring.criteria.models import ScoringModel
from tests.agreement.agreed import begin, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(marta: User) -> AuditEntry:
    model = begin()
    propose(model, marta)
    return AuditEntry.objects.get()


def ask(statement: str, *parameters: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.mark.parametrize(
    "change",
    [
        "username = 'nobody'",
        "action = 'signed'",
        "detail = '{}'",
        "at = '2020-01-01'",
        "version_id = NULL",
        "id = 99",
    ],
)
def test_the_database_refuses_to_change_a_line(change: str, entry: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="only ever added to"):
        ask(f"UPDATE scoring_auditentry SET {change}")  # noqa: S608 - of the table above


def test_the_database_refuses_to_delete_a_line(entry: AuditEntry) -> None:
    if connection.vendor == "sqlite":
        # Taken away for the tests, which empty tables by DELETE.
        ask(SQLITE[1])
    with pytest.raises(DatabaseError, match="only ever added to"):
        ask("DELETE FROM scoring_auditentry")


def test_nor_does_the_product_try(entry: AuditEntry) -> None:
    for deed in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(username="nobody"),
    ):
        with pytest.raises(Unalterable):
            deed()


def test_a_line_outlives_the_account_of_whoever_did_it(entry: AuditEntry, marta: User) -> None:
    marta.delete()
    entry.refresh_from_db()
    assert (entry.user, entry.username) == (None, "marta")


def test_a_line_is_never_put_on_somebody_elses_account(entry: AuditEntry, saul: User) -> None:
    with pytest.raises(DatabaseError):
        ask("UPDATE scoring_auditentry SET user_id = %s", saul.pk)


def test_a_model_with_a_trail_cannot_be_deleted(entry: AuditEntry) -> None:
    if connection.vendor == "sqlite":
        ask(SQLITE[1])
    with pytest.raises(ProtectedError, match="AuditEntry"), transaction.atomic():
        ScoringModel.objects.filter(pk=entry.model_id).delete()
    assert AuditEntry.objects.exists()


def test_what_is_refused_leaves_no_line(entry: AuditEntry, marta: User) -> None:
    with pytest.raises(Exception, match="waits for signatures"):
        Propose(marta, entry.model, "Once more").execute()
    assert AuditEntry.objects.get() == entry


def test_the_database_is_not_emptied_over_it(entry: AuditEntry) -> None:
    with pytest.raises(CommandError, match="the audit trail has lines \\(1\\)"):
        call_command("flush", interactive=False)
    assert AuditEntry.objects.get() == entry
