"""By what a text can tell who somebody is: addresses, full names and numbers of now and before."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final
from urllib.parse import quote, quote_plus

from django.db.models import Q
from django.utils.html import escape

from contacts.models import Contact, EmailAlias, FieldChange, Merge
from contacts.normalise import email_key, normalise, phone_key
from contacts.values import ERASED_DOMAIN

# A shorter one is as good as any other word.
NAME_LEAST: Final = 5
PHONE_LEAST: Final = 6
# Letters that go on with an address, a word or a number.
OF_ADDRESS: Final = r"[\w.+%-]"
# In a query a blank is a plus, or a number in hexadecimal as other signs are.
BEFORE_QUOTED: Final = r"(?<![\w.%-])|(?<=%(?!2B|25|2D|2E|5F)[2-57][0-9A-F])"
# As the bodies of messages are written.
COMPACT: Final[dict[str, Any]] = {"ensure_ascii": False, "separators": (",", ":")}


@dataclass(frozen=True)
class Identity:
    """``addresses``, ``names`` and ``phones``: what is looked for in texts, without regard to case.

    What somebody else has as well (a namesake, a switchboard, an address that once was typed
    here by mistake) is not looked for: it would be taken from them.
    """

    contact_id: int
    addresses: frozenset[str]
    names: frozenset[str]
    phones: frozenset[str]

    @classmethod
    def of(cls, contact: Contact) -> "Identity":
        rows = Merge.objects.standing().filter(contact=contact)
        merged = [merge.merged for merge in rows]
        values = {name: set(values_of(contact, merged, name)) for name in
                  ("email", "first_name", "last_name", "phone")}  # fmt: skip
        aliases = EmailAlias.objects.filter(contact=contact).values_list("address", flat=True)
        others = Contact.objects.exclude(pk=contact.pk)
        addresses = {address.strip() for address in {*values["email"], *aliases}} - {""}
        phones = {phone.strip() for phone in values["phone"] if len(digits(phone)) >= PHONE_LEAST}
        known = others.filter(phone_key__in=[phone_key(phone) for phone in phones])
        shared = {key for key in known.values_list("phone_key", flat=True) if key}
        names = {
            name
            for first, last in pairs_of_names(contact, merged, values)
            if not has_namesake(others, f"{first} {last}")
            for name in ways_of_naming(first.strip(), last.strip())
            if len(name) >= NAME_LEAST
        }
        return cls(
            contact.pk,
            frozenset(addresses - of_others(contact, addresses)),
            frozenset(names),
            frozenset(
                way
                for phone in phones
                if phone_key(phone) not in shared
                for way in (phone, digits(phone), phone_key(phone))
                if way
            ),
        )

    @property
    def pseudonym(self) -> str:
        return f"erased-{self.contact_id}"

    @property
    def address(self) -> str:
        return f"{self.pseudonym}@{ERASED_DOMAIN}"

    @cached_property
    def needles(self) -> list[str]:
        """What a text that names the person contains, in the ways in which it may be stored."""
        found: set[str] = set()
        for text in (*self.addresses, *self.names, *self.phones):
            found |= ways_of_writing(text) | in_addresses_of_pages(text)
        # Once more for a text inside a column of JSON.
        return sorted(found | {escaped(each) for each in found})

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], str]]:
        found = []
        for texts, before, after, instead in (
            (self.addresses, OF_ADDRESS, r"[\w-]|\.\w", self.address),
            (self.names, r"\w", r"\w", self.pseudonym),
            (self.phones, r"\d", r"\d", self.pseudonym),
        ):
            plain = {each for text in texts for each in ways_of_writing(text)}
            quoted = {each for text in texts for each in in_addresses_of_pages(text)} - plain
            found.append((one_of(plain, rf"(?<!{before})", after), instead))
            found.append((one_of(quoted, BEFORE_QUOTED, after), instead))
        return found

    def without(self, text: str) -> str:
        """The text with a pseudonym wherever it named the person; JSON in it stays JSON."""
        data = container_in(text)
        if data is not None:
            swept = self.without_in(data)
            return text if swept == data else json.dumps(swept, **COMPACT)
        for pattern, instead in self.patterns:
            text = pattern.sub(instead, text)
        return text

    def without_in(self, value: Any) -> Any:
        """The same for JSON, in keys as well; a phone that is a number becomes null."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.without_in(each) for each in value]
        if isinstance(value, dict):
            return {self.without(key): self.without_in(each) for key, each in value.items()}
        return None if self.is_phone(value) else value

    def is_phone(self, value: Any) -> bool:
        """Only a whole one: a short number is as good as any other."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        written = str(value).removesuffix(".0")
        return written in self.phones and phone_key(written) != ""


def values_of(contact: Contact, merged: Iterable[Any], field: str) -> Iterator[str]:
    """What the contact has there, had there before, and what those merged into it had."""
    yield getattr(contact, field)
    yield from (data.get(field) or "" for data in merged)
    changes = FieldChange.objects.filter(contact=contact, field=field)
    for pair in changes.values_list("before", "after"):
        yield from (value for value in pair if isinstance(value, str))


def pairs_of_names(
    contact: Contact, merged: Iterable[Any], values: dict[str, set[str]]
) -> set[tuple[str, str]]:
    """First names with last names; a name in one field alone as the contact has it, not as a part
    of it once was.
    """
    found = {pair for pair in product(values["first_name"], values["last_name"]) if all(pair)}
    found.add((contact.first_name, contact.last_name))
    return found | {(data.get("first_name") or "", data.get("last_name") or "") for data in merged}


def ways_of_naming(first: str, last: str) -> list[str]:
    """None where it is one word: that is anybody's."""
    if not (first and last):
        whole = first or last
        return [whole, normalise(whole)] if len(whole.split()) > 1 else []
    found = [f"{first} {last}", f"{last} {first}", f"{last}, {first}"]
    return [*found, *(normalise(name) for name in found)]


def has_namesake(others: Any, name: str) -> bool:
    """Whichever part of the name they have in which field."""
    words = normalise(name).split()
    same = [
        Q(first_name_norm=" ".join(words[:at]), last_name_norm=" ".join(words[at:]))
        for at in range(len(words) + 1)
    ]
    return bool(words and others.filter(Q(*same, _connector=Q.OR)).exists())


def of_others(contact: Contact, addresses: Iterable[str]) -> set[str]:
    """Those that are somebody else's now: one was once typed here by mistake."""
    by_key = {email_key(address): address for address in addresses}
    own = Contact.objects.exclude(pk=contact.pk).filter(email_key__in=by_key)
    former = EmailAlias.objects.exclude(contact=contact).filter(key__in=by_key)
    keys = {*own.values_list("email_key", flat=True), *former.values_list("key", flat=True)}
    return {address for address in addresses if email_key(address) in keys}


def ways_of_writing(text: str) -> set[str]:
    """As it is, as HTML and as JSON have it."""
    found = {form for each in cases(text) for form in (each, escape(each))}
    found |= {form.replace("&#x27;", "&#39;") for form in found}
    return found | {escaped(form) for form in found}


def in_addresses_of_pages(text: str) -> set[str]:
    return {form for each in cases(text) for form in (quote(each), quote_plus(each))}


def cases(text: str) -> set[str]:
    """SQLite takes capitals and small letters for one another in ASCII alone, and where letters
    are written as numbers nobody does.
    """
    return {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}


def escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def container_in(text: str) -> Any:
    """What the text is as JSON, where that is an object or a list; otherwise None."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def one_of(texts: Iterable[str], before: str, after: str) -> re.Pattern[str]:
    """Any of them where it stands alone; the longest first. Of none, what nothing has."""
    longest_first = sorted(texts, key=lambda text: (-len(text), text))
    either = "|".join(re.escape(text) for text in longest_first) or r"(?!)"
    return re.compile(rf"(?:{before})(?:{either})(?!{after})", re.IGNORECASE)
