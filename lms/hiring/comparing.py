"""A check and a subject of the list beside each other, as registrars compare them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lms.audit.actors import Actor
from lms.hiring.models import Check, CheckCandidate
from lms.hiring.presenters import rule_of
from lms.people import vault
from lms.registry.models import BanSubject
from lms.rules import names, side_by_side
from lms.rules.names import NameMatch
from lms.rules.regions import covers
from lms.rules.side_by_side import Pair


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of both. ``remark`` says in words how they differ, where that can be said."""

    label: str
    pair: Pair
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``documents``: (label, address) of the files of the case, for officers who may open it."""

    subject: BanSubject
    rule: Any
    lines: tuple[Line, ...]
    documents: tuple[tuple[str, str], ...]


def comparison(check: Check, candidate: CheckCandidate, actor: Actor) -> Comparison:
    """Names character by character, numbers under their masks, dates and kinds of documents."""
    subject: BanSubject = candidate.subject
    kinds = (check.get_document_type_display(), subject.get_document_type_display())
    born = (_day(check.date_of_birth), _day(subject.birth_date))
    lines = (
        Line(_("姓名"), side_by_side.texts(check.name, subject.name), _names_remark(check.name, subject.name)),
        Line(_("证件类型"), side_by_side.texts(*kinds)),
        _numbers(check, subject),
        Line(_("出生日期"), side_by_side.texts(*born)),
    )
    return Comparison(subject, rule_of(candidate.rule), lines, _documents(subject, actor))


def _numbers(check: Check, subject: BanSubject) -> Line:
    asked = vault.unseal(check.ciphertext, check.key_version)
    listed = vault.unseal(subject.ciphertext, subject.key_version)
    pair = side_by_side.numbers(asked, listed, asked_masked=check.masked, listed_masked=subject.masked)
    if not pair.different:
        return Line(_("证件号"), pair, _("号码相同"))
    near = any(piece.different for piece in (*pair.asked, *pair.listed))
    return Line(_("证件号"), pair, _("只差一处，已标出位置；请对照原件") if near else _("号码不同"))


def _names_remark(asked: str, listed: str) -> str:
    match names.compare(asked, listed):
        case NameMatch.EXACT:
            return ""
        case NameMatch.SIMPLIFIED:
            return _("繁简写法不同")
        case NameMatch.VARIANT:
            return _("异体字")
        case NameMatch.HOMOPHONE:
            return _("读音相同，用字不同")
    return _("姓名不同；可能是曾用名")


def _documents(subject: BanSubject, actor: Actor) -> tuple[tuple[str, str], ...]:
    case = subject.case
    if not actor.region_code or not covers(actor.region_code, case.region_code):
        return ()
    words = {"decision": _("决定书"), "overturning": _("撤销依据")}
    return tuple(
        (words.get(row.purpose, _("案件材料")), reverse("registry:document", args=[case.pk, row.document_id]))
        for row in case.documents.all()
    )


def _day(value: Any) -> str:
    return value.isoformat() if value else "—"
