"""What must hold once everything is quiet, whatever was killed before."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from contacts.models import Activity, Pending, Task
from scoring.automations.models import ActionRun, Crossing
from scoring.automations.outbox.messages import Message
from scoring.engine.models import ScoreChange, Track
from scoring.engine.retries import release
from scoring.engine.troubled import Troubled
from scoring.engine.verify import differences, without_history
from tests.chaos.replay import Step, crossings
from tests.chaos.world import AUTOMATIONS, SOURCE

# Key of a message -> the bodies that came under it, as of the call.
Arrivals = Callable[[], Mapping[str, Sequence[str]]]


def waits() -> str:
    """What is still to be done; empty where all is quiet. Parked contacts are released."""
    release(Troubled.objects.parked())
    counts = {
        "pending": Pending.objects.count(),
        "troubled": Troubled.objects.count(),
        "messages": Message.objects.filter(state=Message.State.PENDING).count(),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def broken(acknowledged: Iterable[str], arrivals: Arrivals) -> list[str]:
    """What does not hold, in words."""
    return [
        *activities_are_there_once(acknowledged),
        *scores_are_right(),
        *histories_are_chains(),
        *crossings_are_those_of_the_replay(),
        *tasks_belong_to_crossings(),
        *messages_are_final(),
        *messages_arrived(arrivals),
    ]


def activities_are_there_once(acknowledged: Iterable[str]) -> Iterator[str]:
    rows = Activity.objects.filter(source=SOURCE).values_list("external_id", flat=True)
    stored = Counter(rows)
    if lost := [one for one in acknowledged if not stored[one]]:
        yield f"{len(lost)} acknowledged activities are not stored, such as {lost[0]}"
    if twice := [one for one, count in stored.items() if count > 1]:
        yield f"{len(twice)} activities are stored twice, such as {twice[0]}"


def scores_are_right() -> Iterator[str]:
    for track in Track.objects.select_related("version"):
        wrong = list(differences(track))
        if wrong:
            yield f"{len(wrong)} scores are wrong, such as {wrong[0]}"
        if loose := list(without_history(track)):
            yield f"{len(loose)} scores are not what their history ends in"


def histories_are_chains() -> Iterator[str]:
    """Each revision once, none left out, and each begins where the one before ends."""
    last: dict[tuple[int, int], tuple[int, int | None]] = {}
    torn: list[str] = []
    rows = ScoreChange.objects.order_by("track_id", "contact_id", "revision")
    for track, contact, revision, before, total in rows.values_list(
        "track_id", "contact_id", "revision", "total_before", "total"
    ):
        if last.get((track, contact), (0, None)) != (revision - 1, before):
            torn.append(f"contact {contact} at revision {revision}")
        last[track, contact] = (revision, total)
    if torn:
        yield f"{len(torn)} histories are torn, such as that of {torn[0]}"


def crossings_are_those_of_the_replay() -> Iterator[str]:
    history: dict[int, list[Step]] = defaultdict(list)
    rows = ScoreChange.objects.order_by("contact_id", "revision")
    columns = rows.values_list("contact_id", "revision", "total_before", "total")
    for contact, revision, before, total in columns:
        history[contact].append(Step(revision, before, total or 0))
    for watch, _trigger, _actions in AUTOMATIONS:
        wanted = Counter(
            (contact, revision)
            for contact, steps in history.items()
            for revision in crossings(watch, steps)
        )
        found = Crossing.objects.filter(automation__name=watch.name)
        stored = Counter(
            (contact, revision or 0)
            for contact, revision in found.values_list("contact_id", "revision")
        )
        if wanted != stored:
            yield (
                f"{watch.name}: {wanted.total()} crossings by the history, {stored.total()} stored;"
                f" missing {sorted((wanted - stored).elements())[:5]},"
                f" too many {sorted((stored - wanted).elements())[:5]}"
            )


def tasks_belong_to_crossings() -> Iterator[str]:
    wanted: Counter[str] = Counter()
    for watch, _trigger, kinds in AUTOMATIONS:
        for crossing in Crossing.objects.filter(automation__name=watch.name, suppressed=""):
            wanted.update(crossing.key(place) for place, kind in enumerate(kinds) if kind == "task")
    stored = Counter(Task.objects.values_list("origin", flat=True))
    if wanted != stored:
        yield f"{wanted.total()} tasks are due by the crossings, {stored.total()} are stored"
    if failed := ActionRun.objects.filter(state=ActionRun.State.FAILED).count():
        yield f"{failed} actions failed"


def messages_are_final() -> Iterator[str]:
    held = Message.objects.filter(lease_until__lt=timezone.now() - timedelta(minutes=1))
    if count := held.exclude(lease_token=None).count():
        yield f"{count} messages are in the hands of the dead"
    if count := Message.objects.filter(state=Message.State.DEAD).count():
        yield f"{count} messages were given up"
    wanted = sum(
        kinds.count("webhook")
        * Crossing.objects.filter(automation__name=watch.name, suppressed="").count()
        for watch, _trigger, kinds in AUTOMATIONS
    )
    if wanted != (count := Message.objects.count()):
        yield f"{wanted} messages are due by the crossings, {count} are in the outbox"


def messages_arrived(arrivals: Arrivals) -> Iterator[str]:
    keys = set(Message.objects.filter(state=Message.State.SENT).values_list("key", flat=True))
    # Asked afterwards: a slow machine may still be sending.
    received = arrivals()
    if lost := keys - received.keys():
        yield f"{len(lost)} messages say that they were sent and never arrived"
    if strange := received.keys() - set(Message.objects.values_list("key", flat=True)):
        yield f"{len(strange)} messages arrived that nobody sent"
    if changed := [key for key, bodies in received.items() if len(set(bodies)) > 1]:
        yield f"{len(changed)} messages arrived with different bodies"
