"""The pages of calls, gathered for Django; nothing is defined here."""

from scoring.pipeline.calls import list_page, mode_page, scripts, settings_page

__all__ = ["list_page", "mode_page", "scripts", "settings_page"]
