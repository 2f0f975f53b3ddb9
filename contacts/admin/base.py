"""What all our admin pages have in common: who sees what, searching, deleting, provenance."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar, cast

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db.models import CASCADE, PROTECT, ForeignObjectRel, Model, Q, QuerySet
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise
from unfold.admin import ModelAdmin
from unfold.decorators import display

from contacts.admin.pointing import DIGITS_MOST as DIGITS_MOST
from contacts.admin.pointing import PointingSelect, PointingSelectMultiple
from contacts.normalise import normalise
from contacts.provenance import recorded_as

F = TypeVar("F", bound=Callable[..., Any])

# How many rows a page names where it could be any number.
NAMED_MOST: Final = 20
PLAIN_LOOKUPS: Final = {
    "id",
    "exact",
    "in",
    "isnull",
    "gt",
    "gte",
    "lt",
    "lte",
    "year",
    "month",
    "day",
}
SECTION_ROWS: Final = 15


class RecordAdmin(ModelAdmin):
    """An admin page of rows that not everybody may see.

    Every route of the admin takes its rows from ``get_queryset``, and fields that point to
    contacts offer and accept those of ``visible_to`` only: what a person may not see is not
    found (404) and cannot be chosen.
    """

    empty_text: str | StrPromise = _("Nothing here yet.")
    change_form_outer_after_template: Any = None
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return visible(super().get_queryset(request), request)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model:
        """Raises Http404, also for what is there but not for this person."""
        found: Model | None = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> ModelChoiceField[Any] | None:
        if "queryset" not in options and hasattr(db_field.related_model.objects, "visible_to"):
            options["queryset"] = visible(db_field.related_model.objects.all(), request)
        if db_field.name in self.get_autocomplete_fields(request):
            options.setdefault("widget", PointingSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> ModelMultipleChoiceField[Any]:
        if db_field.name in self.get_autocomplete_fields(request):
            options.setdefault("widget", PointingSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **options)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only plain comparisons of the model's own columns, with values that columns may have.

        Not by rows that point here: ``?contacts=5`` would tell of contacts that are not seen.
        """
        name, *rest = lookup.split("__")
        values = value if isinstance(value, list | tuple) else [value]
        if not set(rest) <= PLAIN_LOOKUPS or any(map(is_unstorable, map(str, values))):
            return False
        field: Any
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:  # the parameter of a filter, or nothing
            field = None
        if isinstance(field, ForeignObjectRel):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """What a link may fill in: rows to point to, as in ``?contact=5``, and nothing else."""
        pointers = {field.name for field in self.opts.concrete_fields if field.many_to_one}
        return {
            name: value
            for name, value in request.GET.items()
            if name in pointers and str(value).isdecimal() and len(value) <= DIGITS_MOST
        }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that have every word somewhere; normalised columns are asked normalised."""
        for word in search_term.replace("\0", " ").split():
            found = Q()
            for column in self.get_search_fields(request):
                if column.endswith("norm"):
                    found |= Q((f"{column}__contains", normalise(word)))
                else:
                    found |= Q((f"{column}__icontains", word))
            queryset = queryset.filter(found)
        return queryset, False

    def changelist_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        with recorded_as(origin_of(request)):
            return super().changelist_view(request, *args, **options)

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        with recorded_as(origin_of(request)):
            return super().changeform_view(request, *args, **options)

    def delete_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        with recorded_as(origin_of(request)):
            return super().delete_view(request, *args, **options)

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes along is counted and not named: a contact may have 100,000 activities."""
        rows = list(objs)
        loss = Loss({}, [])
        loss.gather(
            self.model._default_manager.filter(pk__in=[row.pk for row in rows]), {self.model}
        )
        allowed = self.has_delete_permission(request)
        lacking = set() if allowed else {str(self.opts.verbose_name)}
        named = [str(row) for row in rows[:NAMED_MOST]]
        if (more := len(rows) - NAMED_MOST) > 0:
            named.append(ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more})
        return named, loss.counts, lacking, loss.protected

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.after_handing_over(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self.after_handing_over(request, obj) or super().response_change(request, obj)

    def after_handing_over(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """To the list, where a person has just given away what they may then not see."""
        if "_popup" in request.POST or self.get_queryset(request).filter(pk=obj.pk).exists():
            return None
        message = gettext("“%(name)s” was saved and now belongs to somebody else.")
        self.message_user(request, message % {"name": obj}, messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:{label(self.model)}_changelist"))


class ReadOnlyAdmin(RecordAdmin):
    """Rows that the product writes; people look at them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Loss(NamedTuple):
    """What would be deleted along with some rows, by name, and what forbids it."""

    counts: dict[str, int]
    protected: list[str]

    def gather(self, rows: QuerySet[Any], seen: set[type[Model]]) -> None:
        for relation in relations_to(rows.model):
            related = relation.related_model._base_manager.filter(
                (f"{relation.field.name}__in", rows.order_by().values("pk"))
            )
            if relation.on_delete is PROTECT:
                self.protected.extend(str(row) for row in related[:NAMED_MOST])
            elif (
                relation.on_delete is CASCADE
                and relation.related_model not in seen
                and (count := related.count())
            ):
                name = str(relation.related_model._meta.verbose_name_plural)
                self.counts[name] = self.counts.get(name, 0) + count
                self.gather(related, {*seen, relation.related_model})


def relations_to(model: type[Model]) -> Iterator[Any]:
    """The foreign keys of other models to this one, as the model's options name them."""
    relations: Any = model._meta.get_fields(include_hidden=True)
    for relation in relations:
        if (
            isinstance(relation, ForeignObjectRel)
            and not relation.many_to_many
            and not cast(Any, relation.related_model)._meta.auto_created
        ):
            yield relation


def column(description: str | StrPromise, **options: Any) -> Callable[[F], F]:
    """Unfold's ``display``, for a heading that follows the reader's language."""
    return cast(Callable[[F], F], display(description=cast(str, description), **options))


def is_unstorable(value: str) -> bool:
    """Whether no column could hold it: PostgreSQL refuses U+0000, SQLite long integers."""
    return "\0" in value or (value.isdecimal() and len(value) > DIGITS_MOST * 2)


def visible(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Of these rows those that this person may see, by the rows' own rule where there is one."""
    rule = getattr(rows, "visible_to", None)
    return rule(request.user) if rule else rows


def origin_of(request: HttpRequest) -> str:
    return f"admin: {request.user.get_username()}"


def label(model: type[Model]) -> str:
    """How the names of the admin's addresses call a model: ``contacts_company``."""
    return f"{model._meta.app_label}_{model._meta.model_name}"


class Section(NamedTuple):
    """A table below a form, one page of it: for rows of which there may be any number.

    ``parameter``: of the address, holds the number of the page; also the HTML id.
    """

    parameter: str
    title: str
    headers: Sequence[str]
    page: Page[Any]
    rows: Sequence[Sequence[Any]]
    empty: str
    add_url: str = ""
    add_label: str = ""

    @property
    def table(self) -> dict[str, Any]:
        return {"headers": self.headers, "rows": self.rows}


def page_of(rows: QuerySet[Any], request: HttpRequest, parameter: str) -> Page[Any]:
    """The page that the address asks for; the nearest where there is none such."""
    return Paginator(rows, SECTION_ROWS).get_page(request.GET.get(parameter))
