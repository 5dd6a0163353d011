"""The look of certificates: what a design may be, and publishing it as the next version.

A design is written by people who are no programmers: its texts name fields out of a known set, and everything else they
type is printed as it stands. Nothing in it is ever run.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.models import (
    Accent,
    CertificateType,
    Orientation,
    SheetLanguage,
    TemplatePicture,
    TemplateVersion,
)
from certificates.services.printable import refuse_unprintable
from certificates.services.type_editing import require_manager
from certificates.services.types import bureau_of
from certificates.wording import BODIES, fields_of
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Organisation, Role
from lms.rules.named_fields import has_stray_brace, unknown_fields
from lms.rules.refusals import Conflict, Invalid, NotFound

# Text → (its name, how many characters it may have, whether the sheet can do without). English ones end in ``_en``.
TEXTS: dict[str, tuple[Any, int, bool]] = {
    "heading": (_("标题"), 30, False),
    "heading_en": (_("英文标题"), 80, False),
    "lead": (_("姓名前的文字"), 30, True),
    "lead_en": (_("姓名前的英文"), 60, True),
    "body": (_("正文"), 300, False),
    "body_en": (_("英文正文"), 500, False),
    "foot": (_("页脚"), 36, True),
    "foot_en": (_("英文页脚"), 80, True),
}
PICTURES = ("logo", "seal", "ground")


@dataclass(frozen=True, slots=True)
class Design:
    """One look, as it is written, previewed and published."""

    orientation: str = Orientation.LANDSCAPE
    language: str = SheetLanguage.BILINGUAL
    accent: str = Accent.CELADON
    border: bool = True
    hours: bool = True
    texts: Mapping[str, str] = field(default_factory=dict)
    logo: TemplatePicture | None = None
    seal: TemplatePicture | None = None
    ground: TemplatePicture | None = None

    def facts(self) -> dict[str, Any]:
        """Everything that tells one look from another; pictures by their hash."""
        shown = asdict(replace(self, logo=None, seal=None, ground=None))
        pictures = {name: getattr(self, name) for name in PICTURES}
        return shown | {name: picture.sha256 if picture else None for name, picture in pictures.items()}


def first_design(type: CertificateType) -> Design:
    """What an editor begins with: the look of the product's own sheet, in words that can be changed."""
    body, body_en = BODIES[type.rule]
    texts = {"heading": "{title}", "heading_en": "{title}", "lead": "兹证明", "lead_en": "This is to certify that"}
    return Design(texts=texts | {"body": body, "body_en": body_en, "foot": "", "foot_en": ""})


def design_of(version: TemplateVersion) -> Design:
    """A version's look."""
    names = ("orientation", "language", "accent", "border", "hours", "texts", *PICTURES)
    return Design(**{name: getattr(version, name) for name in names})


def newest_template(*, type: CertificateType, issuer: Organisation) -> TemplateVersion | None:
    """The version certificates of the type are issued with now; None: the product's own sheet."""
    return TemplateVersion.objects.filter(type=type, issuer=issuer).order_by("-number").first()


def issuer_of_sheet(type: CertificateType, actor: Actor) -> Organisation:
    """In whose name the actor designs the sheet: their own college's, or the bureau's that issues the type."""
    issuer: Organisation | None = type.issuer
    if issuer is None and actor.role == Role.COLLEGE_PUBLISHER and actor.organisation_id:
        issuer = Organisation.objects.admitted().filter(pk=actor.organisation_id).first()
    elif issuer is None and type.region_code:
        issuer = bureau_of(type.region_code)
    if issuer is None:
        raise NotFound("type_unknown", _("没有找到这种证书。"))
    require_manager(actor, issuer)
    return issuer


def publish_template(
    *,
    type: CertificateType,
    issuer: Organisation,
    design: Design,
    after: int,
    note: str,
    actor: Actor,
    now: datetime,
) -> TemplateVersion:
    """Publish ``design`` as the next version. ``after`` is the number it was written on (0: none).

    Refuses what ``refuse_faulty`` refuses, ``nothing_changed``, ``changed_meanwhile`` (somebody published another one
    since), and other bodies' staff. Certificates issued before keep the version they have.
    """
    if not CertificateType.objects.managed_by(actor).filter(pk=type.pk).exists():
        raise NotFound("type_unknown", _("没有找到这种证书。"))
    require_manager(actor, issuer)
    design = tidied(design)
    refuse_faulty(type, issuer, design)
    newest = newest_template(type=type, issuer=issuer)
    if newest and design_of(newest).facts() == design.facts():
        raise Conflict("nothing_changed", _("和现行版式完全相同，没有发布新版。"))
    if (newest.number if newest else 0) != after:
        raise _meanwhile()
    version = TemplateVersion(
        type=type, issuer=issuer, number=after + 1, note=note.strip()[:200], by=actor.label, at=now, **_columns(design)
    )
    try:
        with transaction.atomic():
            version.save()
            changes = {"type": type.key, "issuer": issuer.name, "number": version.number, **design.facts()}
            record(
                verb="template.published", actor=actor, now=now, subject=version, changes=changes, reason=version.note
            )
    except IntegrityError:
        raise _meanwhile() from None
    return version


def tidied(design: Design) -> Design:
    """Without spaces at the ends, and without texts in a language the sheet has not."""
    shown = shown_texts(design.language)
    texts = {name: (design.texts.get(name) or "").strip().replace("\r\n", "\n") for name in TEXTS}
    return replace(design, texts={name: text if name in shown else "" for name, text in texts.items()})


def shown_texts(language: str) -> list[str]:
    """The texts that stand on a sheet of this language."""
    languages = {SheetLanguage.CHINESE: (False,), SheetLanguage.ENGLISH: (True,)}.get(
        SheetLanguage(language), (False, True)
    )
    return [name for name in TEXTS if name.endswith("_en") in languages]


def refuse_faulty(type: CertificateType, issuer: Organisation, design: Design) -> None:
    """Refuses texts with unknown fields (naming them and those there are), too long, missing or unprintable; others' pictures."""
    choices = {"orientation": Orientation, "language": SheetLanguage, "accent": Accent}
    for name, known in choices.items():
        if getattr(design, name) not in known.values:
            raise Invalid("design_unknown", _("请选择列出的一项。"), field=name)
    for name in shown_texts(design.language):
        _refuse_text(type, name, design.texts.get(name, ""))
    for name in PICTURES:
        picture: TemplatePicture | None = getattr(design, name)
        if picture is not None and picture.issuer_id != issuer.pk:
            raise NotFound("picture_unknown", _("没有找到这张图片。"), field=name)


def _refuse_text(type: CertificateType, name: str, text: str) -> None:
    label, most, optional = TEXTS[name]
    if not text and not optional:
        raise Invalid("text_missing", _("请填写“%(label)s”。"), field=name, label=label)
    if len(text) > most:
        raise Invalid(
            "text_too_long", _("“%(label)s”最多 %(most)d 个字，现有 %(count)d 个。"), field=name,
            label=label, most=most, count=len(text),
        )  # fmt: skip
    known = fields_of(type.rule)
    if unknown := unknown_fields(text, known):
        offered = gettext("、").join(f"{{{each}}} {told}" for each, told in known.items())
        raise Invalid(
            "field_unknown",
            _("“%(label)s”里没有这样的字段：%(unknown)s。可以用的有：%(offered)s。"),
            field=name,
            label=label,
            unknown=gettext("、").join(f"{{{each}}}" for each in unknown),
            offered=offered,
        )
    if has_stray_brace(text):
        raise Invalid("brace_alone", _("“%(label)s”里有单独的花括号；字段写作 {holder}。"), field=name, label=label)
    refuse_unprintable(text, field=name)


def _columns(design: Design) -> dict[str, Any]:
    names = ("orientation", "language", "accent", "border", "hours", *PICTURES)
    return {name: getattr(design, name) for name in names} | {"texts": dict(design.texts)}


def _meanwhile() -> Conflict:
    return Conflict("changed_meanwhile", _("别人刚刚发布了新的版式，请刷新后在新版上修改。"))
