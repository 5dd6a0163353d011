"""A certificate drawn in one of its issuer's own designs: texts filled, sizes chosen, pictures carried along.

Templates choose nothing: which size a name, a title or the words get so that the sheet holds them is decided here, in
millimetres of the sheet as ``version.css`` lays it out.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any
from uuid import UUID

from certificates.models import Accent, Certificate, Orientation, SheetLanguage, TemplatePicture, TemplateVersion
from certificates.seal import seal
from certificates.services.designs import PICTURES, Design, design_of
from certificates.wording import values_of
from lms.documents import archive
from lms.documents.models import ArchivedDocument
from lms.documents.tagging import DECORATION
from lms.rules.named_fields import fill

POINT = 0.3528  # millimetres
ACCENTS: dict[str, str] = {
    Accent.CELADON: "#1f7a6d",
    Accent.INDIGO: "#2f4b7c",
    Accent.PLUM: "#6d3f6b",
    Accent.BRONZE: "#7a5a1e",
    Accent.INK: "#1b2a2f",
}
# Width of a text in Chinese characters → the class that sets its size, by orientation.
HEADING_SIZES = {
    Orientation.LANDSCAPE: ((12, "size-1"), (18, "size-2"), (26, "size-3")),
    Orientation.PORTRAIT: ((10, "size-1"), (12, "size-2"), (18, "size-3")),
}
HOLDER_SIZES = ((8, "size-1"), (14, "size-2"), (24, "size-3"))
ISSUER_SIZES = ((15, "size-1"), (20, "size-2"), (27, "size-3"))
# Points and line heights of the words in both languages, the largest first: classes words-1 … words-5.
WORD_SIZES = (
    ((14, 1.65), (10, 1.5)),
    ((12.5, 1.55), (9.5, 1.45)),
    ((11, 1.5), (9, 1.4)),
    ((9.5, 1.45), (8, 1.35)),
    ((8, 1.4), (7, 1.3)),
)
# How wide the words may run and how high they may stand beside the table, and the table itself, in millimetres.
WORD_WIDTHS = {Orientation.LANDSCAPE: 210.0, Orientation.PORTRAIT: 158.0}
WORD_HEIGHTS = {Orientation.LANDSCAPE: 27.0, Orientation.PORTRAIT: 78.0}
TABLE_HEIGHT = 24.0


@dataclass(frozen=True, slots=True)
class Words:
    """The filled words, and the class of their size; ``fits``: whether they stand on the sheet at any size."""

    chinese: str
    english: str
    size: str
    fits: bool


def drawn(
    certificate: Certificate,
    design: Design,
    lines: list[dict[str, str]],
    address: Callable[[TemplatePicture], str] | None = None,
) -> dict[str, Any]:
    """What ``certificates/pdf/_sheet.html`` shows, beside what stands on every sheet.

    ``address`` says where a page finds a picture; paper carries its pictures with it.
    """
    pictures = {name: (address or carried)(picture) if (picture := getattr(design, name)) else "" for name in PICTURES}
    chinese, english = values_of(certificate)
    texts = {
        name: fill(text, english if name.endswith("_en") else chinese) if text else ""
        for name, text in design.texts.items()
    }
    orientation, language = Orientation(design.orientation), SheetLanguage(design.language)
    only_english = language == SheetLanguage.ENGLISH
    heading = texts["heading_en"] if only_english else texts["heading"]
    words = words_of(texts, design)
    issuer = english["issuer"] if only_english else certificate.issuer_name
    return {
        "orientation": orientation.value,
        "zh": not only_english,
        "en": language != SheetLanguage.CHINESE,
        "both": language == SheetLanguage.BILINGUAL,
        "accent": design.accent,
        "colour": ACCENTS[design.accent],
        "border": design.border,
        "hours": design.hours and bool(lines),
        "heading": heading,
        "heading_size": sized(heading, HEADING_SIZES[orientation]),
        "texts": texts,
        "words": words,
        "holder_size": sized(certificate.holder_name, HOLDER_SIZES),
        "issuer": issuer,
        "issuer_size": sized(issuer, ISSUER_SIZES),
        "logo": pictures["logo"],
        "seal_picture": pictures["seal"],
        "ground": pictures["ground"],
        "passed_over": DECORATION,
        "seal": None if design.seal else seal(certificate.issuer_name),
    }


def words_of(texts: dict[str, str], design: Design) -> Words:
    """The words at the largest size at which they and the table stand above the seal."""
    orientation = Orientation(design.orientation)
    room = WORD_HEIGHTS[orientation] + (0 if design.hours else TABLE_HEIGHT)
    chinese, english = texts.get("body", ""), texts.get("body_en", "")
    for number, sizes in enumerate(WORD_SIZES, start=1):
        needed = sum(
            _lines(text, WORD_WIDTHS[orientation] / (points * POINT)) * points * leading * POINT
            for text, (points, leading) in zip((chinese, english), sizes, strict=True)
        )
        if needed <= room:
            return Words(chinese, english, f"words-{number}", fits=True)
    return Words(chinese, english, f"words-{len(WORD_SIZES)}", fits=False)


def width(text: str) -> int:
    """How wide a text is, in Chinese characters: Latin letters count half."""
    return ceil(sum(2 if ord(character) > 0x2E7F else 1 for character in text) / 2)


def sized(text: str, sizes: tuple[tuple[int, str], ...]) -> str:
    return next((name for most, name in sizes if width(text) <= most), "size-4")


def carried(picture: TemplatePicture) -> str:
    """The picture as an address that holds it: a document fetches nothing. Read from the archive, which proves its hash."""
    return _data(picture.document_id)


@lru_cache(maxsize=256)
def design_by_id(version_id: UUID) -> Design:
    """The design of a version, which never changes, so that a thousand sheets ask for it once."""
    pictures = ("logo__document", "seal__document", "ground__document")
    return design_of(TemplateVersion.objects.select_related(*pictures).get(pk=version_id))


@lru_cache(maxsize=24)
def _data(document_id: UUID) -> str:
    document = ArchivedDocument.objects.get(pk=document_id)
    content = base64.b64encode(archive.read(document)).decode("ascii")
    return f"data:{document.content_type};base64,{content}"


def _lines(text: str, most: float) -> int:
    return sum(max(1, ceil(width(line) / most)) for line in text.split("\n")) if text else 0
