"""The door to WeasyPrint. It takes half a second to load and needs Pango: only what prints comes through here.

Printing reads nothing but the page: no network, no file, only the two faces and pictures written into the page.
What may never happen: a document that fetches an address.
"""

import html as entities

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from lms.documents import fonts, tagging

VARIANT = "pdf/a-3a"
FACES = {"serif": "Document Serif", "sans": "Document Sans"}


def print_page(page: str) -> bytes:
    """The HTML ``page`` as PDF/A-3a and PDF/UA-1. The same page gives the same bytes."""
    page = tagging.prepared(page)
    fetcher = OnlyWhatIsCarried(entities.unescape(page))
    configuration = FontConfiguration()
    faces = CSS(string=_font_faces(fetcher.text), font_config=configuration, url_fetcher=fetcher)
    document = HTML(string=page, url_fetcher=fetcher)
    content: bytes = document.write_pdf(
        finisher=tagging.finish, stylesheets=[faces], font_config=configuration, pdf_variant=VARIANT, pdf_tags=True
    )
    return content


class OnlyWhatIsCarried(URLFetcher):  # type: ignore[misc]
    """Answers for the two faces, cut to the page's characters, and for ``data:`` pictures; everything else stops."""

    def __init__(self, text: str) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
        self.text = text

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url.startswith("face:"):
            return URLFetcherResponse(
                url, fonts.cut(url.removeprefix("face:"), self.text), {"Content-Type": "font/otf"}
            )
        if not url.startswith("data:"):
            raise FatalURLFetchingError("a document fetches nothing")
        return super().fetch(url, headers)


def _font_faces(text: str) -> str:
    """The two faces, and under each of their names what stands in for characters neither has."""
    named = [(family, face) for face, family in FACES.items()]
    named += [(family, face) for face in fonts.stand_ins(text) for family in FACES.values()]
    return "".join(f"@font-face {{ font-family: '{family}'; src: url('face:{face}') }}" for family, face in named)
