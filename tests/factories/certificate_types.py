"""Words for types that an issuer's staff makes: made through the verbs, as a publisher or an approver would."""

import io
from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from certificates.models import CertificateType, TemplatePicture, TemplateVersion
from certificates.services.designs import Design, first_design, newest_template, publish_template
from certificates.services.pictures import add_picture
from certificates.services.type_editing import Wanted, create_type
from courses.catalogue.models import Programme, Release
from lms.people.models import Organisation, Role
from tests.factories import people
from tests.factories.certificates import NOON, SYSTEM


def _type(issuer: Organisation, rule: str, title: str, prefix: str, wanted: Wanted, **more: Any) -> CertificateType:
    given: dict[str, Any] = {
        "title": title,
        "title_en": "Certificate of Training",
        "serial_prefix": prefix,
        "validity_months": None,
        "automatic": True,
        "actor": SYSTEM,
        "now": NOON,
        **more,
    }
    return create_type(rule=rule, issuer=issuer, wanted=wanted, **given)


def programme_type(issuer: Organisation, *programmes: Programme, **more: Any) -> CertificateType:
    """The certificate of a programme; of any approved one where none is named."""
    wanted = Wanted(programmes=tuple(one.pk for one in programmes))
    return _type(issuer, "programme", more.pop("title", "培训计划结业证书"), "PRG", wanted, **more)


def post_type(
    issuer: Organisation,
    *releases: Release,
    post: str = "caregiver",
    topics: dict[str, Any] | None = None,
    within_months: int | None = None,
    **more: Any,
) -> CertificateType:
    """The certificate for a post: these courses, and so many class-hours of these topics."""
    courses = tuple(release.course_id for release in releases)
    wanted = Wanted(post=post, courses=courses, topics=topics or {}, within_months=within_months)
    return _type(issuer, "post", more.pop("title", "保育人员岗位培训合格证书"), "PST", wanted, **more)


def trainers_type(issuer: Organisation, *releases: Release, **more: Any) -> CertificateType:
    """The certificate of those who teach others."""
    wanted = Wanted(courses=tuple(release.course_id for release in releases))
    return _type(issuer, "trainers", more.pop("title", "师资培训合格证书"), "TOT", wanted, **more)


def publisher(college: Organisation) -> Any:
    """The actor who answers for what a college certifies."""
    return people.acting(people.member(college, Role.COLLEGE_PUBLISHER))


def drawing(name: str = "seal.png", *, size: tuple[int, int] = (200, 200), colour: Any = (184, 58, 43, 128)) -> Any:
    """A picture file as somebody uploads it; see-through unless its name says JPEG."""
    output = io.BytesIO()
    jpeg = name.endswith((".jpg", ".jpeg"))
    Image.new("RGB" if jpeg else "RGBA", size, colour[:3] if jpeg else colour).save(output, "JPEG" if jpeg else "PNG")
    return ContentFile(output.getvalue(), name=name)


def picture(issuer: Organisation, file: Any = None, **more: Any) -> TemplatePicture:
    """A picture kept for the issuer's sheets."""
    given: dict[str, Any] = {"name": "印章", "actor": SYSTEM, "now": NOON, **more}
    return add_picture(issuer=issuer, file=file or drawing(), **given)


def design(kind: CertificateType, **more: Any) -> Design:
    """The look an editor begins with, and what is different; ``texts`` are laid over those that are there."""
    first = first_design(kind)
    return replace(first, **{**more, "texts": {**first.texts, **more.get("texts", {})}})


def published(kind: CertificateType, issuer: Organisation, *, note: str = "", **more: Any) -> TemplateVersion:
    """The next version of a type's sheet."""
    newest = newest_template(type=kind, issuer=issuer)
    after = more.pop("after", newest.number if newest else 0)
    actor, now = more.pop("actor", SYSTEM), more.pop("now", NOON)
    return publish_template(
        type=kind, issuer=issuer, design=design(kind, **more), after=after, note=note, actor=actor, now=now
    )
