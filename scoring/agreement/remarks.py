"""Comments on a version or on one of its rules, and objections, which are answered and settled."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change
from scoring.agreement.sides import PROPOSE
from scoring.agreement.told import tell, told_who_care
from scoring.criteria.models import Version

TEXT_MOST = 4000


class RemarkQuerySet(models.QuerySet["Remark"]):
    def objections(self) -> Self:
        return self.filter(kind=Remark.Kind.OBJECTION)

    def open_objections(self) -> Self:
        return self.objections().filter(settled_at=None)


class Remark(models.Model):
    """Kept for ever; only the settling of an objection is added to it."""

    class Kind(models.TextChoices):
        COMMENT = "comment", gettext_lazy("Comment")
        OBJECTION = "objection", gettext_lazy("Objection")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="remarks")
    # The name of a rule of the version; empty: on the whole.
    rule = models.CharField(gettext_lazy("rule"), max_length=200, blank=True, default="")
    kind = models.CharField(gettext_lazy("kind"), max_length=10, choices=Kind.choices)
    text = models.TextField(gettext_lazy("text"), max_length=TEXT_MOST)
    answers = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    username = models.CharField(max_length=150)
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_name = models.CharField(max_length=150, blank=True, default="")
    settled_text = models.TextField(max_length=TEXT_MOST, blank=True, default="")

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = gettext_lazy("remark")
        verbose_name_plural = gettext_lazy("remarks")

    def __str__(self) -> str:
        return self.text

    @property
    def who(self) -> str:
        return name_of(self.user) if self.user else self.username

    @property
    def is_open(self) -> bool:
        return self.kind == self.Kind.OBJECTION and self.settled_at is None


class AddRemark(Change[Remark]):
    """Say something of a version, of one rule, or in answer to a remark."""

    permission = "scoring.view_version"

    def __init__(
        self,
        user: object,
        version: Version,
        text: str,
        *,
        kind: str = Remark.Kind.COMMENT,
        rule: str = "",
        answers: Remark | None = None,
    ) -> None:
        super().__init__(user, version.model)  # type: ignore[arg-type]  # of any request
        self.version = version
        self.text = text.strip()
        self.kind = kind
        self.rule = rule
        self.answers = answers

    def check(self) -> list[str]:
        found = []
        if not self.text:
            found.append(_("Write what you want to say."))
        if len(self.text) > TEXT_MOST or "\0" in self.text:
            found.append(_("At most %(most)d characters, please.") % {"most": TEXT_MOST})
        if self.kind not in Remark.Kind.values:
            found.append(_("It is either a comment or an objection."))
        names = {rule.name for rule in self.version.document_value.rules}
        if self.rule and self.rule not in names:
            found.append(_("This version has no such rule."))
        if self.answers and self.answers.version_id != self.version.pk:
            found.append(_("What you answer is not about this version."))
        return found

    def do(self) -> Remark:
        remark = Remark.objects.create(
            version=self.version,
            rule=self.answers.rule if self.answers else self.rule,
            kind=self.kind,
            text=self.text,
            answers=self.answers,
            user=self.user,
            username=self.user.get_username(),
        )
        objects = self.kind == Remark.Kind.OBJECTION
        AuditEntry.objects.note(
            self.user,
            self.model,
            Action.OBJECTED if objects else Action.REMARKED,
            self.version,
            text=self.text,
            **({"rule": remark.rule} if remark.rule else {}),
        )
        if objects:
            tell(
                told_who_care(self.version, but=self.user),
                f"objection:{remark.pk}",
                self.version,
                gettext_lazy("%(who)s objects to version %(number)d of “%(model)s”"),
                self.text,
                who=name_of(self.user),
            )
        elif self.answers and self.answers.user and self.answers.user != self.user:
            tell(
                [self.answers.user],
                f"answer:{remark.pk}",
                self.version,
                gettext_lazy("%(who)s has answered you on version %(number)d of “%(model)s”"),
                self.text,
                who=name_of(self.user),
            )
        return remark


class Settle(Change[None]):
    """An objection is done with: its author is content, or whoever proposes says why not so.

    It only warns, and what was answered stays beside it; so no one person can hold up both teams.
    """

    def __init__(self, user: object, remark: Remark, text: str) -> None:
        super().__init__(user, remark.version.model)  # type: ignore[arg-type]  # of any request
        self.remark = remark
        self.text = text.strip()

    def may(self) -> bool:
        return self.remark.user_id == self.user.pk or self.user.has_perm(PROPOSE)

    def check(self) -> list[str]:
        found = []
        if not Remark.objects.open_objections().filter(pk=self.remark.pk).exists():
            found.append(_("This objection is settled already."))
        if not self.text:
            found.append(_("Write how it was settled."))
        if len(self.text) > TEXT_MOST or "\0" in self.text:
            found.append(_("At most %(most)d characters, please.") % {"most": TEXT_MOST})
        return found

    def do(self) -> None:
        Remark.objects.filter(pk=self.remark.pk).update(
            settled_at=timezone.now(),
            settled_name=self.user.get_username(),
            settled_text=self.text,
        )
        AuditEntry.objects.note(
            self.user,
            self.model,
            Action.SETTLED,
            self.remark.version,
            objection=self.remark.text,
            text=self.text,
        )
        if self.remark.user and self.remark.user != self.user:
            tell(
                [self.remark.user],
                f"settled:{self.remark.pk}",
                self.remark.version,
                gettext_lazy("Your objection to version %(number)d of “%(model)s” was settled"),
                self.text,
            )
