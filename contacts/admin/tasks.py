"""What is to do: the list with one's own first, and the page of a task."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.admin.base import RecordAdmin, column, visible
from contacts.admin.sections import moment
from contacts.admin.task_deeds import DEEDS, Deed
from contacts.admin.task_filters import DueFilter, WhoseFilter
from contacts.admin.teams import PersonField, people
from contacts.models import Contact, Task
from contacts.models.people import sees_everybody
from contacts.models.tasks import urgency
from contacts.models.teams import name_of


class TaskList(ChangeList):
    """Adds to each task what this person may do with it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        page: Any = self.model_admin
        for task in self.result_list:
            task.deeds = [deed for deed in page.deeds_for(request, task) if deed.in_list]


@admin.register(Task)
class TaskAdmin(RecordAdmin):
    """Sales change their own tasks and nobody's; whoever sees everybody, all."""

    empty_text = _(
        "Nothing to do. Automations make tasks when a lead gets hot; add one by hand for "
        "whatever else there is to do."
    )
    list_display = ("what", "due", "for_whom", "urgent", "shown_state", "buttons")
    list_select_related = ("contact__company", "assignee")
    list_filter = (
        WhoseFilter,
        DueFilter,
        ("priority", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("team", RelatedDropdownFilter),
    )
    list_before_template: Any = "contacts/tasks_before.html"
    search_fields = (
        "title",
        "contact__email_norm",
        "contact__last_name_norm",
        "contact__company__name_norm",
    )
    autocomplete_fields = ("contact",)
    readonly_fields = ("standing",)
    change_form_outer_before_template: Any = "contacts/task.html"
    actions = ("finish_ticked", "take_ticked")

    def get_ordering(self, request: HttpRequest) -> Any:
        return urgency(request.user)

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        return TaskList

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["title", "text", ("assignee", "team"), "due_at", "priority"]
        if obj is None:
            return [(None, {"fields": ["contact", *asked]})]
        return [(None, {"fields": [*asked, "standing"]})]

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """Whoever writes a task down means themselves, if nothing else is said."""
        return {"assignee": request.user.pk, **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "assignee":
            options |= {"queryset": people(), "form_class": PersonField, "help_text": ""}
        field: Any = super().formfield_for_foreignkey(db_field, request, **options)
        if db_field.name == "assignee":
            field.empty_label = gettext("nobody yet: whoever takes it")
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "text":
            options["widget"] = UnfoldAdminTextareaWidget({"rows": 5})
        return super().formfield_for_dbfield(db_field, request, **options)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or sees_everybody(request.user) or obj.is_of(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"ways": ways(request), **(extra_context or {})}
        return super().changelist_view(request, extra_context=context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if task := options.get("obj"):
            contact = visible(Contact.objects.filter(pk=task.contact_id), request)
            context |= {"deeds": self.deeds_for(request, task), "sees_contact": contact.exists()}
        return super().render_change_form(request, context, *args, **options)

    # --- Columns ---------------------------------------------------------------------------

    @column(_("task"), ordering="title", header=True)
    def what(self, task: Task) -> list[str]:
        who = task.contact.full_name or task.contact.email
        company = task.contact.company
        return [task.title, f"{who}, {company}" if company else who]

    @column(_("due"), ordering="due_at")
    def due(self, task: Task) -> str:
        late = task.is_overdue(timezone.now())
        when = moment(task.due_at) if task.due_at else ""
        return render_to_string("contacts/task_due.html", {"when": when, "late": late})

    @column(_("for"), ordering="assignee__username")
    def for_whom(self, task: Task) -> str:
        return name_of(task.assignee) if task.assignee else gettext("nobody yet")

    @column(_("priority"), ordering="priority", label={Task.Priority.HIGH: "warning"})
    def urgent(self, task: Task) -> tuple[str, str] | str:
        """A word only where there is something to say."""
        is_usual = task.priority == Task.Priority.NORMAL
        return "" if is_usual else (task.priority, task.get_priority_display())

    @column(
        _("state"), ordering="state", label={Task.State.OPEN: "info", Task.State.DONE: "success"}
    )
    def shown_state(self, task: Task) -> tuple[str, str]:
        return task.state, task.get_state_display()

    @column(_("state"))
    def standing(self, task: Task) -> str:
        """With the instant since when, and who has closed it."""
        facts = [task.get_state_display(), moment(task.done_at or task.created_at)]
        return ", ".join([*facts, name_of(task.done_by)] if task.done_by else facts)

    @column("")
    def buttons(self, task: Any) -> str:
        return render_to_string("contacts/task_buttons.html", {"task": task, "deeds": task.deeds})

    # --- Doing it --------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.deed_view)
        return [path("<int:pk>/do/<slug:deed>/", view, name="task_deed"), *super().get_urls()]

    def deeds_for(self, request: HttpRequest, task: Task) -> list[Deed]:
        """What this person may do with a task as it is."""
        if not self.has_change_permission(request, task):
            return []
        return [deed for deed in DEEDS.values() if deed.fits(task)]

    def deed_view(self, request: HttpRequest, pk: int, deed: str) -> HttpResponse:
        """By POST alone; what somebody else has done meanwhile is told and not undone."""
        if deed not in DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task = self.get_object(request, str(pk))
        if not self.has_change_permission(request, task):
            raise PermissionDenied
        self.do(request, DEEDS[deed], Task.objects.filter(pk=pk))
        return HttpResponseRedirect(where_from(request))

    def do(self, request: HttpRequest, deed: Deed, tasks: Any) -> None:
        """To those of these tasks to which it still can be done, with a word about it."""
        rows = [task for task in tasks if deed.fits(task)]
        for task in rows:
            self.log_change(request, task, str(deed.title))
        count = deed.do(tasks, request.user)  # type: ignore[arg-type]
        if count == 1 == len(rows):
            told = gettext("“%(task)s”: %(what)s.") % {"task": rows[0], "what": deed.told}
            messages.success(request, told)
        elif count:
            told = ngettext("%(count)d task: %(what)s.", "%(count)d tasks: %(what)s.", count)
            messages.success(request, told % {"count": count, "what": deed.told})
        else:
            messages.warning(request, gettext("Somebody was faster: nothing was changed."))

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def finish_ticked(self, request: HttpRequest, queryset: Any) -> None:
        self.do(request, DEEDS["done"], changeable(queryset, request))

    @admin.action(description=_("Take"), permissions=["change"])
    def take_ticked(self, request: HttpRequest, queryset: Any) -> None:
        self.do(request, DEEDS["take"], changeable(queryset, request))


def changeable(tasks: Any, request: HttpRequest) -> Any:
    """Of these tasks those that this person may change."""
    rows = Task.objects.filter(pk__in=tasks.order_by().values("pk"))
    return rows if sees_everybody(request.user) else rows.for_doing_by(request.user)


def ways(request: HttpRequest) -> list[dict[str, Any]]:
    """Links to what people look at most, with how many tasks there are."""
    seen: Any = visible(Task.objects.open(), request)
    mine = seen.filter(assignee=request.user.pk)
    asked = [
        (gettext("My open tasks"), mine, "whose=mine&state__exact=open"),
        (gettext("My overdue tasks"), mine.overdue(timezone.now()), "whose=mine&due=overdue"),
        (gettext("Nobody's"), seen.filter(assignee=None), "whose=nobody&state__exact=open"),
        (gettext("All open tasks"), seen, "state__exact=open"),
    ]
    shown = request.GET.urlencode()
    return [
        {"title": title, "count": rows.count(), "query": query, "is_shown": query == shown}
        for title, rows, query in asked
    ]


def where_from(request: HttpRequest) -> str:
    """The page on which somebody clicked, where it is one of ours; otherwise the list."""
    page = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(page, hosts, require_https=request.is_secure()):
        return page
    return reverse("admin:contacts_task_changelist")
