"""At which rule of a draft a decision is carried out, and what the report on rules says of it."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from scoring.agreement.admin.hub import address_of
from scoring.criteria.drafts import DraftRule
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Track
from scoring.reports.review.models import Decision
from scoring.reports.review.rules import advice_on


def rules_in(model: ScoringModel) -> list[DraftRule]:
    """Those of its draft."""
    return list(DraftRule.objects.filter(group__draft__model=model))


def rule_of(decision: Decision, rules: Sequence[DraftRule]) -> DraftRule | None:
    """The rule that it is about, or the one with the longest name that its text has."""
    if decision.rule:
        name = one_line(decision.rule)
        return next((rule for rule in rules if one_line(rule.name) == name), None)
    found = [rule for rule in rules if is_named(rule.name, decision.text)]
    return max(found, key=lambda rule: len(rule.name), default=None)


def is_named(name: str, text: str) -> bool:
    """As whole words, anywhere in the text; a rule without a name is named nowhere."""
    wanted = one_line(name).casefold()
    words = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    return bool(wanted) and re.search(words, one_line(text).casefold()) is not None


def one_line(text: str) -> str:
    return " ".join(text.split())


def place_of(rule: DraftRule | None, model: ScoringModel) -> str:
    """Where in the draft it is carried out: at its rule, where it names one."""
    page = address_of("criteria", model)
    return f"{page}#card-rule{rule.pk}" if rule else page


def advised(rule: DraftRule | None, model: ScoringModel) -> str:
    """The page on which what the report on rules says of a rule is done at once, or nothing."""
    track = Track.objects.filter(model=model, role=Track.Role.LIVE).first()
    url = advice_on(track, rule.name) if rule and track else ""
    if not rule or not url:
        return ""
    points = parse_qs(urlsplit(url).query).get("points")
    is_so = rule.points == int(points[0]) if points else not rule.enabled
    return "" if is_so else url
