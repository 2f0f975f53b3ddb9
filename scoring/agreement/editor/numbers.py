"""What the rules of a draft do to the contacts of today, loaded after the page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from scoring.agreement.editor.cards import Board, audience_of, draft_catalogue, measurable
from scoring.agreement.editor.desk import CHUNK, Desk, at_the_desk
from scoring.agreement.editor.rule_form import RuleForm
from scoring.agreement.editor.rules import known
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from scoring.engine.measures import measure_rules


def numbers(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """The numbers of some rules, each put beside its card."""
    wanted = request.GET.get("rules", "").split(",")[:CHUNK]
    draft = Draft.objects.select_related("model").filter(model=model).first()
    board = Board.of(draft) if draft else None
    document = measurable(board) if board else None
    cards = [card for card in board.cards() if str(card.row.pk) in wanted] if board else []
    rules = [card.rule for card in cards if card.rule and not card.faults and card.is_counted]
    measured = measure_rules(document, rules, timezone.now()) if document else {}
    found = [(card, measured.get(card.rule.name) if card.rule else None) for card in cards]
    facts = {"found": found, "model": model}
    return TemplateResponse(request, "scoring/editor/numbers.html", facts)


@at_the_desk("POST")
def say(desk: Desk, slot: str, kind: str) -> HttpResponse:
    """What is being typed, as a sentence."""
    catalogue = draft_catalogue(desk.draft)
    form = RuleForm.of_post(slot, known(kind), desk.request.POST, catalogue)
    rule = form.rule()
    sentence = rule.sentence(catalogue) if rule else "…"
    context = {"sentence": sentence, "model": desk.model, "slot": slot, "kind": kind, "rule": rule}
    return TemplateResponse(desk.request, "scoring/editor/sentence.html", context)


@at_the_desk("POST")
def count(desk: Desk, slot: str, kind: str) -> HttpResponse:
    """For how many what is being typed holds, and how many points it gives."""
    catalogue = draft_catalogue(desk.draft)
    rule = RuleForm.of_post(slot, known(kind), desk.request.POST, catalogue).rule()
    document = audience_of(desk.draft) if rule else None
    context: dict[str, Any] = {"rule": rule, "measure": None}
    if rule and document:
        [measure] = measure_rules(document, [rule], timezone.now()).values()
        context["measure"] = measure
    return TemplateResponse(desk.request, "scoring/editor/count.html", context)
