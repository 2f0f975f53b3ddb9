"""An automation in words: the whole as one sentence, and what two versions differ in."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from scoring.automations.document import AutomationDocument
from scoring.criteria.fields import Catalogue

NOT_YET = "…"


class Difference(NamedTuple):
    """``before`` is empty where something was added, ``after`` where it was removed."""

    what: str
    before: str
    after: str


def composed(trigger: str, conditions: Sequence[str], actions: Sequence[str]) -> str:
    """Translated: ``When the total rises into the band “hot”, if ...: create a task; ...``."""
    occasion = capfirst(", ".join([trigger or NOT_YET, *conditions]))
    if not actions:
        return _("%(occasion)s, nothing is done yet.") % {"occasion": occasion}
    return _("%(occasion)s: %(actions)s.") % {
        "occasion": occasion,
        "actions": "; ".join(actions),
    }


def sentence(document: AutomationDocument, catalogue: Catalogue) -> str:
    return composed(
        document.trigger.sentence(),
        [condition.sentence(catalogue) for condition in document.conditions],
        [action.sentence() for action in document.actions],
    )


def conditions_and_actions(document: AutomationDocument, catalogue: Catalogue) -> str:
    """Translated: ``if country is "ES": create a task; notify the owner``."""
    conditions = ", ".join(each.sentence(catalogue) for each in document.conditions)
    actions = "; ".join(each.sentence() for each in document.actions)
    return f"{conditions}: {actions}" if conditions else actions


def differences(
    old: AutomationDocument, new: AutomationDocument, catalogue: Catalogue
) -> list[Difference]:
    """In the order of the documents, each part in words."""
    return [
        *one(_("When"), trigger_in_words(old), trigger_in_words(new)),
        *many(
            _("If"),
            [each.sentence(catalogue) for each in old.conditions],
            [each.sentence(catalogue) for each in new.conditions],
        ),
        *many(_("Then"), actions_in_words(old), actions_in_words(new)),
    ]


def trigger_in_words(document: AutomationDocument) -> str:
    rearm = getattr(document.trigger, "rearm", None)
    said = document.trigger.sentence()
    return f"{said} ({rearm.sentence()})" if rearm else said


def actions_in_words(document: AutomationDocument) -> list[str]:
    """With their texts: a sentence does not tell one wording from another."""
    return ["; ".join([action.sentence(), *texts_in(action.data())]) for action in document.actions]


def texts_in(data: object) -> Iterator[str]:
    """The texts with variables, and other long ones, in the parameters of an action."""
    if isinstance(data, dict):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, str) and ("{{" in data or " " in data):
        yield f"“{data}”"


def one(what: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(what, before, after)


def many(what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """What went and what came; the same in another order is told as such."""
    gone = [said for said in old if said not in new]
    come = [said for said in new if said not in old]
    if not gone and not come:
        yield from one(
            _("%(part)s, in another order") % {"part": what}, "; ".join(old), "; ".join(new)
        )
    for place in range(max(len(gone), len(come))):
        yield Difference(
            what,
            gone[place] if place < len(gone) else "",
            come[place] if place < len(come) else "",
        )
