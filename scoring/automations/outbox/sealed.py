"""Secrets at rest: encrypted in the database with a key that is made from SECRET_KEY."""

import base64
import logging
from functools import lru_cache
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

logger = logging.getLogger(__name__)

# Sets these keys apart from whatever else is made from the same SECRET_KEY.
PURPOSE: Final = b"leadscoring: secrets at rest, 1"


class Unreadable(str):
    """A sealed text whose key is gone; stored again it stays as it is."""


@lru_cache(maxsize=8)
def keys(*secrets: str) -> MultiFernet:
    """Seals with the first, opens with any."""
    return MultiFernet([Fernet(key_from(secret)) for secret in secrets])


def key_from(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


def current_keys() -> MultiFernet:
    return keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def seal(text: str) -> str:
    return current_keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text, or an Unreadable where neither SECRET_KEY nor a fallback opens it."""
    try:
        return current_keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        logger.error("A secret cannot be read; add the former SECRET_KEY to SECRET_KEY_FALLBACKS.")
        return Unreadable(sealed)


class SealedField(models.TextField):  # type: ignore[type-arg]
    """A text that the database holds encrypted; empty stays empty. Nothing can be found by it."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return text if not text or isinstance(value, Unreadable) else seal(text)

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        return unseal(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only whether there is one: two seals of one text differ."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
