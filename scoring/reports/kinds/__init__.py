"""The reports: one module each, found by walking this package."""

import pkgutil
from importlib import import_module

from scoring.reports.report import REPORTS

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["REPORTS"]
