"""Yes or no; an empty field is no."""

from django.db.models import Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from scoring.criteria.fields import Field, FieldKind
from scoring.criteria.operators.base import Unary, register


@register("is_true", FieldKind.BOOLEAN)
class IsYes(Unary):
    words = _("%(field)s is true")

    def holds(self, field: Field, value: None) -> Q:
        return Q(Exact(field.expression, True))


@register("is_false", FieldKind.BOOLEAN)
class IsNo(IsYes):
    words = _("%(field)s is not true")

    def holds(self, field: Field, value: None) -> Q:
        return ~super().holds(field, value)
