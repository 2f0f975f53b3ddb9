"""The operators: one module a family, found by walking this package.

An operator gives both the SQL and the sentence of a comparison, so that what a person
reads is what the database does.
"""

import pkgutil
from importlib import import_module

from scoring.criteria.operators.base import REGISTRY, Operator, Takes, names_for, operator

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["REGISTRY", "Operator", "Takes", "names_for", "operator"]
