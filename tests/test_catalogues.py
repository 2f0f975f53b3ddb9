"""Every text stands in both catalogues, and the Spanish one translates each of them.

The English catalogue's translations are empty, on purpose: the source is English.
"""

import gettext
import re
from pathlib import Path

import django
import polib
import pytest
import unfold
from django.apps import apps
from django.conf import settings

from leadscoring import unfold_texts
from tests.catalogues import Text, texts_of_code, texts_of_file, texts_of_project, texts_of_template

pytestmark = pytest.mark.once

LANGUAGES = ["en", "es"]
both = pytest.mark.parametrize("language", LANGUAGES)
# %(name)s, %d and %s of Python, {name} of format strings.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def folder(language: str) -> Path:
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES"


def catalogue(language: str) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(folder(language) / "django.po") if not entry.obsolete]


def key(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


@both
def test_every_text_of_the_source_is_there(language: str) -> None:
    known = {(each.single, each.context) for each in map(key, catalogue(language))}
    missing = [
        f"{path}: {text.single}"
        for text, path in texts_of_project(settings.BASE_DIR).items()
        if (text.single, text.context) not in known
    ]
    assert missing == [], "run makemessages (CONTRIBUTING.md) and translate"


@both
def test_nothing_is_there_that_the_source_has_no_more(language: str) -> None:
    used = {(text.single, text.context) for text in texts_of_project(settings.BASE_DIR)}
    unused = [entry.msgid for entry in catalogue(language) if key_of(entry) not in used]
    assert unused == [], "run makemessages (CONTRIBUTING.md)"


def key_of(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgid, entry.msgctxt or ""


@both
def test_no_translation_is_a_guess(language: str) -> None:
    assert [entry.msgid for entry in catalogue(language) if entry.fuzzy] == []


def test_every_text_is_in_spanish() -> None:
    assert [entry.msgid for entry in catalogue("es") if not entry.translated()] == []


def test_a_translation_keeps_the_placeholders() -> None:
    for entry in filter(polib.POEntry.translated, catalogue("es")):
        wanted = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for translation in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            found = sorted(PLACEHOLDER.findall(translation))
            # A singular may say "one" in words.
            assert found == wanted or (entry.msgid_plural and set(found) <= set(wanted)), (
                entry.msgid
            )


@both
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    with (folder(language) / "django.mo").open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    for entry in catalogue(language):
        if entry.msgid_plural:
            for number, translation in entry.msgstr_plural.items():
                if translation:
                    found = translations._catalog[  # type: ignore[attr-defined]
                        (with_context(entry), number)
                    ]
                    assert found == translation
        elif entry.msgstr:
            assert translations._catalog[with_context(entry)] == (  # type: ignore[attr-defined]
                entry.msgstr
            ), "run compilemessages (CONTRIBUTING.md)"


def with_context(entry: polib.POEntry) -> str:
    return f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid


def texts_of_unfold() -> set[str]:
    """What Unfold's own pages say; its bridges to packages that we do not use left out."""
    root = Path(unfold.__file__).parent
    used = [path for path in root.rglob("*.*") if "contrib" not in path.parts]
    used += (root / "contrib" / "filters").rglob("*.*")
    return {text.single for path in used for text in texts_of_file(path)}


def texts_of_django() -> set[str]:
    """What Django's Spanish catalogues translate, those of the apps that we use."""
    root = Path(django.__file__).parent
    parts = [root / "conf", *(Path(app.path) for app in apps.get_app_configs())]
    found: set[str] = set()
    for part in parts:
        path = part / "locale" / "es" / "LC_MESSAGES" / "django.po"
        if path.is_relative_to(root) and path.exists():
            found |= {entry.msgid for entry in polib.pofile(path) if entry.translated()}
    return found


def test_every_text_of_unfold_is_translated_by_django_or_by_us() -> None:
    ours = {text.single for text in texts_of_file(Path(unfold_texts.__file__))}
    assert ours == texts_of_unfold() - texts_of_django()


CODE = [
    ('_("a" "b")', Text("ab")),
    ("translation.gettext_lazy('a')", Text("a")),
    ('ngettext("one", "%d", n)', Text("one", "%d")),
    ('pgettext_lazy("verb", "open")', Text("open", "", "verb")),
    ('npgettext("verb", "one", "many", n)', Text("one", "many", "verb")),
]


@pytest.mark.parametrize(("code", "text"), CODE)
def test_it_finds_a_text_in_code(code: str, text: Text) -> None:
    assert list(texts_of_code(code)) == [text]


@pytest.mark.parametrize("code", ["_(name)", "format(_)", 'print("a")', "_()"])
def test_it_finds_no_text_where_there_is_none(code: str) -> None:
    assert list(texts_of_code(code)) == []


TEMPLATES = [
    ('{% translate "It\'s" %}', Text("It's")),
    ("{% translate 'May' context 'month' %}", Text("May", "", "month")),
    ("{% blocktranslate %}Dear {{ name }}{% endblocktranslate %}", Text("Dear %(name)s")),
    (
        "{% blocktranslate count n=x %}one{% plural %}{{ n }}{% endblocktranslate %}",
        Text("one", "%(n)s"),
    ),
    ('<p title="{{ _("a tip") }}">', Text("a tip")),
]


@pytest.mark.parametrize(("template", "text"), TEMPLATES)
def test_it_finds_a_text_in_a_template(template: str, text: Text) -> None:
    assert list(texts_of_template(template, "here")) == [text]


# What Spanish says otherwise: a command or an option keeps its name.
NOT_SPANISH = re.compile(
    r"(?<!manage\.py )(?<!--)\bworkers?\b|\bbandas?\b|\b\d{1,3}\.\d{3}\b", re.IGNORECASE
)


def test_spanish_has_its_words_for_workers_and_bands_and_separates_thousands_as_pages_do() -> None:
    said = [
        text
        for entry in catalogue("es")
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        if NOT_SPANISH.search(text)
    ]
    assert said == []
