"""A tagged PDF of the page as it prints, by WeasyPrint, loaded only when one is asked for."""

from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.reports.exports.base import Format, Impossible, Made, register
from scoring.reports.shown import shown_sections


@register
class Pdf(Format):
    slug: ClassVar[str] = "pdf"
    title: ClassVar[str | Promise] = _("PDF")
    icon: ClassVar[str] = "picture_as_pdf"
    mime: ClassVar[str] = "application/pdf"
    order: ClassVar[int] = 10

    def write(self, made: Made) -> bytes:
        weasyprint = loaded()
        html = render_to_string("scoring/reports/printed.html", context_of(made))
        document = weasyprint.HTML(string=html, url_fetcher=nothing_else)
        written: bytes = document.write_pdf(pdf_tags=True, pdf_variant="pdf/ua-1")
        return written


def loaded() -> Any:
    """Raises Impossible, with what to install, where a library of the system is missing."""
    try:
        return import_module("weasyprint")
    except (ImportError, OSError) as missing:
        text = gettext(
            "PDF files need the libraries Pango and HarfBuzz of the operating system: “apt-get "
            "install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0” or “brew install "
            "pango”. Until then print the page from the browser, which can save it as a PDF too."
        )
        raise Impossible(text) from missing


def context_of(made: Made) -> dict[str, Any]:
    """With links that also lead somewhere from a file."""
    query = made.question.query()
    sections = shown_sections(made.report, made.sections, made.names, query, settings.SITE_URL)
    return {"made": made, "sections": sections, "styles": styles()}


def styles() -> str:
    path = finders.find("leadscoring/reports.pdf.css")
    return Path(str(path)).read_text(encoding="utf-8")


def nothing_else(address: str, *_more: Any, **_options: Any) -> dict[str, Any]:
    """All that is printed stands in the page itself: nothing is fetched from anywhere."""
    raise ValueError(f"Reports load nothing: {address[:80]}")
