"""Suggestions: a criterion that somebody misses, with the reason, and the answer to it."""

from typing import TYPE_CHECKING, Any, Final, Self, cast

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.on_merge import Move
from scoring.criteria.faults import LONGEST_NAME, Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.rules import Rule, read_rule
from scoring.engine.doubts import ScoreDoubt

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

REASON_MOST: Final = 2000
# Of a full name, which may be longer.
NAME_MOST: Final = 150
ANSWER: Final = "scoring.change_suggestion"
SEES_ALL: Final = "contacts.view_all_contacts"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own; all of them for those who answer, and for those who see every contact."""
        known = cast("PermissionsMixin", user)
        if not known.has_perm("scoring.view_suggestion"):
            return self.none()
        if known.has_perm(ANSWER) or known.has_perm(SEES_ALL):
            return self
        return self.filter(author=user.pk)

    def open(self) -> Self:
        return self.filter(state=Suggestion.State.OPEN)

    def answer(
        self, pk: int, user: "AbstractBaseUser | AnonymousUser", state: str, **answer: str
    ) -> bool:
        """Answer one that is open; False where somebody else has meanwhile."""
        waiting = self.open().filter(pk=pk)
        return bool(
            waiting.update(state=state, answered_by=user, answered_at=timezone.now(), **answer)
        )


class Suggestion(models.Model):
    """``rule`` is a rule as in a document, without its name; None where only words were given."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        TAKEN = "taken", _("Taken over")
        DECLINED = "declined", _("Declined")

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="suggestions", verbose_name=_("model")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name=_("suggested by"),
    )
    # Kept when the user is gone.
    author_name = models.CharField(_("suggested by"), max_length=NAME_MOST, blank=True, default="")
    title = models.CharField(_("criterion"), max_length=LONGEST_NAME)
    reason = models.TextField(_("reason"), max_length=REASON_MOST)
    rule = models.JSONField(_("rule"), null=True, blank=True)
    contact = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact"),
    )
    # About a rule, of which this came: their authors hear what becomes of it.
    doubts = models.ManyToManyField(ScoreDoubt, related_name="suggestions", editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=REASON_MOST, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # Of the rule that it became, and the version with which that rule came into force.
    rule_name = models.CharField(_("rule"), max_length=LONGEST_NAME, blank=True, default="")
    live_version = models.ForeignKey(
        Version,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("live since version"),
    )
    created_at = models.DateTimeField(_("suggested"), auto_now_add=True)

    objects = SuggestionQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view", "add", "change")
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        indexes = [
            models.Index(
                fields=["model"], condition=models.Q(state="open"), name="suggestion_open"
            ),
            models.Index(fields=["author", "-id"], name="suggestion_own"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def rule_data(self) -> dict[str, Any] | None:
        """With its name, as in a document."""
        return None if self.rule is None else {"name": self.title} | self.rule

    def read_rule(self, catalogue: Catalogue) -> Rule | None:
        """The rule; None where there is none, or where its field has gone meanwhile."""
        if self.rule is None:
            return None
        root = Node(self.rule_data)
        rule = read_rule(root, catalogue)
        return None if root.faults else rule
