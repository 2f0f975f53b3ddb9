"""Whatever passes the border comes back from the database as it went in, on any database."""

import csv
import io
import json
import string
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.imports.sources import FileFormat, open_source
from contacts.jsonlines import decode
from contacts.models import Activity, Contact, CustomField, FieldChange
from contacts.normalise import normalise
from contacts.records import FieldSpec, parse_activity, parse_contact
from contacts.storing import store_activities, store_contacts

pytestmark = pytest.mark.once

FIELDS = {
    "note": FieldSpec("text"),
    "seats": FieldSpec("number"),
    "vip": FieldSpec("boolean"),
    "renewal": FieldSpec("date"),
}

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(letters, max_size=40)
whole = st.integers(-(10**15) + 1, 10**15 - 1)
# Every double whose shortest form has at most 15 digits, within what the border takes.
numbers = whole | st.builds(
    lambda digits, exponent: float(f"{digits}e{exponent}"),
    st.integers(-(10**14), 10**14),
    st.integers(-40, 40),
)
instants = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
words = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)

contacts = st.fixed_dictionaries(
    {
        "email": st.text(string.ascii_letters, min_size=1, max_size=5).map(
            lambda t: f"{t}@a.example"
        )
    },
    optional={
        "first_name": texts,
        "job_title": texts,
        "country": st.sampled_from(["ES", "mx", ""]),
        "lifecycle": st.sampled_from(["lead", "MQL", ""]),
        "unsubscribed": st.booleans(),
        "created_at": st.none() | instants,
        "tags": st.lists(texts.filter(normalise), max_size=4),
        "company": st.fixed_dictionaries(
            {"domain": words}, optional={"name": texts, "employees": st.none() | numbers}
        ),
        "attributes": st.fixed_dictionaries(
            {},
            optional={
                "note": texts,
                "seats": st.none() | numbers,
                "vip": st.booleans(),
                "renewal": st.dates().map(lambda day: day.isoformat()),
            },
        ),
    },
)
activities = st.fixed_dictionaries(
    {"contact": st.just("ana@a.example"), "type": words, "occurred_at": instants},
    optional={
        "target": texts,
        "automated": st.booleans(),
        "source": st.sampled_from(["web", "crm"]),
        "external_id": st.text(letters, max_size=10),
        "properties": st.dictionaries(words, texts | numbers | st.booleans(), max_size=4),
    },
)


class RoundTripTest(TestCase):
    @settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.lists(contacts, min_size=1, max_size=4))
    def test_storing_the_same_contacts_again_changes_nothing(self, given: list[Any]) -> None:
        records = [parse_contact(decode(json.dumps(data)), FIELDS) for data in given]
        for key, spec in FIELDS.items():
            CustomField.objects.get_or_create(key=key, defaults={"label": key, "type": spec.type})
        # The last record about a contact is what stands at the end.
        last = list({record.email.lower(): record for record in records}.values())
        store_contacts(records)
        store_contacts(last)
        FieldChange.objects.all().delete()
        again = store_contacts(last)
        assert (again.created, again.updated, again.unchanged) == (0, 0, len(last))
        assert not FieldChange.objects.exists()
        for record in last:
            contact = Contact.objects.with_email([record.email]).get()
            for name, value in record.fields.items():
                assert getattr(contact, name) == value, name
            for key, value in record.attributes.items():
                assert contact.attributes.get(key) == value, key
            if record.tags is not None:
                assert contact.tag_names() == sorted(map(normalise, record.tags))

    @settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.lists(activities, min_size=1, max_size=4))
    def test_activities_come_back_as_they_were(self, given: list[Any]) -> None:
        store_contacts([parse_contact({"email": "ana@a.example"}, {})])
        records = [parse_activity(decode(json.dumps(data))) for data in given]
        store_activities(records)
        fresh: dict[Any, Any] = {}
        for place, record in enumerate(records):
            key = (record.source, record.external_id) if record.external_id else place
            fresh.setdefault(key, record)
        stored = list(Activity.objects.order_by("pk").select_related("type", "target"))
        assert len(stored) == len(fresh)
        for activity, record in zip(stored, fresh.values(), strict=True):
            assert activity.occurred_at == record.occurred_at
            assert activity.type.slug == record.type
            assert activity.automated == record.automated
            assert (activity.properties or {}) == record.properties
            assert activity.target.norm == normalise(record.target)
            assert not Activity.out_of_step(activity)


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@settings(deadline=None, max_examples=30)
@given(rows=st.lists(st.tuples(cells, cells, cells), max_size=5))
def test_every_table_is_read_as_it_was_written(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str
) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b", "c"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(written.getvalue().encode(encoding))
        with open_source(path, FileFormat()) as source:
            read = [tuple(row.cells) for row in source.rows()]
    assert read == [row for row in rows if any(row)]
