"""Papers that somebody files: decisions and certificates, printed like real ones and saying that they are made up."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.base import ContentFile

from lms.documents import pdf


def paper(
    *,
    title: str,
    number: str,
    authority: str,
    day: date,
    paragraphs: tuple[str, ...],
    now: datetime,
    name: str = "decision.pdf",
) -> ContentFile[bytes]:
    """The paper as a PDF file of this name, ready to be filed."""
    context = {
        "title": title,
        "number": number,
        "authority": authority,
        "day": day,
        "paragraphs": paragraphs,
        "created": now,
    }
    return ContentFile(pdf.render("demo/decision.html", context), name=name)
