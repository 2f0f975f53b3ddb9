"""An explanation as lines of text."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import Activity
from scoring.engine.contributors import Contribution
from scoring.engine.explain import Explanation, RuleExplanation
from scoring.engine.results import Result

# Activities that a rule shows; --json has all of them.
SHOWN = 5


def explanation_lines(explanation: Explanation, model: str) -> Iterator[str]:
    """The result, its rules with the activities that made them, and what time will do."""
    said = {"email": explanation.email, "model": model, "instant": day_and_time(explanation.as_of)}
    yield _('%(email)s by "%(model)s" on %(instant)s') % said
    if explanation.result is None:
        yield "  " + _("is outside the audience of the model: no score.")
    else:
        yield "  " + result_line(explanation.result)
        yield from dimension_lines(explanation.result)
        yield from rule_lines(explanation)
    yield from time_lines(explanation)


def result_line(result: Result) -> str:
    said = {"total": result.total, "band": result.band, "grade": result.grade}
    if result.grade is None:
        return _("Total %(total)d, band %(band)s") % said
    return _("Total %(total)d, band %(band)s, grade %(grade)s") % said


def dimension_lines(result: Result) -> Iterator[str]:
    yield "  " + _("Fit %(fit)d, interest %(interest)d") % {
        "fit": result.fit,
        "interest": result.interest,
    }


def rule_lines(explanation: Explanation) -> Iterator[str]:
    """Group by group, each with its sum after its limits."""
    assert explanation.result is not None  # noqa: S101 - for the type checker
    groups = explanation.result.document.groups
    for group, total in zip(groups, explanation.result.groups, strict=True):
        rules = [rule for rule in explanation.rules if rule.group == group.name]
        if not rules:
            continue
        yield ""
        yield f"  {total:+5d}  {group.name}"
        for rule in rules:
            yield from lines_of_rule(rule)


def lines_of_rule(rule: RuleExplanation) -> Iterator[str]:
    worth = _("out") if rule.rule.exclude else f"{rule.worth:+d}"
    yield f"    {worth:>5}  {rule.rule.name}: {rule.sentence}"
    for activity in rule.activities[:SHOWN]:
        yield f"             {activity_line(activity)}"
    if (more := len(rule.activities) - SHOWN) > 0:
        message = ngettext("... and %(count)d more", "... and %(count)d more", more)
        yield "             " + message % {"count": more}


def activity_line(contribution: Contribution) -> str:
    line = f"{contribution.worth:+d}  {day_and_time(contribution.activity.occurred_at)}"
    line += f"  {what(contribution.activity)}"
    if contribution.next_change:
        line += _(" (until %(instant)s)") % {"instant": day_and_time(contribution.next_change)}
    return line


def what(activity: Activity) -> str:
    return (
        f"{activity.type}: {activity.target.text}" if activity.target.text else f"{activity.type}"
    )


def time_lines(explanation: Explanation) -> Iterator[str]:
    yield ""
    if explanation.changes_at is None:
        yield "  " + _("Nothing will change it by the passing of time alone.")
    else:
        said = {"instant": day_and_time(explanation.changes_at), "then": then(explanation.then)}
        yield "  " + _("If nothing more happens, it changes on %(instant)s: %(then)s.") % said
    if explanation.known_since:
        yield "  " + _(
            "What was known of this contact goes back to %(instant)s only; "
            "the profile of that day stands for earlier ones."
        ) % {"instant": day_and_time(explanation.known_since)}


def then(result: Result | None) -> str:
    return _("no score") if result is None else result_line(result)


def day_and_time(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
