"""The day on which both sides look at the live version again, with one reminder."""

from datetime import date

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change
from scoring.agreement.sides import PROPOSE, sides_of, who_sign
from scoring.agreement.told import tell
from scoring.criteria.models import ScoringModel, Version


class Review(models.Model):
    """The next review of a model; ``reminded_at``: both sides have been told that it is due."""

    model = models.OneToOneField(ScoringModel, on_delete=models.CASCADE, related_name="review")
    due_on = models.DateField(gettext_lazy("to be reviewed on"))
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on"]
        default_permissions = ()
        verbose_name = gettext_lazy("review")
        verbose_name_plural = gettext_lazy("reviews")

    def __str__(self) -> str:
        return f"{self.model}: {self.due_on}"

    @property
    def is_due(self) -> bool:
        return self.due_on <= timezone.localdate()


def set_review(model: ScoringModel, due_on: date | None) -> None:
    if due_on is None:
        Review.objects.filter(model=model).delete()
        return
    Review.objects.update_or_create(model=model, defaults={"due_on": due_on, "reminded_at": None})


class SetReview(Change[None]):
    """Either side may move the day; None: no review is planned."""

    def __init__(self, user: object, model: ScoringModel, due_on: date | None) -> None:
        super().__init__(user, model)  # type: ignore[arg-type]  # of any request
        self.due_on = due_on

    def may(self) -> bool:
        return self.user.has_perm(PROPOSE) or bool(sides_of(self.user))

    def check(self) -> list[str]:
        if self.due_on and self.due_on <= timezone.localdate():
            return [_("The day of the review must be in the future.")]
        return []

    def do(self) -> None:
        set_review(self.model, self.due_on)
        day = self.due_on.isoformat() if self.due_on else ""
        AuditEntry.objects.note(self.user, self.model, Action.REVIEW_SET, day=day)


def due_reviews() -> models.QuerySet[Review]:
    today = timezone.localdate()
    return Review.objects.filter(
        due_on__lte=today, reminded_at=None, model__versions__state=Version.State.LIVE
    ).order_by("due_on")


def remind() -> int:
    """Tell both sides of the reviews that have fallen due; how many."""
    count = 0
    for review in due_reviews().select_related("model"):
        with transaction.atomic():
            # Whoever changes the row tells: another worker then finds nothing to change.
            mine = Review.objects.filter(pk=review.pk, due_on=review.due_on, reminded_at=None)
            live = Version.objects.live().filter(model=review.model).first()
            if live is None or not mine.update(reminded_at=timezone.now()):
                continue
            tell(
                who_sign(),
                f"review:{review.pk}:{review.due_on}",
                live,
                gettext_lazy("“%(model)s” is to be reviewed: version %(number)d is live"),
                gettext_lazy("Look together at what became of the leads, and set the next day."),
            )
            count += 1
    return count
