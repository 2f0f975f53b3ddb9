"""Companies: what is stored of one is part of the profile of everybody who works there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from contacts.models.history import FieldChange, Pending, changes_between
from contacts.models.noted import Changes, ProfileQuerySet
from contacts.models.people import Contact
from contacts.models.twins import NormalisedText, TwinModel
from contacts.normalise import digest, normalise

# Fields whose every change is kept, as those of contacts.
COMPANY_FIELDS = ["name", "domain", "industry", "country", "employees", "annual_revenue"]


class CompanyQuerySet(ProfileQuerySet["Company"]):
    scorable = frozenset(COMPANY_FIELDS)
    instead = "contacts.storing_sales.store_companies"

    def update(self, **values: Any) -> int:
        if self.noted and not {"name", "domain"}.isdisjoint(values):
            raise TypeError("A company's key is made of its name and domain: save() each company.")
        return super().update(**values)

    def create_noted(
        self, rows: Sequence["Company"], create: Callable[[], list["Company"]]
    ) -> list["Company"]:
        """A new company has no contacts yet: there is nothing to note."""
        for row in rows:
            row.key = self.key_of(row.name, row.domain)
        return create()

    def note(self, changes: Mapping[int, Changes]) -> None:
        rows = [row for pk in changes for row in FieldChange.of(changes[pk], company_id=pk)]
        FieldChange.objects.using(self.db).bulk_create(rows, batch_size=2000)
        staff = Contact.objects.using(self.db).filter(company__in=list(changes))
        staff.mark_pending(Pending.Cause.PROFILE)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete; its contacts lose their company, with history, and are marked pending."""
        with transaction.atomic(using=self.db):
            self.let_go()
            return super().delete()

    def let_go(self) -> None:
        """Take the contacts of these companies from them, with history."""
        Contact.objects.using(self.db).filter(company__in=self).update(company=None)

    def key_of(self, name: str, domain: str) -> str:
        """What makes two companies one: the domain or, where there is none, the name."""
        if known := normalise(domain):
            return digest(f"domain {known}")
        return digest(f"name {normalise(name)}")


class Company(TwinModel):
    name = models.CharField(_("name"), max_length=255, blank=True, default="")
    name_norm = NormalisedText("name")
    domain = models.CharField(_("domain"), max_length=255, blank=True, default="")
    domain_norm = NormalisedText("domain")
    industry = models.CharField(_("industry"), max_length=255, blank=True, default="")
    industry_norm = NormalisedText("industry")
    country = models.CharField(
        _("country"), max_length=2, blank=True, default="", help_text=_("Two letters, as in ES.")
    )
    country_norm = NormalisedText("country")
    employees = models.FloatField(_("employees"), null=True, blank=True)
    annual_revenue = models.FloatField(_("annual revenue"), null=True, blank=True)
    key = models.CharField(max_length=64, unique=True, editable=False)
    stored_at = models.DateTimeField(_("stored since"), auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        # What adds to or takes from a relation uses it, and is then noted as well.
        base_manager_name = "objects"
        ordering = ["name_norm", "pk"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name or self.domain

    def save(self, *args: Any, **options: Any) -> None:
        """Store, keep the history of what changed, and mark this company's contacts."""
        self.key = Company.objects.key_of(self.name, self.domain)
        names = options.get("update_fields")
        if names is not None and not {"name", "domain"}.isdisjoint(names):
            options["update_fields"] = {*names, "key"}
        with transaction.atomic():
            row = Company.objects.filter(pk=self.pk)
            stored = row.select_for_update(no_key=True).first() if self.pk else None
            super().save(*args, **options)
            # Read again: of a partial save only the stored part is a change.
            if stored and (changed := changes_between(stored.profile(), row.get().profile())):
                Company.objects.note({self.pk: changed})

    def profile(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in COMPANY_FIELDS}

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            Company.objects.filter(pk=self.pk).let_go()
            return super().delete(*args, **options)

    @classmethod
    def out_of_step(cls, row: Self) -> list[str]:
        key_holds = row.key == Company.objects.key_of(row.name, row.domain)
        return [*super().out_of_step(row), *([] if key_holds else ["key"])]
