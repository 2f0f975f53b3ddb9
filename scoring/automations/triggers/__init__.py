"""The triggers: one module a kind, found by walking this package."""

import pkgutil
from importlib import import_module

from scoring.automations.triggers.base import (
    TRIGGERS,
    Direction,
    Level,
    Rearm,
    RearmMode,
    Trigger,
    register,
)

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "TRIGGERS",
    "Direction",
    "Level",
    "Rearm",
    "RearmMode",
    "Trigger",
    "register",
]
