"""For whoever runs the installation: do workers live, and does the queue answer?"""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from contacts.models import WorkerProcess
from scoring.engine.admin.home_blocks import Block, Item, home_block
from scoring.operations.overview import Waiting, backlogs
from scoring.operations.queue import queue_state


@home_block(order=3)
def health(request: HttpRequest) -> Block | None:
    """Red where something is wrong."""
    if not request.user.has_perm("contacts.operate_jobs"):
        return None
    found = list(checks())
    return Block(
        "health",
        gettext("Health"),
        "monitor_heart",
        [item for item, _is_well in found],
        more_url=reverse("admin:contacts_workerprocess_changelist"),
        more=gettext("Jobs"),
        is_alarm=not all(is_well for _item, is_well in found),
    )


def checks() -> Iterator[tuple[Item, bool]]:
    """Each with whether all is well."""
    now = timezone.now()
    alive = WorkerProcess.objects.alive(now).count()
    said = ngettext("%(count)d worker is alive", "%(count)d workers are alive", alive)
    hint = "" if alive else gettext("nothing is computed or sent until one is started")
    yield line(said % {"count": alive}, hint, bool(alive))
    yield work_line(backlogs(now))
    state = queue_state()
    if state is None:
        hint = gettext("work starts some seconds later; nothing is lost")
        yield line(gettext("The queue does not answer"), hint, False)
        return
    failed = state.failed_count
    said = ngettext("%(count)d failed job", "%(count)d failed jobs", failed) % {"count": failed}
    yield line(said if failed else gettext("The queue answers, no job failed"), "", not failed)


def work_line(waiting: list[Waiting]) -> tuple[Item, bool]:
    number = sum(each.backlog.count for each in waiting)
    said = ngettext("%(count)d piece of work waits", "%(count)d pieces of work wait", number)
    late = [each for each in waiting if each.is_late]
    oldest = min((each.backlog.oldest for each in late if each.backlog.oldest), default=None)
    hint = gettext("for %(time)s") % {"time": timesince(oldest)} if oldest else ""
    return line(said % {"count": number}, hint, not late)


def line(said: str, hint: str, is_well: bool) -> tuple[Item, bool]:
    return Item(said, "", "check_circle" if is_well else "error", hint), is_well
