"""Contacts, companies, tags, custom fields, and the history of what changed."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    AutocompleteSelectMultipleFilter,
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    FieldTextFilter,
)

from contacts.admin.base import (
    DIGITS_MOST,
    ReadOnlyAdmin,
    RecordAdmin,
    Section,
    column,
    visible,
)
from contacts.admin.custom_fields import PREFIX, form_fields
from contacts.admin.filters import (
    CountryFilter,
    DaysFilter,
    IndustryFilter,
    OwnerFilter,
    OwnerNameFilter,
    SourceFilter,
)
from contacts.admin.forms import CompanyForm, ContactForm, CustomFieldForm, TagForm
from contacts.admin.sections import (
    activities_of,
    changes_of,
    contacts_of,
    deals_of,
    field_label,
    quantity,
    shown_value,
    tasks_of,
)
from contacts.models import (
    Company,
    Contact,
    CustomField,
    FieldChange,
    Lifecycle,
    Merge,
    Tag,
)

# Filters of the list of contacts that come from what is built upon it.
MORE_FILTERS: list[Any] = []
# Actions upon the ticked ones, likewise; for whoever may change contacts.
MORE_ACTIONS: list[Any] = []
# What stands above the lists of contacts and of leads, as HTML; empty where there is nothing.
MakesListPart = Callable[[HttpRequest], str]
LIST_PARTS: list[MakesListPart] = []


def list_part(make: MakesListPart) -> MakesListPart:
    """Show what this makes above both lists, in the order of registration."""
    LIST_PARTS.append(make)
    return make


def list_parts(request: HttpRequest) -> dict[str, list[str]]:
    """For the template of a list; a list from which somebody is chosen has none."""
    if IS_POPUP_VAR in request.GET:
        return {}
    return {"list_parts": [make(request) for make in LIST_PARTS]}


def moved_to(request: HttpRequest, object_id: str) -> int | None:
    """Whom a merged contact is now, for a page that is asked by its former id; says so."""
    if request.method != "GET" or not object_id.isdecimal() or len(object_id) > DIGITS_MOST:
        return None
    now: Any = Contact.objects.filter(pk=Merge.objects.current_id(int(object_id)))
    contact = visible(now.exclude(pk=object_id), request).first()
    if contact is None:
        return None
    said = gettext("The contact that you asked for was merged into this one.")
    messages.info(request, said)
    return int(contact.pk)


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    empty_text = _(
        "No contacts yet. Import them from a file, add the first by hand, or run "
        "“manage.py demo” to see the product with invented data."
    )
    form = ContactForm
    list_display = ("person", "company", "job_title", "stage", "owner", "country", "created_at")
    list_select_related = ("company",)
    list_filter = (
        OwnerFilter,
        OwnerNameFilter,
        ("lifecycle", ChoicesDropdownFilter),
        CountryFilter,
        SourceFilter,
        ("tags", AutocompleteSelectMultipleFilter),
        ("company", AutocompleteSelectFilter),
        ("created_at", DaysFilter),
        ("unsubscribed", BooleanRadioFilter),
        ("bounced", BooleanRadioFilter),
    )
    search_fields = ("email_norm", "first_name_norm", "last_name_norm", "company__name_norm")
    autocomplete_fields = ("company", "tags")
    readonly_fields = ("company_facts", "custom_values", "stored_at")
    list_before_template: Any = "contacts/people_before.html"
    change_form_outer_before_template: Any = "contacts/score_link.html"
    change_form_outer_after_template = "contacts/sections.html"
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["email", ("first_name", "last_name"), ("phone", "job_title")]}),
        (_("Company"), {"fields": ["company", "company_facts"]}),
        (_("Place"), {"fields": [("city", "region"), ("country", "language")]}),
        (
            _("Lead"),
            {
                "fields": [
                    "lifecycle",
                    "owner",
                    ("source", "campaign"),
                    "tags",
                    ("unsubscribed", "bounced"),
                    "created_at",
                    "stored_at",
                ]
            },
        ),
    ]

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        if IS_POPUP_VAR in request.GET or not self.has_change_permission(request):
            return found
        more = [each for each in map(self.get_action, MORE_ACTIONS) if each]
        page: Any = self  # the stubs do not know it
        allowed = page._filter_actions_by_permissions(request, more)
        return found | {each[1]: each for each in allowed}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {**list_parts(request), **(extra_context or {})}
        return super().changelist_view(request, extra_context=context)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*MORE_FILTERS, *super().get_list_filter(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        custom = [PREFIX + field.key for field in CustomField.objects.all()]
        if not custom:
            return self.fieldsets
        if not (self.has_change_permission(request, obj) if obj else True):
            custom = ["custom_values"]
        return [*self.fieldsets, (_("Custom fields"), {"fields": custom})]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        declared = list(CustomField.objects.all())
        fields = form_fields(declared, obj.attributes if obj else {})
        options["form"] = type("ContactForm", (ContactForm,), {**fields, "declared": declared})
        return super().get_form(request, obj, change=change, **options)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except Http404:
            if pk := moved_to(request, object_id):
                return HttpResponseRedirect(reverse("admin:contacts_contact_change", args=[pk]))
            raise

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """Whoever sees only their own leads begins with one of their own."""
        initial = dict(super().get_changeform_initial_data(request))
        if not request.user.has_perm("contacts.view_all_contacts"):
            initial.setdefault("owner", request.user.get_username())
        return initial

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Not ``form.save_m2m``: tags are changed with their history."""
        form.instance.set_tags(form.cleaned_data["tags"])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if contact := options.get("obj"):
            context["sections"] = [
                *self.tasks(contact, request),
                activities_of(contact, request),
                deals_of(contact.deals.all(), request, f"contact={contact.pk}"),
                changes_of(contact.changes.all(), request),
            ]
        return super().render_change_form(request, context, *args, **options)

    def tasks(self, contact: Contact, request: HttpRequest) -> list[Section]:
        may_see = request.user.has_perm("contacts.view_task")
        return [tasks_of(contact, request)] if may_see else []

    @column(_("contact"), ordering="last_name_norm", header=True)
    def person(self, contact: Contact) -> list[str]:
        return [contact.full_name, contact.email] if contact.full_name else [contact.email, ""]

    @column(
        _("lifecycle"),
        ordering="lifecycle",
        label={
            Lifecycle.MQL: "info",
            Lifecycle.SQL: "info",
            Lifecycle.OPPORTUNITY: "warning",
            Lifecycle.CUSTOMER: "success",
            Lifecycle.LOST: "danger",
        },
    )
    def stage(self, contact: Contact) -> tuple[str, str]:
        return contact.lifecycle, contact.get_lifecycle_display()

    @column(_("about the company"))
    def company_facts(self, contact: Contact) -> str:
        if (company := contact.company) is None:
            return ""
        facts = [company.domain, company.industry, company.country]
        if company.employees is not None:
            facts.append(gettext("%(count)s employees") % {"count": quantity(company.employees)})
        if company.annual_revenue is not None:
            amount = quantity(company.annual_revenue)
            facts.append(gettext("annual revenue %(amount)s") % {"amount": amount})
        return " · ".join(fact for fact in facts if fact)

    @column(_("values"))
    def custom_values(self, contact: Contact) -> str:
        labels = dict(CustomField.objects.values_list("key", "label"))
        return ", ".join(f"{labels.get(k, k)}: {v}" for k, v in contact.attributes.items())


@admin.register(Company)
class CompanyAdmin(RecordAdmin):
    empty_text = _("No companies yet. They come along with contacts, from an import, or by hand.")
    form = CompanyForm
    list_display = ("name", "domain", "industry", "country", "staff", "revenue")
    list_display_links = ("name", "domain")
    list_filter = (CountryFilter, IndustryFilter)
    search_fields = ("name_norm", "domain_norm")
    readonly_fields = ("stored_at",)
    change_form_outer_after_template = "contacts/sections.html"
    fields = (
        ("name", "domain"),
        ("industry", "country"),
        ("employees", "annual_revenue"),
        "stored_at",
    )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if company := options.get("obj"):
            context["sections"] = [
                contacts_of(company.contacts.all(), request),
                deals_of(company.deals.all(), request, f"company={company.pk}"),
                changes_of(company.changes.all(), request),
            ]
        return super().render_change_form(request, context, *args, **options)

    @column(_("employees"), ordering="employees")
    def staff(self, company: Company) -> str:
        return quantity(company.employees)

    @column(_("annual revenue"), ordering="annual_revenue")
    def revenue(self, company: Company) -> str:
        return quantity(company.annual_revenue)


@admin.register(Tag)
class TagAdmin(RecordAdmin):
    empty_text = _("No tags yet. A tag is a label on contacts that a rule may ask for.")
    form = TagForm
    fields = ("name",)
    list_display = ("name",)
    search_fields = ("name_norm",)


@admin.register(CustomField)
class CustomFieldAdmin(RecordAdmin):
    empty_text = _("No custom fields yet. Add one for whatever else you know of a contact.")
    form = CustomFieldForm
    fields = ("label", "key", "type", "choices")
    list_display = ("label", "key", "type")
    list_filter = (("type", ChoicesDropdownFilter),)
    search_fields = ("label", "key")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Of a stored field values and rules depend on the key and the type."""
        return ("key", "type") if obj else ()


@admin.register(FieldChange)
class FieldChangeAdmin(ReadOnlyAdmin):
    empty_text = _("No changes yet. Every change of a contact's or company's field is kept here.")
    list_display = ("changed_at", "whose", "field_name", "value_before", "value_after", "origin")
    list_select_related = ("contact", "company")
    list_filter = (("field", FieldTextFilter), ("changed_at", DaysFilter))
    search_fields = (
        "contact__email_norm",
        "contact__last_name_norm",
        "company__name_norm",
        "company__domain_norm",
    )
    fields = ("changed_at", "contact", "company", "field", "value_before", "value_after", "origin")

    @column(_("of"))
    def whose(self, change: FieldChange) -> str:
        return str(change.contact or change.company)

    @column(_("field"), ordering="field")
    def field_name(self, change: FieldChange) -> str:
        return field_label(change.field)

    @column(_("before"))
    def value_before(self, change: FieldChange) -> str:
        return shown_value(change.before)

    @column(_("after"))
    def value_after(self, change: FieldChange) -> str:
        return shown_value(change.after)
