"""The pages on which a model is edited, tried, signed and followed.

Import direction: hub <- the tabs <- models, versions.
"""

from scoring.agreement.admin import agreement, history, models, trail, versions

__all__ = ["agreement", "history", "models", "trail", "versions"]
