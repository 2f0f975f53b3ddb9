"""API keys: made once, shown once, and recognised by a digest that is no use to a thief."""

import re
import secrets
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from scoring.api.limits import note_wrong_key
from scoring.api.models import ApiKey, Scope
from scoring.api.problems import Problem

PREFIX_LETTERS: Final = 8
SECRET_BYTES: Final = 32
KEY: Final = re.compile(r"(ls_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")
SALT: Final = "scoring.api.keys"
# A browser keeps addresses, and so do logs and proxies: a key is never taken from one.
QUERY_NAMES: Final = frozenset(["key", "api_key", "apikey", "access_token", "token", "bearer"])
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_key(key: ApiKey) -> str:
    """Give a key, not yet stored, its secret; the text to show, this once."""
    letters = "".join(secrets.choice(ALPHABET) for _letter in range(PREFIX_LETTERS))
    key.prefix = f"ls_{letters}"
    text = f"{key.prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key.digest = digest_of(text)
    return text


def digest_of(text: str) -> str:
    """With a pepper from SECRET_KEY: whoever reads the database alone can test no guess."""
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()


class KeyUser:
    """What stands in ``request.user`` where a key, and no person, asks."""

    is_authenticated = True
    is_active = True
    pk = None

    def __str__(self) -> str:
        return "API key"


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer <key>``, and nowhere else."""

    def authenticate(self, request: Request) -> tuple[KeyUser, ApiKey] | None:
        refuse_key_in_query(request)
        scheme, _blank, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        key = find(text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            note_wrong_key(request)
            message = _("This API key is unknown, expired or revoked.")
            raise Problem(401, "invalid_key", message)
        key.note_use(timezone.now())
        return KeyUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def refuse_key_in_query(request: Request | HttpRequest) -> None:
    query = request.META.get("QUERY_STRING", "")
    if not query:
        return
    named = QUERY_NAMES & {name.lower() for name in request.GET}
    if named or KEY.search(query):
        note_wrong_key(request)
        message = _("A key belongs into the header “Authorization: Bearer …”. Revoke this one.")
        raise Problem(401, "key_in_query", message)


def find(text: str) -> ApiKey | None:
    """The key of this text, if it is valid."""
    if not (parts := KEY.fullmatch(text)):
        return None
    key = ApiKey.objects.select_related("source").filter(prefix=parts[1]).first()
    if key is None or not constant_time_compare(key.digest, digest_of(text)):
        return None
    return key if key.is_valid(timezone.now()) else None


class PersonAuthentication(SessionAuthentication):
    """Somebody who is logged in to the admin pages."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        return found if found is None or found[0].is_staff else None


class KeyScheme(OpenApiAuthenticationExtension):
    """How a key is given."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ls_…"}


class PersonScheme(OpenApiAuthenticationExtension):
    """Somebody who is logged in to the admin pages."""

    target_class = PersonAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class MaySend(BasePermission):
    """A key with the scope that the view names. People send through the admin pages."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return allowed(request, view.scope)


class MayRead(BasePermission):
    """A key with the scope, or a person who may see contacts."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiKey):
            return allowed(request, Scope.CONTACTS_READ)
        if not request.user.is_authenticated:
            raise not_authenticated()
        return bool(request.user.has_perm("contacts.view_contact"))


def allowed(request: Request, scope: Scope) -> bool:
    if not isinstance(request.auth, ApiKey):
        raise not_authenticated()
    if scope not in request.auth.scopes:
        message = _("This key has not the scope “%(scope)s”.") % {"scope": scope.value}
        raise Problem(403, "missing_scope", message)
    return True


def not_authenticated() -> Problem:
    message = _("An API key is needed: the header “Authorization: Bearer …”.")
    return Problem(401, "not_authenticated", message)
