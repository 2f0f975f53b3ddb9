"""Normalised columns keep in step with what they are made from, on every way of writing."""

import sys
import unicodedata
from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Upper
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Company, Contact, Deal, Stage, Tag, Target
from contacts.models.people import CONTACT_TEXTS
from contacts.models.twins import twins_of
from contacts.normalise import days_since_epoch, digest, email_key, normalise, tag_types

# By what the definition names: accents, case folding, white space, compatibility forms.
CASES = [
    ("", ""),
    ("   ", ""),
    ("Café", "cafe"),
    ("CAFE\N{COMBINING ACUTE ACCENT}", "cafe"),
    ("Straße", "strasse"),
    ("ﬁn", "fin"),
    ("İstanbul", "istanbul"),
    ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
    ("  a \t\n b\N{NO-BREAK SPACE}c ", "a b c"),
    ("ＡＢＣ１", "abc1"),
    ("Ø", "ø"),
    ("50 % _off_ \\o/", "50 % _off_ \\o/"),
    ("a\N{ZERO WIDTH SPACE}b", "a\N{ZERO WIDTH SPACE}b"),
    ("\N{COMBINING ACUTE ACCENT}", ""),
]


@pytest.mark.parametrize(("text", "normalised"), CASES)
def test_a_text_has_one_normal_form(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


def as_defined(text: str) -> str:
    """The definition, a step a line and a character at a time."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = [one for one in decomposed if unicodedata.combining(one) == 0]
    folded = "".join(bare).casefold()
    words: list[str] = [""]
    for letter in folded:
        if letter.isspace():
            words.append("")
        else:
            words[-1] += letter
    return " ".join(word for word in words if word)


def test_every_character_of_unicode_is_normalised_as_defined() -> None:
    wrong = [
        code
        for code in range(sys.maxunicode + 1)
        if normalise(f"A{chr(code)}b") != as_defined(f"A{chr(code)}b")
    ]
    assert wrong == []


@given(st.text())
def test_any_text_is_normalised_as_defined(text: str) -> None:
    assert normalise(text) == as_defined(text)


@given(st.text())
def test_outer_and_doubled_blanks_do_not_count(text: str) -> None:
    assert normalise(f"  {text}\t") == normalise(text)
    assert normalise(text.replace(" ", "  ")) == normalise(text)


@pytest.mark.parametrize(
    ("address", "key"),
    [(" Ana@Example.COM\n", "ana@example.com"), ("Ü@example.com", "ü@example.com"), ("", "")],
)
def test_an_address_has_one_key(address: str, key: str) -> None:
    assert email_key(address) == key


def test_typed_values_are_told_apart_by_their_key() -> None:
    values = {"t": " Ítem ", "n": 3, "f": 2.5, "b": True, "d": "1970-01-03", "e": " ", "x": None}
    texts = {"s:t": "item", "n:n": 3.0, "n:f": 2.5, "b:b": True, "s:d": "1970-01-03"}
    assert tag_types(values) == texts
    assert tag_types(values, dates=True) == texts | {"d:d": 2}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1970-01-01", 0),
        ("1969-12-31", -1),
        ("2024-02-29", 19782),
        ("2023-02-29", None),
        ("2024-2-29", None),
        ("20240229", None),
        ("tomorrow!!", None),
    ],
)
def test_a_day_is_counted_from_1970(text: str, days: int | None) -> None:
    assert days_since_epoch(text) == days


@given(st.dates())
def test_any_day_is_counted_from_1970(day: date) -> None:
    assert days_since_epoch(day.isoformat()) == day.toordinal() - date(1970, 1, 1).toordinal()


def new() -> Contact:
    return Contact(email="Ána@Example.com", city="Cádiz", attributes={"Plan": "Pró", "n": 1})


def saved() -> Contact:
    contact = new()
    contact.save()
    return contact


def created_in_bulk() -> Contact:
    return Contact.objects.bulk_create([new()])[0]


def updated() -> Contact:
    contact = Contact.objects.create(email="old@example.com")
    given = {"email": "Ána@Example.com", "city": "Cádiz", "attributes": {"Plan": "Pró", "n": 1}}
    Contact.objects.filter(pk=contact.pk).update(**given)
    return contact


def updated_in_bulk() -> Contact:
    contact = Contact.objects.create(email="old@example.com")
    contact.email, contact.city = "Ána@Example.com", "Cádiz"
    contact.attributes = {"Plan": "Pró", "n": 1}
    Contact.objects.bulk_update([contact], ["email", "city", "attributes"])
    return contact


def saved_in_part() -> Contact:
    contact = Contact.objects.create(email="old@example.com")
    contact.email, contact.city = "Ána@Example.com", "Cádiz"
    contact.attributes = {"Plan": "Pró", "n": 1}
    contact.save(update_fields=["email", "city", "attributes"])
    return contact


@pytest.mark.django_db
@pytest.mark.parametrize("write", [saved, created_in_bulk, updated, updated_in_bulk, saved_in_part])
def test_every_way_of_writing_keeps_the_twins(write: Callable[[], Contact]) -> None:
    contact = Contact.objects.get(pk=write().pk)
    assert contact.email_key == "ána@example.com"
    assert (contact.email_norm, contact.city_norm) == ("ana@example.com", "cadiz")
    assert contact.attributes_norm == {"s:Plan": "pro", "n:n": 1.0}
    assert Contact.out_of_step(contact) == []


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["50 % off", "a_b", "back\\slash", "quo'te", 'quo"te', "–"])
def test_a_text_of_any_characters_is_found_by_itself(text: str) -> None:
    Target.objects.create(text=text)
    for other in ("50 x off", "axb", "backslash", "quote"):
        Target.objects.ids_by_key([other])
    found = Target.objects.filter(norm=normalise(text))
    assert [target.text for target in found] == [text]
    assert [target.text for target in Target.objects.filter(norm__contains=normalise(text))] == [
        text
    ]


@pytest.mark.django_db
def test_an_expression_cannot_be_normalised_and_is_refused() -> None:
    Contact.objects.create(email="a@example.com")
    for expression in (F("first_name"), Upper("city")):
        with pytest.raises(TypeError, match="city_norm|city has a twin"):
            Contact.objects.update(city=expression)


def test_every_text_that_a_rule_may_ask_has_a_twin() -> None:
    assert set(CONTACT_TEXTS) <= {twin.of for twin in twins_of(Contact)}


@pytest.fixture
def one_of_each() -> None:
    Contact.objects.create(email="a@example.com", city="Cádiz", attributes={"n": 1})
    Company.objects.create(name="Ácme")
    Tag.objects.create(name="Ítem")
    Target.objects.ids_by_key(["/Précios"])
    Deal.objects.create(name="Acme", stage=Stage.objects.earliest("pk"), owner="Ána")


@pytest.mark.django_db
def test_the_check_finds_nothing_where_all_is_well(one_of_each: None) -> None:
    out = StringIO()
    call_command("check_twins", stdout=out)
    assert "Every normalised column is what its column says." in out.getvalue()


SPOILED = [
    ("contacts_contact", "city_norm", "'Cadiz'", "contacts.Contact"),
    ("contacts_contact", "email_key", "'A@example.com'", "contacts.Contact"),
    ("contacts_contact", "attributes_norm", "'{\"n:n\": 2}'", "contacts.Contact"),
    ("contacts_company", "name_norm", "'Acme'", "contacts.Company"),
    ("contacts_company", "key", "'acme'", "contacts.Company"),
    ("contacts_tag", "name_norm", "'Item'", "contacts.Tag"),
    ("contacts_target", "norm", "'x'", "contacts.Target"),
    ("contacts_deal", "owner_norm", "'Ana'", "contacts.Deal"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "column", "value", "label"), SPOILED)
def test_the_check_names_rows_that_are_out_of_step(
    one_of_each: None, table: str, column: str, value: str, label: str
) -> None:
    newest = f"(SELECT max(id) FROM {table})"
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE {table} SET "{column}" = {value} WHERE id = {newest}')
    told = StringIO()
    with pytest.raises(CommandError, match="1 rows are out of step"):
        call_command("check_twins", stderr=told)
    assert told.getvalue().startswith(label)
    assert column in told.getvalue()


def test_a_digest_is_as_long_for_any_text() -> None:
    assert {len(digest(text)) for text in ("", "x" * 10_000)} == {64}
