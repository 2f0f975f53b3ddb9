"""What the pages say, in the language of the journey: the test speaks English, and looks it up."""

from typing import Any

from django.conf import settings
from django.utils import translation
from playwright.sync_api import BrowserContext

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Spelled alike in all of them.
ALIKE = {"Marketing"}


class Words:
    """One language: of a browser, and of what is looked for in its pages."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, text: str, **given: Any) -> str:
        with translation.override(self.language):
            said = translation.gettext(text)
        is_known = self.language == "en" or said != text or text in ALIKE
        assert is_known, f"not in the catalogue: {text}"
        return said % given if given else said

    def speak(self, context: BrowserContext, base_url: str) -> None:
        """Have the pages of this browser in the language."""
        name = settings.LANGUAGE_COOKIE_NAME
        context.add_cookies([{"name": name, "value": self.language, "url": base_url}])
