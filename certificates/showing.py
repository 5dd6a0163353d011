"""How a certificate is told to strangers: page, JSON and file check say the same, and never more than this."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, Share, ShareField
from certificates.querysets import Status
from certificates.services.files import FileVerdict, Finding
from certificates.services.validity import Validity, validity_of
from certificates.sheet import lines_of
from lms.documents.comparison import Difference
from lms.rules import names

# Word, English word (shown beside it in either language), level of the theme, sentence.
WORDS: dict[Status, tuple[Any, str, str, Any]] = {
    Status.VALID: (pgettext_lazy("certificate", "有效"), "Valid", "ok", _("这份证书由本平台签发，目前有效。")),
    Status.EXPIRED: (
        pgettext_lazy("certificate", "已过期"),
        "Expired",
        "attention",
        _("这份证书确由本平台签发，但有效期已过。"),
    ),
    Status.REVOKED: (
        pgettext_lazy("certificate", "已撤销"),
        "Revoked",
        "stop",
        _("这份证书已被撤销，不能作为任职或领取补贴的依据。"),
    ),
    Status.SUPERSEDED: (
        pgettext_lazy("certificate", "已被替换"),
        "Superseded",
        "attention",
        _("持证人的信息已更正，并换发了新证，请以新证为准。"),
    ),
    Status.UNKNOWN: (
        pgettext_lazy("certificate", "查无此证"),
        "Unknown",
        "none",
        _("本平台没有签发过这份证书。请核对网址或编号；如他人出示，请勿采信。"),
    ),
}


# What a file is: level of the theme, sentence.
FINDINGS: dict[Finding, tuple[str, Any]] = {
    Finding.ORIGINAL: ("ok", _("这份文件与签发时逐字节一致，是原件。")),
    Finding.APPENDED: (
        "stop",
        _("这是本平台签发的文件，但有人在其后追加了内容，与存档不一致。请以下面显示的内容为准。"),
    ),
    Finding.ALTERED: (
        "stop",
        _(
            "本平台签发过这份证书，但您上传的文件与存档不一致：可能被改动过，或是重新打印的副本。请以下面显示的内容为准。"
        ),
    ),
    Finding.RESAVED: (
        "attention",
        _("文件显示的内容与存档一致，但不是原件：被别的程序另存过，签名不再有效。请向持证人索取原件。"),
    ),
    Finding.FOREIGN: ("none", _("这份文件不是本平台签发的证书，或已无法辨认。")),
    Finding.ENCRYPTED: ("attention", _("这份文件加了密码，无法核对。本平台签发的证书从不加密，请向持证人索取原件。")),
    Finding.UNREADABLE: ("attention", _("这份文件已损坏或不是完整的 PDF，无法核对。请向持证人索取原件。")),
    Finding.TOO_COMPLEX: ("attention", _("这份文件的结构远比证书复杂，不是本平台签发的文件，未作进一步核对。")),
    Finding.TOO_LONG: ("attention", _("核对这份文件用时过长，已停止。本平台签发的证书不会如此，请向持证人索取原件。")),
}


def told_of_file(verdict: FileVerdict) -> dict[str, Any]:
    """What became of a file, for templates: the finding, where it was altered, its signature, and what the certificate is worth."""
    level, text = ("attention", REPLACED) if verdict.replaced else FINDINGS[verdict.finding]
    return {
        "finding": verdict.finding.value,
        "level": level,
        "text": text,
        "changes": _changes_of(verdict),
        "signature": _signature_of(verdict),
    }


def file_as_json(verdict: FileVerdict) -> dict[str, Any]:
    """The same for machines."""
    changes = verdict.changes
    places = [{"code": place, "page": page, "text": None} for place, page in changes.places] if changes else []
    added = [{"code": "text", "page": page, "text": text} for page, text in changes.added] if changes else []
    return {
        "issued_here": verdict.certificate is not None,
        "untouched": verdict.untouched,
        **({"replaced": verdict.replaced} if verdict.certificate else {}),
        "finding": verdict.finding.value,
        "signature": signature_code(verdict),
        "appended_bytes": verdict.appended,
        "changes": places + added,
        **as_json(verdict.certificate),
    }


def signature_code(verdict: FileVerdict) -> str | None:
    """valid, broken (ours, but the file is not as signed), foreign, absent; None where the bytes said all or nothing."""
    if verdict.finding in {Finding.ORIGINAL, *UNSEEN}:
        return None
    if verdict.seal is None:
        return "absent"
    if not verdict.seal.ours:
        return "foreign"
    return "valid" if verdict.seal.good else "broken"


def _signature_of(verdict: FileVerdict) -> Any:
    return SIGNATURES.get(signature_code(verdict) or "", "")


def _changes_of(verdict: FileVerdict) -> list[str]:
    """Where it was altered, in sentences."""
    sentences = []
    if verdict.appended:
        sentences.append(
            ngettext("原件之后追加了 %(count)d 字节", "原件之后追加了 %(count)d 字节", verdict.appended)
            % {"count": verdict.appended}
        )
    if verdict.changes is None:
        return sentences
    sentences += [str(Difference(place, page)) for place, page in verdict.changes.places]
    for page, text in verdict.changes.added:
        sentences.append(gettext("第 %(page)d 页出现了原件没有的文字：“%(text)s”") % {"page": page, "text": text})
    return sentences


REPLACED = _("这份文件与签发时逐字节一致，是原件；同一份证书后来补发了新的文件，编号和效力不变。")
SIGNATURES = {
    "valid": _("数字签名：由本平台签署，签署的内容完好。"),
    "broken": _("数字签名：由本平台签署，但文件已不是签署时的样子。"),
    "foreign": _("数字签名：不是本平台签署的。"),
    "absent": _("数字签名：没有。"),
}
UNSEEN = (Finding.ENCRYPTED, Finding.UNREADABLE, Finding.TOO_COMPLEX, Finding.TOO_LONG)


def told(certificate: Certificate | None) -> dict[str, Any]:
    """What a stranger may know, for templates. ``certificate`` was read ``with_status`` or weighed."""
    verdict = validity_of(certificate) if certificate else Validity(Status.UNKNOWN)
    word, word_en, level, text = WORDS[verdict.status]
    about: dict[str, Any] = {"status": verdict.status, "word": word, "word_en": word_en, "level": level, "text": text}
    if certificate is None or verdict.status is Status.UNKNOWN:
        return about
    return about | {
        "title": certificate.title,
        "title_en": certificate.facts.get("title_en", ""),
        "serial": certificate.serial,
        "holder": names.mask(certificate.holder_name),
        "document": (certificate.facts.get("document") or {}).get("masked", ""),
        "issuer": certificate.issuer_name,
        "issued_on": timezone.localdate(certificate.issued_at),
        "valid_until": certificate.valid_until,
        "lines": lines_of(certificate.facts),
        "code": verdict.code,
        "reason": verdict.reason,
        "since": verdict.since,
        "authority": verdict.authority,
        "successor": address_of(verdict.successor_token),
    }


def shared_facts(share: Share) -> list[tuple[str, Any]]:
    """What a share shows beside title and verdict: the chosen fields, as pairs of a term and a value."""
    certificate, chosen = share.certificate, set(share.fields)
    facts: list[tuple[str, str, Any]] = [
        (ShareField.NAME, gettext("持证人"), certificate.holder_name),
        (ShareField.DOCUMENT, gettext("证件号"), (certificate.facts.get("document") or {}).get("masked") or "—"),
        (ShareField.ISSUER, gettext("发证单位"), certificate.issuer_name),
        (ShareField.HOURS, gettext("学时"), _hours(certificate)),
        (ShareField.DATES, gettext("发证日期"), timezone.localdate(certificate.issued_at).isoformat()),
        (
            ShareField.DATES,
            gettext("有效期至"),
            certificate.valid_until.isoformat() if certificate.valid_until else gettext("长期"),
        ),
        (ShareField.SERIAL, gettext("证书编号"), certificate.serial),
    ]
    return [(term, value) for field, term, value in facts if field in chosen]


def _hours(certificate: Certificate) -> str:
    return gettext("；").join(f"{line['name']} {line['earned']}" for line in lines_of(certificate.facts))


def as_json(certificate: Certificate | None) -> dict[str, Any]:
    """The same for machines."""
    about = told(certificate)
    if "serial" not in about or certificate is None:
        return {"status": about["status"].value}
    since: datetime | None = about["since"]
    return {
        "status": about["status"].value,
        "serial": about["serial"],
        "title": about["title"],
        "title_en": about["title_en"],
        "holder": about["holder"],
        "document": about["document"],
        "issuer": about["issuer"],
        "issued_at": timezone.localtime(certificate.issued_at).isoformat(),
        "valid_until": about["valid_until"].isoformat() if about["valid_until"] else None,
        "class_hours": [
            {"category": line["category"], "earned": line["earned"], "required": line.get("required")}
            for line in certificate.facts.get("lines", [])
        ],
        "revocation": {
            "code": about["code"],
            "reason": str(about["reason"]),
            "authority": about["authority"],
            "at": timezone.localtime(since).isoformat() if since else None,
        }
        if about["status"] is Status.REVOKED
        else None,
        "superseded_by": about["successor"] or None,
        "url": address_of(certificate.token),
    }


def address_of(token: str) -> str:
    """The public page of a token; empty for none."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('certificates:verification', args=[token])}" if token else ""
