"""The forms of the admin pages: they say what is wrong before a constraint would."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts import values
from contacts.admin.custom_fields import CustomFieldsForm
from contacts.jsonlines import JsonInvalid, decode
from contacts.models import Company, Contact, CustomField, EmailAlias, Tag
from contacts.normalise import email_key, normalise
from contacts.records import Border, RecordInvalid
from contacts.values import Reader, Wrong


def checked(reader: Reader, value: Any) -> Any:
    """What the border's reader makes of a value. Raises ValidationError with its sentence."""
    try:
        return reader(value)
    except Wrong as wrong:
        raise ValidationError(str(wrong)) from None


def country_by_example(form: forms.BaseForm) -> None:
    """An example inside the field in place of a sentence below it, which would move the row."""
    if field := form.fields.get("country"):
        field.help_text = ""
        field.widget.attrs["placeholder"] = "ES"


class ContactForm(CustomFieldsForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        country_by_example(self)

    def clean_email(self) -> str:
        address: str = checked(values.email, self.cleaned_data["email"])
        others = Contact.objects.exclude(pk=self.instance.pk).filter(email_key=email_key(address))
        if others.exists():
            raise ValidationError(gettext("There is a contact with this e-mail address already."))
        if alias := EmailAlias.objects.of_addresses([address]).first():
            raise ValidationError(self.why_not(alias))
        return address

    def why_not(self, alias: EmailAlias) -> str:
        if alias.contact_id == self.instance.pk:
            return gettext(
                "This is a former address of this contact: mail and activities of it lead here "
                "already. To make it the contact's own, undo the merge and merge the other way."
            )
        return gettext("This is the former address of a contact that was merged with another.")

    def clean_country(self) -> str:
        return str(checked(values.country, self.cleaned_data["country"]))


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        country_by_example(self)
        for name in ("employees", "annual_revenue"):
            number = self.initial.get(name)
            if isinstance(number, float) and number.is_integer():
                self.initial[name] = int(number)

    def clean_country(self) -> str:
        return str(checked(values.country, self.cleaned_data["country"]))

    def clean_employees(self) -> float | None:
        return self.quantity("employees")

    def clean_annual_revenue(self) -> float | None:
        return self.quantity("annual_revenue")

    def quantity(self, name: str) -> float | None:
        number: float | None = checked(values.double, self.cleaned_data[name])
        return number

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        name, domain = self.cleaned_data.get("name", ""), self.cleaned_data.get("domain", "")
        if not normalise(name) and not normalise(domain):
            raise ValidationError(gettext("A company needs a domain or a name."))
        others = Company.objects.exclude(pk=self.instance.pk)
        if others.filter(key=Company.objects.key_of(name, domain)).exists():
            if normalise(domain):
                self.add_error("domain", gettext("There is a company with this domain already."))
            else:
                message = gettext(
                    "There is a company with this name, and without a domain, already."
                )
                self.add_error("name", message)
        return cleaned


class TagForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_name(self) -> str:
        name = str(checked(lambda value: values.filled(value, 100), self.cleaned_data["name"]))
        if Tag.objects.exclude(pk=self.instance.pk).filter(name_norm=normalise(name)).exists():
            raise ValidationError(
                gettext("There is a tag with this name already; case and accents do not count.")
            )
        return name


class SlugForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose key is a slug as in ``page_view``."""

    def clean_slug(self) -> str:
        return str(checked(values.slug, self.cleaned_data["slug"]))


class CustomFieldForm(forms.ModelForm):  # type: ignore[type-arg]
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=UnfoldAdminTextareaWidget(),
        help_text=_("For a choice only: one value a line."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["choices"] = "\n".join(self.instance.choices or [])

    def clean_key(self) -> str:
        return str(checked(values.slug, self.cleaned_data["key"]))

    def clean_choices(self) -> list[str]:
        """The lines that have something in them, without repetition."""
        lines: dict[str, str] = {}
        for line in self.cleaned_data["choices"].splitlines():
            if key := normalise(line):
                lines.setdefault(key, line.strip())
        return list(lines.values())

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        # Of a stored field the type is shown and cannot be changed.
        is_choice = self.cleaned_data.get("type", self.instance.type) == CustomField.Type.CHOICE
        choices = self.cleaned_data.get("choices")
        if is_choice and not choices:
            self.add_error("choices", gettext("A choice needs values: write one a line."))
        if choices and not is_choice:
            self.add_error("choices", gettext("Only a choice has values; leave this empty."))
        return cleaned


class ActivityForm(forms.ModelForm):  # type: ignore[type-arg]
    """Target and properties are typed as texts and checked as an import would."""

    target_text = forms.CharField(
        label=_("Target"),
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("What it concerned: a path such as /pricing, a form, a message."),
    )
    properties = forms.CharField(
        label=_("Properties"),
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_('Further facts as JSON: {"minutes": 12, "device": "phone"}.'),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["target_text"] = self.instance.target.text
        given = self.instance.properties
        self.initial["properties"] = json.dumps(given, ensure_ascii=False) if given else ""

    def clean_target_text(self) -> str:
        return str(checked(values.long_text, self.cleaned_data["target_text"]))

    def clean_properties(self) -> dict[str, object] | None:
        text = self.cleaned_data["properties"].strip()
        if not text:
            return None
        border = Border()
        try:
            properties = border.properties("", decode(text))
            border.close()
        except (JsonInvalid, RecordInvalid) as invalid:
            raise ValidationError(str(invalid)) from None
        return dict(properties) or None
