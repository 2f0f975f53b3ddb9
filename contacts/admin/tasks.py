"""What is to do: the list with one's own first, and the page of a task."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.admin import task_undo
from contacts.admin.base import column, visible
from contacts.admin.sections import moment
from contacts.admin.task_asking import ASKED
from contacts.admin.task_doing import TaskDoing
from contacts.admin.task_filters import DueFilter, WhoseFilter, left_behind, ways
from contacts.admin.task_forms import TaskForm, times_for
from contacts.admin.teams import PersonField, people
from contacts.models import Calendar, Contact, Task
from contacts.models.tasks import urgency
from contacts.models.teams import name_of


class TaskList(ChangeList):
    """Adds to each task what this person may do with it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        page: Any = self.model_admin
        for task in self.result_list:
            deeds = page.deeds_for(request, task)
            task.deeds = [deed for deed in deeds if deed.in_list]
            task.asked = list(ASKED.values()) if deeds and task.is_open else []


@admin.register(Task)
class TaskAdmin(TaskDoing):
    """Sales change their own tasks and nobody's; whoever sees everybody, all."""

    empty_text = _(
        "Nothing to do. Automations make tasks when a lead gets hot; add one by hand for "
        "whatever else there is to do."
    )
    form = TaskForm
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
    list_after_template: Any = "contacts/tasks_after.html"

    class Media:
        js = ("leadscoring/tasks.js",)

    def get_ordering(self, request: HttpRequest) -> Any:
        return urgency(request.user)

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        return TaskList

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["title", "text", ("assignee", "team"), "due_at", "due_choice", "priority"]
        if obj is None:
            return [(None, {"fields": ["contact", *asked]})]
        return [(None, {"fields": [*asked, "standing"]})]

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """Whoever writes a task down means themselves, if nothing else is said."""
        return {"assignee": request.user.pk, **super().get_changeform_initial_data(request)}

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        """With the times that can be chosen by the calendar of whoever looks."""
        form = super().get_form(request, obj, change, **options)
        if "due_choice" not in form.base_fields:
            return form  # It is read only: nothing can be chosen.
        times = times_for(Calendar.objects.of(request.user))
        return type(form.__name__, (form,), {"times": times})

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

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {
            "ways": ways(request),
            "left_behind": left_behind(request),
            "asked": list(ASKED.values()),
            "undo": task_undo.offered(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra_context=context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        if task := options.get("obj"):
            contact = visible(Contact.objects.filter(pk=task.contact_id), request)
            deeds = self.deeds_for(request, task)
            context |= {"deeds": deeds, "sees_contact": contact.exists()}
            context |= {"asked": list(ASKED.values()) if deeds and task.is_open else []}
            context |= {"undo": task_undo.offered(request)}
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
        facts = {"when": when, "late": late, "put_off": ", ".join(put_off(task))}
        return render_to_string("contacts/task_due.html", facts)

    @column(_("for"), ordering="assignee__username")
    def for_whom(self, task: Task) -> str:
        if task.assignee is None:
            return gettext("nobody yet")
        if task.assignee.is_active or not task.is_open:
            return name_of(task.assignee)
        return gettext("%(name)s, who has left") % {"name": name_of(task.assignee)}

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
        facts += [name_of(task.done_by)] if task.done_by else []
        facts += [task.get_result_display()] if task.result not in ("", Task.Result.DONE) else []
        facts += [task.result_text] if task.result_text else []
        return ", ".join([*facts, *put_off(task)])

    @column("")
    def buttons(self, task: Any) -> str:
        facts = {"task": task, "deeds": task.deeds, "asked": task.asked}
        return render_to_string("contacts/task_buttons.html", facts)


def put_off(task: Task) -> list[str]:
    """In words, until when, and how often it was."""
    facts = []
    if task.snoozed_until and task.is_snoozed(timezone.now()):
        facts.append(gettext("put off until %(when)s") % {"when": moment(task.snoozed_until)})
    if task.is_open and task.snoozes:
        said = ngettext("put off %(count)d time", "put off %(count)d times", task.snoozes)
        facts.append(said % {"count": task.snoozes})
    return facts
