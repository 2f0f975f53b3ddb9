"""A report as a file: one module a format, registered below and found by walking this package."""

import pkgutil
from importlib import import_module

from scoring.reports.exports.base import FORMATS, Format, Impossible, Made, register

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["FORMATS", "Format", "Impossible", "Made", "register"]
