"""The last thing that somebody did with dormant opportunities: it waits in their session."""

from dataclasses import asdict
from typing import Final, cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from scoring.pipeline.dormant.deeds import Done, take_back

KEY: Final = "dormant_undo"


def offer(request: HttpRequest, done: Done, told: str) -> None:
    if done.tasks or done.enrolments or done.dismissals or done.owners:
        request.session[KEY] = {"told": told, **asdict(done)}


def offered(request: HttpRequest) -> str:
    return str(request.session.get(KEY, {}).get("told", ""))


def undo(request: HttpRequest) -> int:
    kept = request.session.pop(KEY, None)
    if kept is None:
        return 0
    done = Done(
        tasks=kept["tasks"],
        enrolments=kept["enrolments"],
        dismissals=kept["dismissals"],
        owners=[(pk, before, after) for pk, before, after in kept["owners"]],
    )
    return take_back(cast(User, request.user), done)
