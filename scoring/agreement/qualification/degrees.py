"""How well a contact fits by one criterion."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Degree(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    EXCLUDED = "excluded"


# Those that give or take points, the one first that counts where a contact has several.
SCORED: Final = (Degree.HIGH, Degree.MEDIUM, Degree.LOW)
TITLES: "Final[Mapping[Degree, StrOrPromise]]" = {
    Degree.HIGH: pgettext_lazy("degree", "High"),
    Degree.MEDIUM: pgettext_lazy("degree", "Medium"),
    Degree.LOW: pgettext_lazy("degree", "Low"),
    Degree.EXCLUDED: pgettext_lazy("degree", "Excluded"),
}
USUAL_POINTS: Final[Mapping[Degree, int]] = {Degree.HIGH: 20, Degree.MEDIUM: 10, Degree.LOW: -5}
