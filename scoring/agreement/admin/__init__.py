"""The pages on which a model is edited, tried, signed and followed.

Import direction: hub <- the tabs <- models, versions.
"""

from scoring.agreement.admin import history, models, versions

__all__ = ["history", "models", "versions"]
