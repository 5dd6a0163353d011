"""Taking back many certificates at once: proposed by one officer, confirmed by another of the bureau, done piece by piece.

What was seen is what is done: the certificates are fixed when the recall is proposed. Each piece is one transaction
under the lock of the recall's row; a worker that is killed leaves whole pieces, and the next one goes on from there.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, CertificateState, Recall, RecallItem, RecallState
from certificates.querysets import CertificateQuerySet
from certificates.services import decisions
from certificates.services.scopes import Scope, in_scope, restored
from certificates.services.states import OFFICER_CODES, Name, given, next_numbers
from lms.audit.actors import Actor
from lms.audit.services import About, record, record_many
from lms.audit.work import wake_on_commit
from lms.people.access import require
from lms.people.models import Employment, Organisation, Role, User
from lms.people.services.messages import tell_users
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

PROPOSING_ROLES = (Role.COLLEGE_PUBLISHER, Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.REGISTRAR)
CONFIRMING_ROLES = (Role.BUREAU_APPROVER, Role.CONFIRMING_REGISTRAR)
MOST = 50_000  # certificates in one recall
PIECE = 200  # certificates in one transaction
WORKER = "recall-certificates"
State, Outcome = RecallState.Name, RecallItem.Outcome


@dataclass(frozen=True, slots=True)
class Consequences:
    """What confirming does, in numbers. ``since``: issued in the same scope after it was proposed, so not included."""

    certificates: int
    people: int
    employers: int
    since: int


def propose_recall(
    *,
    issuer: Organisation,
    scope: Scope,
    code: str,
    authority: str,
    reason: str,
    document: "File[bytes] | None" = None,
    actor: Actor,
    now: datetime,
) -> Recall:
    """Propose to revoke what is in ``scope`` now. Nothing is revoked until a second officer agrees.

    The issuer's publisher proposes over its own, an officer over any issuer of the region, wherever the holders live.
    Refuses an empty scope (``nothing_selected``), one of more than ``MOST``, one with a certificate of one's own.
    """
    _require(actor, *PROPOSING_ROLES)
    if not Organisation.objects.visible_to(actor).filter(pk=issuer.pk).exists():
        raise NotFound("issuer_unknown", gettext_lazy("没有找到这个发证单位。"))
    if code not in OFFICER_CODES:
        raise Invalid("code_unknown", gettext_lazy("请选择撤销原因。"), field="code")
    why, content_type = given(reason), decisions.checked(document)
    with transaction.atomic():
        keys = list(in_scope(issuer, scope).values_list("pk", flat=True)[: MOST + 1])
        if not keys:
            raise Conflict("nothing_selected", gettext_lazy("没有符合条件、尚未撤销的证书。"))
        if len(keys) > MOST:
            raise Conflict("too_many_selected", gettext_lazy("一次最多撤销 %(most)s 份，请缩小范围。"), most=MOST)
        recall = Recall.objects.create(
            issuer=issuer,
            scope=scope.as_json(),
            code=code,
            authority=authority.strip()[:200] or actor.organisation_name,
            reason=why,
            document=decisions.keep(document, content_type, actor=actor, now=now),
            created_at=now,
            state=State.PROPOSED,
        )
        RecallItem.objects.bulk_create([RecallItem(recall=recall, certificate_id=key) for key in keys], batch_size=1000)
        _require_disinterested(recall, actor)
        _step(recall, State.PROPOSED, 1, reason=why, actor=actor, now=now)
    return recall


def confirm_recall(*, recall: Recall, actor: Actor, now: datetime) -> Recall:
    """The bureau's second officer agrees: the work begins. Refuses who proposed it (``same_officer``) and a second time."""
    _require(actor, *CONFIRMING_ROLES)
    return _decide(recall, State.CONFIRMED, "", actor, now)


def decline_recall(*, recall: Recall, reason: str, actor: Actor, now: datetime) -> Recall:
    """The second officer does not agree; nothing is revoked."""
    _require(actor, *CONFIRMING_ROLES)
    return _decide(recall, State.DECLINED, given(reason), actor, now)


def carry_out_recall(*, recall_id: uuid.UUID | str, now: datetime) -> int:
    """Revoke the next piece of a confirmed recall. Returns how many certificates were looked at, 0 when it is done."""
    actor = Actor.system(WORKER)
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall_id)
        if recall.state != State.CONFIRMED:
            return 0
        items = list(recall.items.filter(outcome="").select_related("certificate").order_by("pk")[:PIECE])
        if items:
            _revoke(recall, items, actor, now)
            return len(items)
        _step(recall, State.DONE, 3, reason="", actor=actor, now=now)
    return 0


def consequences_of(recall: Recall) -> Consequences:
    """What confirming would do now."""
    people = recall.items.values("certificate__person")
    employed = Employment.objects.filter(person__in=people, to_date=None)
    later = in_scope(recall.issuer, restored(recall.scope)).filter(issued_at__gt=recall.created_at, edition=1)
    return Consequences(
        certificates=recall.items.count(),
        people=people.distinct().count(),
        employers=employed.values("institution").distinct().count(),
        since=later.count(),
    )


def _require(actor: Actor, *roles: str) -> None:
    require(actor, *roles)
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", gettext_lazy("批量撤销只能由登记在册的工作人员办理。"))


def _require_disinterested(recall: Recall, actor: Actor) -> None:
    if actor.person_id and recall.items.filter(certificate__person_id=actor.person_id).exists():
        raise NotAllowed("own_certificate", gettext_lazy("其中有您本人的证书，须由其他工作人员办理。"))


def _decide(recall: Recall, state: str, reason: str, actor: Actor, now: datetime) -> Recall:
    with transaction.atomic():
        held = Recall.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=recall.pk).first()
        if held is None:
            raise NotFound("recall_unknown", gettext_lazy("没有找到这项批量撤销。"))
        if held.state != State.PROPOSED:
            raise Conflict("decided_already", gettext_lazy("这项批量撤销已经办理过，请刷新后查看。"))
        if held.states.filter(officer_id=actor.id).exists():
            raise NotAllowed("same_officer", gettext_lazy("须由另一位工作人员复核，提出的人不能复核自己的批量撤销。"))
        _require_disinterested(held, actor)
        _step(held, state, 2, reason=reason, actor=actor, now=now)
    return held


def _step(recall: Recall, state: str, number: int, *, reason: str, actor: Actor, now: datetime) -> None:
    RecallState.objects.create(
        recall=recall,
        number=number,
        state=state,
        officer_id=None if actor.is_system else actor.id,
        organisation_name=actor.organisation_name,
        reason=reason[:300],
        at=now,
    )
    recall.state = state
    recall.save(update_fields=["state"])
    changes = {"issuer": recall.issuer_id, "certificates": recall.items.count(), **recall.scope}
    record(verb=f"recall.{state}", actor=actor, now=now, subject=recall, changes=changes, reason=reason)
    if state == State.CONFIRMED:
        wake_on_commit("certificates.tasks.recall", str(recall.pk))


def _revoke(recall: Recall, items: Sequence[RecallItem], actor: Actor, now: datetime) -> None:
    """One state a certificate, one event a certificate, one message a holder; in the caller's transaction."""
    keys = [item.certificate_id for item in items]
    standing = {row.pk: row for row in Certificate.objects.filter(pk__in=keys).standing()}
    targets: dict[uuid.UUID, Certificate] = {}
    for item in items:
        target = standing.get(item.certificate_id) or _successor(item.certificate)
        item.outcome = Outcome.ALREADY
        if target is not None and target.pk not in targets:
            item.outcome = Outcome.REVOKED if target.pk == item.certificate_id else Outcome.SUCCESSOR
            targets[target.pk] = target
    numbers = next_numbers(list(targets))
    CertificateState.objects.bulk_create(
        CertificateState(
            certificate=target,
            number=numbers[key],
            state=Name.REVOKED,
            code=recall.code,
            cause_id=recall.pk,
            reason=recall.reason,
            authority=recall.authority,
            document_id=recall.document_id,
            by=actor.label,
            at=now,
        )
        for key, target in targets.items()
    )
    RecallItem.objects.bulk_update(items, ["outcome"])
    facts = {"code": recall.code, "recall": recall.pk, "authority": recall.authority}
    about = [About(row, row.person_id, {"serial": row.serial, **facts}, recall.reason) for row in targets.values()]
    record_many(verb="certificate.revoked", actor=actor, now=now, about=about)
    _tell(recall, list(targets.values()), now)


def _successor(certificate: Certificate) -> Certificate | None:
    """The edition that took its place, if that one stands; None for one that was revoked."""
    editions = Certificate.objects.filter(
        type_id=certificate.type_id, person_id=certificate.person_id, period=certificate.period
    )
    later: CertificateQuerySet = editions.filter(edition__gt=certificate.edition).standing()
    return later.order_by("-edition").first()


def _tell(recall: Recall, revoked: Sequence[Certificate], now: datetime) -> None:
    """One message to all whose certificates bear the same title."""
    people = {row.person_id for row in revoked}
    accounts = dict(User.objects.filter(person__in=people).values_list("person_id", "pk"))
    holders: dict[str, list[uuid.UUID]] = defaultdict(list)
    for row in revoked:
        if row.person_id in accounts:
            holders[row.title].append(accounts[row.person_id])
    for number, (title, users) in enumerate(holders.items()):
        tell_users(
            users=users,
            code="certificate_revoked",
            title=(_("您的“%(title)s”已被撤销") % {"title": title})[:200],
            body=recall.reason,
            url=reverse("certificates:mine"),
            urgent=True,
            dedupe_key=f"recall:{recall.pk}:{revoked[0].pk}:{number}",
            mail=True,
            now=now,
        )
