"""A workbook, by openpyxl, loaded only when one is asked for: it takes long."""

from importlib import import_module
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.reports.exports.base import Format, Made, register


@register
class Xlsx(Format):
    slug: ClassVar[str] = "xlsx"
    title: ClassVar[str | Promise] = _("Excel")
    icon: ClassVar[str] = "table"
    mime: ClassVar[str] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    order: ClassVar[int] = 20

    def write(self, made: Made) -> bytes:
        written: bytes = import_module("scoring.reports.workbook").written(made)
        return written
