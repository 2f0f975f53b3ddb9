"""Sets of terms of a scoring model: each is signed by both sides as it is, and never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Lifecycle
from contacts.models.teams import name_of
from scoring.agreement.sides import Side
from scoring.criteria.models import ScoringModel
from scoring.reports.periods import Grain
from scoring.reports.stages import STAGES

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

WORDS_MOST: Final = 2_000
NUMBER_MOST: Final = 1_000_000


class TermsQuerySet(models.QuerySet["Terms"]):
    def of(self, model: ScoringModel) -> Self:
        """The newest first, with what stands in them and who has signed."""
        found = self.filter(model=model).select_related("made_by", "model")
        return found.prefetch_related("goals", "signatures__user")

    def waiting(self) -> Self:
        """Sets that not both sides have signed yet."""
        return self.filter(agreed_at=None, ended_at=None)

    def in_force(self) -> Self:
        return self.filter(agreed_at__isnull=False, ended_at=None)

    def wanted_from(self, user: "AbstractBaseUser | AnonymousUser", sides: Sequence[Side]) -> Self:
        """Those that wait for one of these sides, and that this person has not signed."""
        signed = TermsSignature.objects.filter(terms=models.OuterRef("pk"), void_at=None)
        missing = models.Q(pk__in=[])
        for side in sides:
            missing |= ~models.Q(models.Exists(signed.filter(side=side)))
        return self.waiting().filter(missing, ~models.Exists(signed.filter(user=user.pk)))


class Terms(models.Model):
    """``number`` counts the sets of a model. A set ends when a later one takes its place."""

    class Every(models.TextChoices):
        WEEK = "week", _("a week")
        MONTH = "month", _("a month")

    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        related_name="terms",
        verbose_name=_("scoring model"),
    )
    number = models.PositiveIntegerField(_("number"))
    every = models.CharField(
        _("Goals are for"), max_length=5, choices=Every.choices, default=Every.MONTH
    )
    mql = models.TextField(Lifecycle.MQL.label, max_length=WORDS_MOST, blank=True, default="")
    sql = models.TextField(Lifecycle.SQL.label, max_length=WORDS_MOST, blank=True, default="")
    opportunity = models.TextField(
        Lifecycle.OPPORTUNITY.label, max_length=WORDS_MOST, blank=True, default=""
    )
    customer = models.TextField(
        Lifecycle.CUSTOMER.label, max_length=WORDS_MOST, blank=True, default=""
    )
    notes = models.TextField(_("What else holds"), max_length=WORDS_MOST, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Names are kept: what was agreed outlives the people's accounts.
    made_name = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TermsQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        default_permissions = ("view", "change")
        verbose_name = _("set of terms")
        verbose_name_plural = _("sets of terms")
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="terms_number"),
            models.UniqueConstraint(
                fields=["model"],
                condition=models.Q(agreed_at=None, ended_at=None),
                name="terms_one_waits",
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=models.Q(agreed_at__isnull=False, ended_at=None),
                name="terms_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.number}"

    @property
    def grain(self) -> Grain:
        return Grain(self.every)

    @property
    def who(self) -> str:
        return name_of(self.made_by) if self.made_by else self.made_name

    @property
    def is_waiting(self) -> bool:
        return self.agreed_at is None and self.ended_at is None

    @property
    def words(self) -> Mapping[Lifecycle, str]:
        """What the teams mean by each stage of the life cycle; empty where they do not say."""
        return {stage: getattr(self, stage.value) for stage in STAGES}

    @property
    def standing(self) -> list["TermsSignature"]:
        return [each for each in self.signatures.all() if each.void_at is None]

    def missing_sides(self) -> list[Side]:
        signed = {each.side for each in self.standing}
        return [side for side in Side if side not in signed]

    def was_in_force(self, at: datetime) -> bool:
        begun = self.agreed_at is not None and self.agreed_at <= at
        return begun and (self.ended_at is None or self.ended_at > at)


class What(models.TextChoices):
    """What a goal is set for: leads in a week or month, or a share of what falls due in it."""

    BAND = "band", _("leads that reach a band")
    MQL = "mql", _("leads that become MQL")
    SQL = "sql", _("leads that become SQL")
    OPPORTUNITY = "opportunity", _("leads that become opportunities")
    CUSTOMER = "customer", _("leads that become customers")
    RESPONSE = "response", _("first attempts in time")
    ANSWER = "answer", _("answers in time")

    @property
    def is_share(self) -> bool:
        return self in (What.RESPONSE, What.ANSWER)

    @property
    def side(self) -> Side | None:
        """Who promises it; None: both work for it."""
        if self in (What.BAND, What.MQL):
            return Side.MARKETING
        return Side.SALES if self.is_share else None


class Goal(models.Model):
    """``number``: so many leads in each week or month, or per cent. ``band``: of ``BAND`` alone."""

    terms = models.ForeignKey(Terms, on_delete=models.CASCADE, related_name="goals")
    what = models.CharField(max_length=11, choices=What.choices)
    band = models.CharField(max_length=200, blank=True, default="")
    number = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(NUMBER_MOST)]
    )

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        constraints = [models.UniqueConstraint(fields=["terms", "what", "band"], name="goal_once")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.number}"

    @property
    def kind(self) -> What:
        return What(self.what)

    @property
    def key(self) -> tuple[str, str]:
        """The same in every set."""
        return self.what, self.band


class TermsSignature(models.Model):
    """A person's word for one set of terms, for one side. Taken back, it is still kept."""

    terms = models.ForeignKey(Terms, on_delete=models.CASCADE, related_name="signatures")
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    username = models.CharField(max_length=150)
    at = models.DateTimeField(_("signed"), default=timezone.now)
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("signature of terms")
        verbose_name_plural = _("signatures of terms")
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "side"],
                condition=models.Q(void_at=None),
                name="terms_signed_once_a_side",
            ),
            models.UniqueConstraint(
                fields=["terms", "user"],
                condition=models.Q(void_at=None),
                name="nobody_signs_terms_for_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.username}"

    @property
    def who(self) -> str:
        return name_of(self.user) if self.user else self.username


def contents(terms: "Terms | None") -> dict[str, Any]:
    """What a set says, to be compared and noted; of none, nothing."""
    if terms is None:
        return {}
    goals = {
        f"{goal.what} {goal.band}".strip(): goal.number
        for goal in sorted(terms.goals.all(), key=lambda goal: goal.key)
    }
    words = {stage.value: said for stage, said in terms.words.items()}
    return {"every": terms.every, "notes": terms.notes, "words": words, "goals": goals}
