"""A registrar who can't tell asks the institution for a document; it uploads one, and the registrar goes on.

The file lies in the archive and is read by the registrars of the region and by the institution that handed it in.
"""

from datetime import datetime

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, uploads
from lms.documents.models import ArchivedDocument
from lms.hiring.models import Check, DocumentRequest, HandedDocument, Outcome
from lms.hiring.services import clock, news
from lms.people.access import require
from lms.people.models import Role
from lms.people.services import tell_members
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

ASKED_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)


def ask_for_document(*, checked: Check, what: str, actor: Actor, now: datetime) -> DocumentRequest:
    """Ask the institution for a paper; the clock of the review stands until it comes.

    Refuses a check of another region, one that is not under review or decided, no word of what is needed, and
    ``asked_already`` while an earlier request is not answered.
    """
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员核对。"))
    if not Check.objects.visible_to(actor).filter(pk=checked.pk).exists():
        raise NotFound("check_unknown", _("没有找到这次核查。"))
    wanted = what.strip()
    if not wanted:
        raise Invalid("what_required", _("请写明需要什么材料。"), field="what")
    try:
        with transaction.atomic():
            require_open(checked)
            last = checked.document_requests.order_by("-number").select_related("answer").first()
            if last is not None and not hasattr(last, "answer"):
                raise _asked_already()
            request = DocumentRequest.objects.create(
                checked=checked,
                number=last.number + 1 if last else 1,
                what=wanted[:300],
                asked_by_id=actor.id,
                at=now,
            )
            clock.stop(checked, now)
            record(
                verb="hiring_check.document_asked",
                actor=actor,
                now=now,
                subject=checked,
                person_id=checked.person_id,
                reason=wanted,
            )
            _tell_institution(request, now)
    except IntegrityError:
        raise _asked_already() from None
    return request


def hand_in_document(
    *, request: DocumentRequest, file: "File[bytes]", note: str = "", actor: Actor, now: datetime
) -> HandedDocument:
    """The institution hands in what was asked for; the clock runs again.

    Refuses another organisation, a file that is no document, a check decided meanwhile, and ``handed_already``.
    """
    require(actor, *ASKED_ROLES)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("role_required", _("只能由机构的工作人员上传。"))
    check = request.checked
    if actor.organisation_id != check.institution_id:
        raise NotFound("request_unknown", _("没有找到这项材料要求。"))
    content_type = uploads.check(file, kind="document")
    kept: list[ArchivedDocument] = []
    try:
        with transaction.atomic():
            require_open(check)
            document = archive.store(
                kind="review-document",
                file_name="review-document" + archive.SUFFIXES[content_type],
                content_type=content_type,
                content=file.read(),
                now=now,
                actor=actor,
            )
            kept.append(document)
            handed = HandedDocument.objects.create(
                request=request, document=document, note=note.strip()[:300], handed_by_id=actor.id, at=now
            )
            clock.go_on(check, now)
            changes = {"document": document.sha256}
            record(
                verb="hiring_check.document_handed_in",
                actor=actor,
                now=now,
                subject=check,
                person_id=check.person_id,
                changes=changes,
            )
            _tell_registrars(check, request, now)
    except BaseException as error:
        # Nobody's papers lie about that no row knows of.
        archive.discard(kept)
        if not isinstance(error, IntegrityError):
            raise
        raise Conflict("handed_already", _("这项材料已经上传过。")) from None
    return handed


def require_open(check: Check) -> None:
    """Refuse what is not under review, or not any more."""
    if check.outcome != Outcome.REVIEW:
        raise Conflict("not_under_review", _("这次核查不需要人工核对。"))
    if type(check).objects.filter(pk=check.pk, decision__isnull=False).exists():
        raise Conflict("decided_already", _("另一位工作人员已作出决定，请刷新后再看。"))


def open_request(check: Check) -> DocumentRequest | None:
    """What the institution still owes to this check."""
    if check.outcome != Outcome.REVIEW:
        return None
    return check.document_requests.filter(answer=None, checked__decision=None).first()


def _asked_already() -> Conflict:
    return Conflict("asked_already", _("已要求机构补充材料，请等待机构上传。"))


def _tell_institution(request: DocumentRequest, now: datetime) -> None:
    check = request.checked
    tell_members(
        organisation=check.institution,
        roles=ASKED_ROLES,
        code="check.document_asked",
        title=_("核对%(name)s需要补充材料") % {"name": check.name},
        body=_("请上传：%(what)s。上传后核对继续进行。") % {"what": request.what},
        url=reverse("hiring:hand_in", args=[check.pk]),
        dedupe_key=f"document:{request.pk}",
        mail=True,
        now=now,
    )


def _tell_registrars(check: Check, request: DocumentRequest, now: datetime) -> None:
    news.tell_registrars(
        check.institution.region_code,
        code="check.document_handed_in",
        title=_("%(institution)s已上传补充材料") % {"institution": check.institution.name},
        body=_("请继续核对并作出结论。"),
        url=reverse("hiring:review", args=[check.pk]),
        dedupe_key=f"handed:{request.pk}",
        now=now,
    )
