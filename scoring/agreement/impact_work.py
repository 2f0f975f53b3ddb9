"""Works out impacts, step by step: a chore of the worker, which any number of them share.

A step is a row that one transaction takes and finishes, so that what was killed halfway is
done again, and nothing twice.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.batches import batches
from contacts.chores import Backlog, chore
from contacts.models import ActivityType, Contact
from scoring.agreement.impact import (
    CHORE,
    KEPT,
    Impact,
    ImpactMove,
    ImpactStep,
    ask_for_impact,
    live_track_of,
)
from scoring.agreement.impact_firing import firings_of
from scoring.agreement.impact_result import outcome_rows, result_of, rule_changes, scenario_rows
from scoring.criteria.models import Version
from scoring.criteria.structure import Objective
from scoring.engine.columns import ScopeKind
from scoring.engine.compile import program
from scoring.engine.dialect import dialect_of
from scoring.engine.models import Track
from scoring.engine.outcomes import by_day, known_of
from scoring.engine.results import score
from scoring.engine.sql import Run, Scope, Sql
from scoring.engine.statements import SETTINGS_FOR_MANY, compared

# Contacts of a step: shorter than the blocks of a recompute, so that progress is seen, and
# on SQLite nobody waits long to write.
BLOCK: Final = 1 << (14 if connection.vendor == "postgresql" else 12)
# Days of past outcomes of a step: two statements each.
DAYS: Final = 30
# Another recompute is waited for so long; then what is stored is taken as it is.
PATIENCE: Final = timedelta(hours=1)


# Of who changes band, so many are scored by the live version at once.
BATCH: Final = 1000


def impacts_that_wait() -> Backlog:
    unfinished = Impact.objects.unfinished().order_by()
    return Backlog(**unfinished.aggregate(count=Count("pk"), oldest=Min("asked_at")))


@chore(CHORE, every=5, title=_("Impacts of versions"), backlog=impacts_that_wait)
def go_on_with_impacts() -> int:
    """Do one step of any impact that is asked for; 1 where there was one."""
    ask_for_what_is_to_be_signed()
    impacts = Impact.objects.unfinished().select_related("model", "version__model", "against")
    for impact in impacts.order_by("pk"):
        try:
            if begin(impact) or do_one(impact) or finish(impact):
                return 1
        except OperationalError:
            raise
        except Exception:
            end(impact, Impact.State.FAILED)
            raise
    return 0


def ask_for_what_is_to_be_signed() -> None:
    """Whoever is to sign a version, or to bring it live, finds its impact there."""
    open_ones = Version.objects.filter(state__in=[Version.State.PROPOSED, Version.State.AGREED])
    for version in open_ones.select_related("model"):
        track = live_track_of(version.model)
        asked = Impact.objects.exclude(state=Impact.State.OVERTAKEN)
        known = asked.filter(model=version.model, hash=version.hash)
        if not known.filter(against=track.version if track else None).exists():
            ask_for_impact(version.model, version.document_value, None, version)


def begin(impact: Impact) -> bool:
    """Lay out the steps of an impact that waits."""
    with transaction.atomic():
        waiting = Impact.objects.select_for_update(skip_locked=True, of=("self",))
        taken = waiting.filter(pk=impact.pk, state=Impact.State.WAITING).first()
        if taken is None or is_disturbed(impact):
            return False
        ends = Contact.objects.aggregate(first=Min("pk"), last=Max("pk"))
        blocks = range(0)
        if ends["last"] is not None:
            blocks = range(ends["first"] // BLOCK, ends["last"] // BLOCK + 1)
        days = len(list(by_day(known_of(objective_of(impact), impact.months, impact.as_of))))
        kind = ImpactStep.Kind
        numbers = [(kind.SCENARIOS, 0)]
        numbers += [(kind.CONTACTS, block) for block in blocks]
        numbers += [(kind.OUTCOMES, at) for at in range(0, days, DAYS)]
        ImpactStep.objects.bulk_create(
            ImpactStep(impact=impact, kind=each, number=number) for each, number in numbers
        )
        Impact.objects.filter(pk=impact.pk).update(
            state=Impact.State.AT_WORK, began_at=timezone.now()
        )
    return True


def is_disturbed(impact: Impact) -> bool:
    """Whether the stored scores are partly of one version and partly of another."""
    track = live_track_of(impact.model)
    if track is None or impact.asked_at < timezone.now() - PATIENCE:
        return False
    return track.recomputes.filter(finished_at=None).exists()


def objective_of(impact: Impact) -> Objective | None:
    """What counts as success on both sides."""
    own = impact.document_value.objective
    return own or (impact.against.document_value.objective if impact.against else None)


def do_one(impact: Impact) -> bool:
    """Do one step that nobody else is doing."""
    with transaction.atomic():
        free = ImpactStep.objects.select_for_update(skip_locked=True, of=("self",))
        taken = free.filter(impact=impact, done_at=None).order_by("kind", "number").first()
        if taken is None:
            return False
        track = live_track_of(impact.model)
        if is_overtaken(impact, track):
            end(impact, Impact.State.OVERTAKEN)
            return True
        taken.result = WORK[ImpactStep.Kind(taken.kind)](impact, track, taken.number)
        taken.done_at = timezone.now()
        taken.save(update_fields=["done_at", "result"])
    return True


def is_overtaken(impact: Impact, track: Track | None) -> bool:
    """Whether another version is live than the one that it is against."""
    return (track.version_id if track else None) != impact.against_id


def end(impact: Impact, state: str) -> None:
    Impact.objects.unfinished().filter(pk=impact.pk).update(state=state, finished_at=timezone.now())


def finish(impact: Impact) -> bool:
    """Put the results of all steps together, once they are there."""
    with transaction.atomic():
        working = Impact.objects.select_for_update(skip_locked=True, of=("self",))
        taken = working.filter(pk=impact.pk, state=Impact.State.AT_WORK).first()
        if taken is None or taken.steps.filter(done_at=None).exists():
            return False
        track = live_track_of(impact.model)
        if is_overtaken(impact, track):
            end(impact, Impact.State.OVERTAKEN)
            return True
        impact.result = result_of(impact, track)
        impact.state = Impact.State.DONE
        impact.finished_at = timezone.now()
        impact.save(update_fields=["result", "state", "finished_at"])
        taken.steps.all().delete()
        thin_out(impact)
    return True


def thin_out(impact: Impact) -> None:
    """Of the older ones only what they found is kept, and not each contact."""
    newest = Impact.objects.filter(model=impact.model, moves_kept=True)
    kept = list(newest.done().values_list("pk", flat=True)[:KEPT])
    older = newest.exclude(pk__in=kept).exclude(state__in=Impact.UNFINISHED)
    ImpactMove.objects.filter(impact__in=older).delete()
    ImpactStep.objects.filter(impact__in=older).delete()
    older.update(moves_kept=False)


def do_contacts(impact: Impact, track: Track | None, number: int) -> dict[str, object]:
    """Note who of a block would move, and what that would set off."""
    scope = Scope(number * BLOCK, (number + 1) * BLOCK - 1)
    insert_moves(impact, track, scope)
    renew_worths_before(impact, scope)
    moves = impact.moves.filter(contact__gte=scope.first, contact__lte=scope.last)
    return {
        "automations": firings_of(impact, track, moves.order_by("contact_id")),
        "rules": rule_changes(impact, moves.to_other_bands()),
    }


def insert_moves(impact: Impact, track: Track | None, scope: Scope) -> None:
    """By the very query that the recompute runs."""
    compiled = program(impact.document_value, ScopeKind.RANGE, DEFAULT_DB_ALIAS)
    types = ActivityType.objects.known_ids(compiled.types)
    run = Run(impact.as_of, scope, types, track.pk if track else 0)
    dialect = dialect_of(connections[DEFAULT_DB_ALIAS].vendor)
    elsewhere = dialect.differ("band_before", "band")
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        Sql(SETTINGS_FOR_MANY).execute(run, DEFAULT_DB_ALIAS)
    Sql.put(
        "INSERT INTO scoring_impactmove (impact_id, contact_id, total_before, band_before, total,"
        " band, breakdown_before, breakdown) SELECT {}, contact_id, total_before, band_before,"
        " total, band, CASE WHEN {} THEN breakdown_before END,"
        " CASE WHEN {} AND band IS NOT NULL THEN breakdown END FROM ({}) moved",
        impact.pk,
        elsewhere,
        elsewhere,
        compared(compiled),
    ).execute(run, DEFAULT_DB_ALIAS)


def renew_worths_before(impact: Impact, scope: Scope) -> None:
    """What each rule of the live version gives at that very instant, for who changes band.

    A stored score may be older, and a rule that has only faded since must not be named.
    """
    if impact.against is None:
        return
    inside = impact.moves.filter(contact__gte=scope.first, contact__lte=scope.last)
    known = inside.to_other_bands().filter(band_before__isnull=False)
    ids = known.order_by("contact_id").values_list("contact_id", flat=True)
    for batch in batches(list(ids), BATCH):
        found = score(impact.against.document_value, batch, impact.as_of, DEFAULT_DB_ALIAS)
        rows = {row.contact_id: row for row in inside.filter(contact__in=batch)}
        for pk, result in found.items():
            rows[pk].breakdown_before = list(result.worths)
        ImpactMove.objects.bulk_update(
            [rows[pk] for pk in found], ["breakdown_before"], batch_size=BATCH
        )


def do_outcomes(impact: Impact, _track: Track | None, number: int) -> dict[str, object]:
    """Score the contacts of some days of past outcomes by both documents."""
    objective = objective_of(impact)
    days = list(by_day(known_of(objective, impact.months, impact.as_of)))
    chosen = days[number : number + DAYS]
    proposed = replace(impact.document_value, objective=objective)
    found: dict[str, object] = {"proposed": outcome_rows(proposed, chosen)}
    if impact.against:
        found["live"] = outcome_rows(impact.against.document_value, chosen)
    return found


def do_scenarios(impact: Impact, _track: Track | None, _number: int) -> dict[str, object]:
    return {"scenarios": scenario_rows(impact.document_value, impact.as_of)}


WORK: Final = {
    ImpactStep.Kind.CONTACTS: do_contacts,
    ImpactStep.Kind.OUTCOMES: do_outcomes,
    ImpactStep.Kind.SCENARIOS: do_scenarios,
}
