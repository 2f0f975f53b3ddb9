"""Who tried to change what is not theirs: a line in the log for each refusal."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

SAFE: Final = ("GET", "HEAD", "OPTIONS", "TRACE")
REFUSED: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
Answers = Callable[[HttpRequest], HttpResponseBase]


def middleware(get_response: Answers) -> Answers:
    """Of people who are logged in; what a key of the API may not is told by the API itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method not in SAFE and response.status_code in REFUSED:
            # The API puts what stands for a key in the place of the person.
            user = request.user
            if isinstance(user, AbstractBaseUser):
                facts = (request.method, request.path, user.get_username(), response.status_code)
                logger.warning("%s %s by %s was refused: %d", *facts)
        return response

    return answer
