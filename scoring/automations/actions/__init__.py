"""The actions: one module a kind, found by walking this package."""

import pkgutil
from importlib import import_module

from scoring.automations.actions.base import (
    ACTIONS,
    Action,
    ActionForm,
    Impossible,
    Occasion,
    register,
)

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["ACTIONS", "Action", "ActionForm", "Impossible", "Occasion", "register"]
