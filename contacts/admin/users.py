"""People who log in, and the groups that are their roles."""

from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from contacts.normalise import normalise

admin.site.unregister([User, Group])


class UniqueOwner(forms.BaseModelForm):  # type: ignore[type-arg]
    def clean_username(self) -> str:
        """Leads are shared out by user name, compared as all texts are: José is jose."""
        name: str = self.cleaned_data["username"]
        others = User.objects.exclude(pk=self.instance.pk).values_list("username", flat=True)
        if normalise(name) in map(normalise, others):
            raise ValidationError(
                gettext("There is a user of this name already; case and accents do not count.")
            )
        return name


class NewUserForm(UniqueOwner, UserCreationForm):
    """A user name that no other one is equal to, with a password."""


class UserForm(UniqueOwner, UserChangeForm):
    """The same for a user that is stored."""


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Nobody gives more than they have: only a superuser makes or changes another one."""

    empty_text = _("No users yet.")
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    filter_horizontal = ()
    fieldsets_within_reach: Any = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Role"), {"fields": ("is_active", "is_staff", "groups")}),
        (_("Important dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    fieldsets: ClassVar[Any] = (
        *fieldsets_within_reach,
        (_("Everything"), {"fields": ("is_superuser",)}),
    )
    add_fieldsets: Any = (
        (
            None,
            {
                "fields": ("username", "usable_password", "password1", "password2"),
                "description": _(
                    "A salesperson sees the leads whose owner is this user name, and those of "
                    "nobody."
                ),
            },
        ),
        (_("Role"), {"fields": ("is_staff", "groups")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return self.fieldsets_within_reach

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if field:
            field.help_text = ""
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Who is added here is to log in here."""
        return {"is_staff": True}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.in_reach(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.in_reach(request, obj) and super().has_delete_permission(request, obj)

    def in_reach(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or request.user.is_superuser or not obj.is_superuser

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("role"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Roles; what each may do to which records."""

    empty_text = _("No groups yet.")
    list_display = ("name",)
    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if field and db_field.name == "permissions":
            # The rest are of tables that have no page.
            ours = Q(content_type__app_label__in=["contacts", "scoring"])
            ours |= Q(content_type__app_label="auth", content_type__model__in=["user", "group"])
            field.queryset = field.queryset.filter(ours)
            field.label_from_instance = attrgetter("name")
            field.help_text = ""
        return field
