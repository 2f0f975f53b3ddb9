"""The channels: one module each, found by walking this package."""

import pkgutil
from importlib import import_module

from scoring.automations.outbox.channel import CHANNELS

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["CHANNELS"]
