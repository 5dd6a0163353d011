"""HTML templates become PDF/A-3a and PDF/UA-1 files: archivable, readable by a screen reader, every character a character.

Templates extend ``documents/base.html``. The same template and context give the same bytes.
"""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from lms.documents import signing


def render(template: str, context: dict[str, Any], *, language: str = "zh-hans") -> bytes:
    """Render ``template`` in ``language`` and return the PDF.

    ``created`` (aware datetime) of the context is written into it as its time. Characters that
    ``fonts.missing_glyphs`` names are drawn as an empty box: refuse them before. Where there is no key to sign with,
    ``unsigned`` of the context is true and the sheet says so.
    """
    from lms.documents.engine import print_page

    return print_page(page(template, context, language=language))


def page(template: str, context: dict[str, Any], *, language: str = "zh-hans") -> str:
    """The HTML that ``render`` prints."""
    with translation.override(language):
        return render_to_string(template, {"language": language, "unsigned": not signing.ready(), **context})
