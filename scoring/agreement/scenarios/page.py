"""The tab of scenarios: cards that are tried while one types, and stored when one says so."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, dumps, loads
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contacts.admin.base import visible
from contacts.models import ActivityType, Contact, Target
from scoring.agreement.admin.hub import ModelPage, View, model_page
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.beginning import draft_to_change, newest_version, open_draft
from scoring.agreement.rights import may_write_draft
from scoring.agreement.scenarios.cards import Card
from scoring.agreement.scenarios.copies import scenario_of, tested_properties
from scoring.agreement.scenarios.examples import examples
from scoring.agreement.scenarios.tries import Bench, Tried, bench_of, bench_of_document
from scoring.agreement.scenarios.words import did, who
from scoring.criteria.document import EXCLUDED, MOST_SCENARIOS
from scoring.criteria.drafts import Draft, DraftScenario
from scoring.criteria.fields import FieldKind
from scoring.criteria.form_fields import UNITS
from scoring.criteria.models import ScoringModel
from scoring.engine.admin.badges import band_name
from scoring.engine.models import Score

# For the first sight of all scenarios; the others are tried when they come into view.
SECONDS: Final = 0.8
SALT: Final = "scenario.deleted"
TARGETS: Final = 60


@dataclass
class Shown:
    """A card on the page; ``row`` is None where it is read only."""

    card: Card
    row: DraftScenario | None = None
    tried: Tried | None = None
    who: list[Any] = field(default_factory=list)
    did: list[Any] = field(default_factory=list)
    is_open: bool = False
    is_late: bool = False
    is_saved: bool = False
    notice: str = ""
    expect: str = ""


@model_page
class ScenariosPage(ModelPage):
    slug: ClassVar[str] = "scenarios"
    title: ClassVar[str | Promise] = _("Scenarios")
    icon: ClassVar[str] = "theater_comedy"
    order: ClassVar[int] = 35

    def routes(self) -> list[tuple[str, str, View]]:
        one = "<int:scenario_id>/"
        return [
            ("", "", self.all),
            ("begin/", "begin", writing(self.begin)),
            ("examples/", "examples", writing(self.add_examples)),
            ("add/", "add", writing(self.add)),
            ("restore/", "restore", writing(self.restore)),
            ("from/<int:contact_id>/", "from", self.copy),
            (f"{one}form/", "form", self.form),
            (f"{one}card/", "card", self.card),
            (f"{one}try/", "try", require_POST(self.attempt)),
            (f"{one}save/", "save", writing(self.save)),
            (f"{one}duplicate/", "duplicate", writing(self.duplicate)),
            (f"{one}delete/", "delete", writing(self.delete)),
            (f"{one}move/<str:way>/", "move", writing(self.move)),
        ]

    # --- Looking -----------------------------------------------------------------------------

    def all(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        draft, version = open_draft(model), newest_version(model)
        facts: dict[str, Any] = {"draft": draft, "version": version, "cards": []}
        if draft:
            bench = bench_of(draft)
            facts["cards"] = tried_in_time(
                [shown(row, bench) for row in draft.scenarios.all()], bench
            )
            facts |= self.of_bench(bench)
        elif version:
            bench = bench_of_document(version.document_value)
            data = [each.data() for each in version.document_value.scenarios]
            facts["cards"] = tried_in_time([read_only(each, bench) for each in data], bench)
        cards = facts["cards"]
        done = [each.tried for each in cards if each.tried]
        facts["passed"] = sum(each.passed for each in done)
        facts["all_tried"] = len(done) == len(cards)
        facts["may_change"] = may_change(request, model)
        facts["examples"] = bool(draft) and not cards
        return self.page(request, model, "scoring/scenarios/page.html", **facts)

    def of_bench(self, bench: Bench, card: Card | None = None) -> dict[str, Any]:
        """What the lists of every form offer; also types that only this card knows."""
        types = [(kind.slug, str(kind)) for kind in ActivityType.objects.all()]
        known = {slug for slug, _label in types}
        named = dict.fromkeys(row.type for row in card.activities) if card else {}
        types += [(slug, slug) for slug in named if slug and slug not in known]
        fields = [(each.id, capfirst(str(each.label))) for each in bench.catalogue.fields]
        choices = {each.id: each.choices for each in bench.catalogue.fields if each.choices}
        yes_no = (gettext("yes"), gettext("no"))
        choices |= {
            each.id: yes_no for each in bench.catalogue.fields if each.kind is FieldKind.BOOLEAN
        }
        newest = Target.objects.exclude(text="").order_by("-pk").values_list("text", flat=True)
        return {
            "bench": bench,
            "fields": sorted(fields, key=lambda pair: pair[1].casefold()),
            "choices": choices,
            "types": sorted(types, key=lambda pair: pair[1].casefold()),
            "units": UNITS,
            "bands": [(name, band_name(name)) for name in bench.bands],
            "targets": [text for text in newest[:TARGETS] if len(text) <= 100],
        }

    def form(self, request: HttpRequest, model: ScoringModel, scenario_id: int) -> HttpResponse:
        row = self.row(model, scenario_id)
        bench = bench_of(row.draft)
        return self.fragment(request, model, "form", shown(row, bench), bench)

    def card(self, request: HttpRequest, model: ScoringModel, scenario_id: int) -> HttpResponse:
        row = self.row(model, scenario_id)
        bench = bench_of(row.draft)
        return self.fragment(request, model, "card", now_tried(shown(row, bench), bench), bench)

    def attempt(self, request: HttpRequest, model: ScoringModel, scenario_id: int) -> HttpResponse:
        """What would come of what stands in the form; nothing is stored."""
        row = self.row(model, scenario_id)
        bench = bench_of(row.draft)
        found = Shown(Card.of_post(request.POST), row)
        return self.fragment(request, model, "result", now_tried(found, bench), bench)

    def row(self, model: ScoringModel, scenario_id: int) -> DraftScenario:
        rows = DraftScenario.objects.select_related("draft__model").filter(draft__model=model)
        found = rows.filter(pk=scenario_id).first()
        if found is None:
            raise Http404
        return found

    def fragment(
        self, request: HttpRequest, model: ScoringModel, name: str, shown: Shown, bench: Bench
    ) -> HttpResponse:
        facts = {"model": model, "shown": shown, "may_change": may_change(request, model)}
        template = f"scoring/scenarios/{name}.html"
        return render(request, template, facts | self.of_bench(bench, shown.card))

    # --- Changing ----------------------------------------------------------------------------

    def begin(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        if draft_to_change(model, request.user) is None:
            messages.error(request, gettext("This model has no version to begin with."))
        return HttpResponseRedirect(self.address(model))

    def add(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        draft = self.draft(model)
        data = {"name": gettext("New scenario"), "expect": hottest(draft)}
        return self.added(request, draft, data, is_open=True)

    def add_examples(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        draft = self.draft(model)
        with draft.changing():
            if not draft.scenarios.exists():
                names = [band.name for band in draft.bands.all()]
                for data in examples(names):
                    self.store(request, draft, data)
        return HttpResponseRedirect(self.address(model))

    def duplicate(
        self, request: HttpRequest, model: ScoringModel, scenario_id: int
    ) -> HttpResponse:
        row = self.row(model, scenario_id)
        name = gettext("%(name)s (copy)") % {"name": row.name[:180]}
        data = row.as_data() | {"name": name}
        return self.added(request, row.draft, data, after=row.position, is_open=True)

    def restore(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """Take back that a scenario was deleted."""
        try:
            kept = loads(request.POST.get("kept", ""), salt=f"{SALT}.{model.pk}")
        except BadSignature:
            raise Http404 from None
        return self.added(request, self.draft(model), kept["data"], after=kept["position"] - 1)

    def added(
        self,
        request: HttpRequest,
        draft: Draft,
        data: dict[str, Any],
        after: int | None = None,
        is_open: bool = False,
    ) -> HttpResponse:
        with draft.changing():
            if draft.scenarios.count() >= MOST_SCENARIOS:
                text = gettext("A model has at most %(most)d scenarios.")
                return HttpResponse(text % {"most": MOST_SCENARIOS}, status=409)
            row = self.store(request, draft, data, after)
        bench = bench_of(draft)
        found = now_tried(shown(row, bench, is_open=is_open), bench)
        return self.fragment(request, draft.model, "card", found, bench)

    def store(
        self, request: HttpRequest, draft: Draft, data: dict[str, Any], after: int | None = None
    ) -> DraftScenario:
        """A new row, last or behind a place."""
        rows = draft.scenarios.all()
        last = rows.order_by("-position").values_list("position", flat=True).first()
        place = (-1 if last is None else last) + 1
        if after is not None:
            place = after + 1
            rows.filter(position__gt=after).update(position=F("position") + 1)
        row = DraftScenario.objects.create(draft=draft, position=place, **data)
        self.audited(request, row, "added")
        return row

    def save(self, request: HttpRequest, model: ScoringModel, scenario_id: int) -> HttpResponse:
        row = self.row(model, scenario_id)
        bench = bench_of(row.draft)
        card = Card.of_post(request.POST)
        found = Shown(card, row, is_open=True)
        scenario = card.check(bench.catalogue, bench.custom, bench.bands)
        if scenario is None:
            return self.fragment(request, model, "card", now_tried(found, bench), bench)
        with row.draft.changing():
            fresh = get_object_or_404(DraftScenario, pk=row.pk)
            if str(fresh.revision) != request.POST.get("revision", ""):
                found.row = fresh
                found.notice = self.who_changed(fresh)
            else:
                data = {"contact": {}, "activities": [], **scenario.data()}
                for name, value in data.items():
                    setattr(fresh, name, value)
                fresh.revision += 1
                fresh.save()
                self.audited(request, fresh, "changed")
                found = shown(fresh, bench)
                found.is_saved = True
        return self.fragment(request, model, "card", now_tried(found, bench), bench)

    def who_changed(self, row: DraftScenario) -> str:
        entries = AuditEntry.objects.filter(model=row.draft.model, detail__scenario=row.pk)
        last = entries.order_by("-pk").first()
        text = gettext(
            "%(who)s has changed this scenario since you opened it. Yours is not saved yet: save "
            "it again to put it in place of theirs, or look at theirs first."
        )
        return text % {"who": last.username if last else gettext("Somebody")}

    def delete(self, request: HttpRequest, model: ScoringModel, scenario_id: int) -> HttpResponse:
        row = self.row(model, scenario_id)
        kept = dumps(
            {"data": row.as_data(), "position": row.position},
            salt=f"{SALT}.{model.pk}",
            compress=True,
        )
        with row.draft.changing():
            self.audited(request, row, "deleted")
            row.delete()
        facts = {"model": model, "name": row.name, "kept": kept}
        return render(request, "scoring/scenarios/deleted.html", facts)

    def move(
        self, request: HttpRequest, model: ScoringModel, scenario_id: int, way: str
    ) -> HttpResponse:
        row = self.row(model, scenario_id)
        with row.draft.changing():
            rows = list(row.draft.scenarios.all())
            at = next((place for place, each in enumerate(rows) if each.pk == row.pk), None)
            if at is None:
                raise Http404
            to = max(0, min(len(rows) - 1, at + (-1 if way == "up" else 1)))
            rows.insert(to, rows.pop(at))
            for place, each in enumerate(rows):
                each.position = place
            DraftScenario.objects.bulk_update(rows, ["position"])
            self.audited(request, row, "moved")
        return HttpResponse(status=204)

    def audited(self, request: HttpRequest, row: DraftScenario, deed: str) -> None:
        AuditEntry.objects.note(
            request.user,
            row.draft.model,
            Action.DRAFT_CHANGED,
            change=f"scenario_{deed}",
            name=row.name,
            scenario=row.pk,
        )

    def draft(self, model: ScoringModel) -> Draft:
        draft = open_draft(model)
        if draft is None:
            raise Http404
        return draft

    # --- From a real lead --------------------------------------------------------------------

    def copy(self, request: HttpRequest, model: ScoringModel, contact_id: int) -> HttpResponse:
        """Shows what would be copied, and copies it."""
        contact = visible(Contact.objects.select_related("company"), request)
        found = contact.filter(pk=contact_id).first()
        if found is None:
            raise Http404
        if not may_change(request, model):
            raise PermissionDenied
        draft = draft_to_change(model, request.user) if request.method == "POST" else None
        version = newest_version(model)
        if draft:
            bench = bench_of(draft)
        elif version:
            bench = bench_of_document(version.document_value)
        else:
            raise Http404
        tested = tested_properties(bench.document)
        expect = expected(found, model, bench)
        data = scenario_of(found, bench.custom, tested, expect, timezone.now())
        if draft:
            with draft.changing():
                row = self.store(request, draft, data)
            messages.success(request, gettext("The scenario was added. Give it a name."))
            return HttpResponseRedirect(f"{self.address(model)}#scenario-{row.pk}")
        preview = now_tried(read_only(data, bench), bench)
        facts = {"shown": preview, "contact": found}
        return self.page(request, model, "scoring/scenarios/copy.html", **facts)


def may_change(request: HttpRequest, model: ScoringModel) -> bool:
    may_write = request.user.has_perm("scoring.change_draftscenario")
    return may_write and may_write_draft(request.user, model)


def writing(view: View) -> View:
    """By POST, and only for those who may change scenarios."""

    def guarded(request: HttpRequest, model: ScoringModel, **more: Any) -> HttpResponse:
        if not may_change(request, model):
            raise PermissionDenied
        try:
            return view(request, model, **more)
        except Draft.DoesNotExist:
            # Discarded since it was looked up.
            raise Http404 from None

    return require_POST(guarded)


def hottest(draft: Draft) -> str:
    last = draft.bands.order_by("-position", "-pk").first()
    return last.name if last else EXCLUDED


def expected(contact: Contact, model: ScoringModel, bench: Bench) -> str:
    """The band in which the contact is today; the hottest where it has none."""
    scores = Score.objects.live().filter(track__model=model, contact=contact)
    band = scores.values_list("band", flat=True).first()
    names = [name for name in bench.bands if name != EXCLUDED]
    return band if band in bench.bands else names[-1] if names else EXCLUDED


def shown(row: DraftScenario, bench: Bench, *, is_open: bool = False) -> Shown:
    found = read_only(row.as_data(), bench)
    found.row, found.is_open = row, is_open
    return found


def read_only(data: dict[str, Any], bench: Bench) -> Shown:
    card = Card.of_data(data)
    return Shown(card, who=who(card, bench.catalogue), did=did(card), expect=band_name(card.expect))


def now_tried(found: Shown, bench: Bench, as_of: datetime | None = None) -> Shown:
    """With what comes of it, or with its faults; in the words of what stands in it now."""
    card = found.card
    scenario = card.check(bench.catalogue, bench.custom, bench.bands)
    if scenario is not None:
        found.tried = bench.tried(scenario, as_of or timezone.now())
    found.who, found.did = who(card, bench.catalogue), did(card)
    found.expect = band_name(card.expect)
    return found


def tried_in_time(cards: list[Shown], bench: Bench) -> list[Shown]:
    until, as_of = time.monotonic() + SECONDS, timezone.now()
    for found in cards:
        # One that is read only has no form that could be tried later.
        if found.row is None or time.monotonic() < until:
            now_tried(found, bench, as_of)
        else:
            found.is_late = True
    return cards
