"""What stands on the sheet a person frames, both languages, worked out from the facts frozen at issue.

Templates choose nothing: sizes that depend on the length of a name or a title are decided here.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from certificates.drawing import design_by_id, drawn
from certificates.models import Certificate, Reissue, Rule, TemplatePicture
from certificates.seal import seal
from certificates.services.designs import Design
from certificates.wording import BODIES, chinese_day, document_of, english_day, title_of, values_of
from lms.documents import qr
from lms.rules.named_fields import fill

# Goes on with the sheet of ``sheet_template``: the product's own, or that of the version a certificate was issued with.
TEMPLATE = "certificates/pdf/sheet.html"
OWN_SHEET, VERSION_SHEET = "certificates/pdf/certificate.html", "certificates/pdf/version.html"
# Both languages stand on the sheet whatever language the page that asked for it is read in.
CATEGORIES = {"skills": ("综合技能培训", "Professional skills"), "ethics": ("职业道德教育", "Professional ethics")}
# Width of a text in Chinese characters → the class that sets its size.
NAME_SIZES = ((8, "size-1"), (14, "size-2"), (24, "size-3"))
TITLE_SIZES = ((12, "size-1"), (18, "size-2"), (26, "size-3"))
COURSE_SIZES = ((24, "size-1"), (36, "size-2"))
ISSUER_SIZES = ((17, "size-1"), (24, "size-2"), (32, "size-3"))


def verification_url(certificate: Certificate) -> str:
    """The address behind the QR."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('certificates:verification', args=[certificate.token])}"


def sheet_of(certificate: Certificate, *, reissue: Reissue | None = None) -> dict[str, Any]:
    """The context of ``TEMPLATE`` for a certificate, with the look it was issued with.

    A document that was reissued says so, and which it is.
    """
    if certificate.template_id:
        return designed(certificate, design_by_id(certificate.template_id), reissue=reissue)
    return {**_common(certificate, reissue), "sheet_template": OWN_SHEET}


def designed(
    certificate: Certificate,
    design: Design,
    *,
    specimen: bool = False,
    reissue: Reissue | None = None,
    address: Callable[[TemplatePicture], str] | None = None,
) -> dict[str, Any]:
    """The context of ``TEMPLATE`` for a certificate in a design. A specimen says so across the sheet."""
    sheet = drawn(certificate, design, lines_of(certificate.facts), address)
    common = _common(certificate, reissue)
    return {**common, "sheet_template": VERSION_SHEET, "sheet": sheet, "specimen": specimen}


def _common(certificate: Certificate, reissue: Reissue | None) -> dict[str, Any]:
    """What stands on every sheet."""
    facts, url = certificate.facts, verification_url(certificate)
    issued_on = timezone.localdate(certificate.issued_at)
    title = title_of(certificate)
    return {
        "annual": certificate.type.rule == Rule.ANNUAL_REQUIREMENT,
        "words": _words(certificate) if certificate.type.is_staffs else None,
        "certificate": certificate,
        "created": reissue.at if reissue else certificate.issued_at,
        "reissue": _reissue(reissue) if reissue else None,
        "title": title,
        "title_size": _size(title, TITLE_SIZES),
        "title_en": facts["title_en"],
        "holder": certificate.holder_name,
        "holder_size": _size(certificate.holder_name, NAME_SIZES),
        "document": document_of(facts.get("document") or {}),
        "facts": facts,
        "course_size": _size(facts.get("course", ""), COURSE_SIZES),
        "lines": lines_of(facts),
        "issued_on": (chinese_day(issued_on), english_day(issued_on)),
        "passed_on": _both(facts.get("passed_on")),
        "valid_until": _both(certificate.valid_until.isoformat() if certificate.valid_until else None),
        "issuer_size": _size(certificate.issuer_name, ISSUER_SIZES),
        "seal": seal(certificate.issuer_name),
        "qr": qr.svg_path(url),
        "url": url,
        "verify_at": f"{settings.PUBLIC_BASE_URL}{reverse('certificates:verify')}",
    }


def lines_of(facts: dict[str, Any]) -> list[dict[str, str]]:
    """Class-hours by category with their names in both languages; ``required`` is empty where nothing was asked."""
    rows = []
    for line in facts.get("lines", []):
        name, name_en = CATEGORIES.get(line["category"], (line["category"], line["category"]))
        rows.append(
            {
                "name": line.get("title") or name,
                "name_en": name_en,
                "earned": line["earned"],
                "required": line.get("required", ""),
            }
        )
    return rows


def width(text: str) -> int:
    """How wide a text is, in Chinese characters: Latin letters count half."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text) // 2


def _size(text: str, sizes: tuple[tuple[int, str], ...]) -> str:
    return next((name for most, name in sizes if width(text) <= most), "size-4")


def _reissue(order: Reissue) -> tuple[str, str]:
    on = timezone.localdate(order.at)
    return f"{chinese_day(on)}补发 · 第 {order.number} 份文件", f"Reissued {english_day(on)} · document {order.number}"


def _both(day: str | None) -> tuple[str, str] | None:
    return (chinese_day(date.fromisoformat(day)), english_day(date.fromisoformat(day))) if day else None


def _words(certificate: Certificate) -> tuple[str, str]:
    """What stands below the name, where the sheet itself has no words for the rule."""
    return tuple(map(fill, BODIES[certificate.type.rule], values_of(certificate)))  # type: ignore[return-value]
