"""What other packages add to the first page: blocks of what waits for this person.

The engine knows none of them by name; each registers itself where it is imported, with a
number that says how far up it stands.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from contacts.admin.imports import kinds_for
from contacts.models import ImportJob
from scoring.engine.troubled import Troubled

SHOWN_MOST: Final = 5
# What failed longer ago is no news.
LATELY: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is, where it leads; ``since`` or ``hint`` say more.

    ``time_is``: the word before that time, where the title of the block does not say what it is.
    """

    text: str
    url: str = ""
    icon: str = ""
    hint: str = ""
    since: datetime | None = None
    # From 0 to 100, of work that is under way.
    percent: int | None = None
    time_is: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """``empty`` is said where there is nothing; a block without it is then left out.

    ``template`` shows ``facts`` above the items: a picture, of which the engine knows nothing.
    """

    slug: str
    title: str
    icon: str
    items: Sequence[Item]
    empty: str = ""
    more_url: str = ""
    more: str = ""
    is_alarm: bool = False
    template: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says_something(self) -> bool:
        return bool(self.items or self.empty or self.template)


# None where this person may not see it.
MakesBlock = Callable[[HttpRequest], Block | None]
MakesItems = Callable[[HttpRequest], Iterable[Item]]
BLOCKS: Final[list[tuple[int, MakesBlock]]] = []
FAILURES: Final[list[MakesItems]] = []
WORK: Final[list[MakesItems]] = []
TURNS: Final[list[MakesItems]] = []


def home_block(order: int) -> Callable[[MakesBlock], MakesBlock]:
    """Show a block on the first page; the lowest number stands first."""

    def register(make: MakesBlock) -> MakesBlock:
        BLOCKS.append((order, make))
        return make

    return register


def home_failure(make: MakesItems) -> MakesItems:
    """Name in the block of what failed what this finds."""
    FAILURES.append(make)
    return make


def blocks_of(request: HttpRequest) -> list[Block]:
    made = [make(request) for _order, make in sorted(BLOCKS, key=lambda pair: pair[0])]
    return [block for block in made if block is not None and block.says_something]


def home_work(make: MakesItems) -> MakesItems:
    """Name in the block of what is under way what this finds."""
    WORK.append(make)
    return make


def home_turn(make: MakesItems) -> MakesItems:
    """Name in the block of what waits for this person's decision what this finds."""
    TURNS.append(make)
    return make


@home_block(order=5)
def failures(request: HttpRequest) -> Block | None:
    """Left out while nothing failed."""
    items = [item for make in FAILURES for item in make(request)]
    return Block("failed", gettext("What failed"), "error", items, is_alarm=True)


@home_failure
def parked_contacts(request: HttpRequest) -> Iterator[Item]:
    if not request.user.has_perm("contacts.operate_jobs"):
        return
    if count := Troubled.objects.parked().count():
        text = ngettext(
            "The score of %(count)d contact could not be made",
            "The scores of %(count)d contacts could not be made",
            count,
        )
        url = reverse("admin:contacts_workerprocess_changelist")
        yield Item(text % {"count": count}, url, "person_off", gettext("have it tried again"))


@home_failure
def failed_imports(request: HttpRequest) -> Iterator[Item]:
    wrong = [ImportJob.State.FAILED, ImportJob.State.REFUSED]
    lately = timezone.now() - LATELY
    jobs = imports_of(request).filter(state__in=wrong, created_at__gte=lately)
    for job in jobs[:SHOWN_MOST]:
        url = reverse("admin:contacts_importjob_change", args=[job.pk])
        yield Item(job.name, url, "upload_file", job.get_state_display(), job.created_at)


def imports_of(request: HttpRequest) -> QuerySet[ImportJob]:
    """Of the kinds that this person imports, the newest first."""
    return ImportJob.objects.filter(kind__in=kinds_for(request.user)).order_by("-pk")


@home_block(order=60)
def under_way(request: HttpRequest) -> Block | None:
    """Left out while nothing is; a recompute of the leads on show has a bar of its own."""
    items = [item for make in WORK for item in make(request)]
    return Block("work", gettext("Under way"), "hourglass_top", items)


@home_work
def running_imports(request: HttpRequest) -> Iterator[Item]:
    running = [ImportJob.State.QUEUED, ImportJob.State.RUNNING]
    for job in imports_of(request).filter(state__in=running)[:SHOWN_MOST]:
        url = reverse("admin:contacts_importjob_change", args=[job.pk])
        yield Item(job.name, url, "upload_file", job.get_state_display(), percent=job.per_cent)
