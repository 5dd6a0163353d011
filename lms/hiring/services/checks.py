"""Asking whether a person may work with children. One question is one check, one audit event, one receipt.

The answer is decided by the document number together with the name; everything that only comes near is for a registrar
to decide. What may never happen: a look-up that the person can't see, or a refusal to hire that nobody decided.

What is written at once is what may never be missing: the check and the word of it in the audit trail, in one
transaction. Who has to be told is told with the receipt, by the worker that makes it (``receipts``).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.rows import undoable, write_together
from lms.audit.work import wake_soon
from lms.hiring.models import Check, DisputeAnswer, Outcome, ReviewDecision
from lms.hiring.querysets import REMEMBERED
from lms.hiring.services import memory
from lms.hiring.services.asking import Answer, Asker, Question, answer, require_purpose, require_question
from lms.people import vault
from lms.people.access import require
from lms.people.models import Organisation, OrganisationKind, OrganisationStatus, Role
from lms.people.services import persons
from lms.policy.pack import Pack
from lms.policy.services import recent_pack
from lms.registry.services import current_list_version, glance, screening_candidates_many
from lms.rules import names, screening
from lms.rules.chain import canonical
from lms.rules.refusals import Conflict, Invalid, NotFound

ASKING_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER, "api_key")
LONGEST_KEY = 128
NOBODY = screening.ScreenResult(screening.Outcome.CLEAR, screening.Rule.NO_MATCH, ())
TOLD_RULES = {
    Outcome.CLEAR.value: "no_match",
    Outcome.BARRED.value: "number_and_name",
    Outcome.REVIEW.value: "possible_match",
}
RECEIPTS = "lms.hiring.tasks.issue_receipts"


def check_person(
    *,
    institution: Organisation,
    name: str,
    document_type: str,
    document_number: str,
    date_of_birth: date | None = None,
    purpose: str,
    consent: bool,
    reference: str = "",
    actor: Actor,
    now: datetime,
    idempotency_key: str | None = None,
) -> Check:
    """Check one person against the list of bans, and say so to the person.

    Refuses institutions that are not admitted, a question without the person's consent or a known purpose, a name or
    a number that can't be one, and ``idempotency_conflict`` when the key already stands for another question. The
    same question under the same key, also twice at once, is one check.
    """
    require_asker(institution, actor)
    today = timezone.localdate(now)
    number = persons.read_number(document_type, document_number, today)
    question = Question(names.validate(name), number, date_of_birth, reference)
    require_purpose(purpose)
    if consent is not True:
        raise Invalid("consent_required", _("核查前须取得本人同意。"), field="consent")
    require_question(number=number, date_of_birth=date_of_birth, reference=reference)
    asker = Asker(institution, actor, purpose, recent_pack(institution.region_code, today), now)
    answered = _answer_to(question, asker)
    check = answered.check
    if not idempotency_key:
        write_together(*answered.rows)
    else:
        if len(idempotency_key) > LONGEST_KEY:
            raise Invalid("idempotency_key", _("Idempotency-Key 最多 %(most)s 个字符。"), most=LONGEST_KEY)
        asked = _asked(question, purpose)
        check.idempotency_key, check.request_digest = idempotency_key, _digest(asked)
        try:
            with undoable():
                write_together(*answered.rows)
        except IntegrityError:
            # Asked before, or twice at once: the other one's check stands, ours was never made.
            standing = _standing(institution, idempotency_key, asked)
            if standing is None:
                raise
            return standing
    wake_soon(RECEIPTS)
    return check


def effective_outcome(check: Check) -> str:
    """What the check says by now: a registrar's decision replaces ``review`` for as long as it is not taken back.

    Where the person disputed it, the later word counts: who was cleared and is found to be the same person is barred.
    """
    # Nobody disputes being clear, unless that word was taken back. Nearly every check is, and nothing more is read of it.
    remembered = check.rule in REMEMBERED
    decision = None if remembered else _decision(check)
    if check.outcome != Outcome.CLEAR or remembered:
        answer = _answer_to_dispute(check)
        barred_since = decision and answer and decision.outcome == Outcome.BARRED and decision.at > answer.at
        if answer and answer.outcome and not barred_since:
            return str(answer.outcome)
    if remembered:
        return Outcome.REVIEW.value if memory.withdrawn(check) else str(check.outcome)
    return str(decision.outcome if decision else check.outcome)


def _decision(check: Check) -> ReviewDecision | None:
    """What a registrar decided, unless it was taken back. Only a possible match is ever decided."""
    decision: ReviewDecision | None = getattr(check, "decision", None) if check.outcome == Outcome.REVIEW else None
    return None if decision is None or hasattr(decision, "revocation") else decision


def _answer_to_dispute(check: Check) -> DisputeAnswer | None:
    """A registrar's answer when the person disputed it; without an outcome where it stayed."""
    dispute = getattr(check, "dispute", None)
    answer: DisputeAnswer | None = getattr(dispute, "answer", None) if dispute else None
    return answer


def told_rule(check: Check) -> str:
    """The rule as the asker is told it: no more than the outcome says (decision 0026).

    Which rule came near would tell that a number is on the list under another name, or held here under one.
    """
    return TOLD_RULES[effective_outcome(check)]


def is_current(check: Check, pack: Pack, on: date) -> bool:
    """Whether the check is clear and not older than the policy's limit on ``on`` (inclusive)."""
    made = timezone.localdate(check.checked_at)
    limit = made + timedelta(days=pack.hiring.check_valid_days)
    return effective_outcome(check) == Outcome.CLEAR and made <= on <= limit


def require_asker(institution: Organisation, actor: Actor) -> None:
    """Refuse whoever may not ask for this institution, and institutions that are not admitted."""
    require(actor, *ASKING_ROLES)
    if not actor.is_system and actor.organisation_id != institution.pk:
        raise NotFound("organisation_unknown", _("没有找到这家机构。"))
    if institution.kind != OrganisationKind.INSTITUTION or institution.status != OrganisationStatus.ADMITTED:
        raise Conflict("not_admitted", _("只有已准入的托育机构可以核查。"))


def answers_to(questions: Sequence[Question], asker: Asker) -> list[Answer]:
    """The answers to one to two thousand questions of one asker, in their order; none of them written."""
    version = current_list_version()  # before the list is read: no answer is older than it says
    queries = [_query(question) for question in questions]
    held = persons.holders([question.number for question in questions])
    near = screening_candidates_many(
        queries, holders=[one.pk if one else None for one in held], on=timezone.localdate(asker.now)
    )
    return [
        answer(question, screening.screen(query, candidates), holder=holder, version=version, asker=asker)
        for question, query, candidates, holder in zip(questions, queries, near, held, strict=True)
    ]


def _answer_to(question: Question, asker: Asker) -> Answer:
    """One question: a single look for nearly everybody, who is near nobody on the list."""
    query = _query(question)
    seen = glance(question.number, query)
    if seen is None or seen.near:
        return answers_to([question], asker)[0]
    return answer(question, NOBODY, holder=seen.holder, version=seen.version, asker=asker)


def _query(question: Question) -> screening.Query:
    return screening.Query(question.number.type, question.number.canonical, question.name, question.date_of_birth)


def _asked(question: Question, purpose: str) -> Mapping[str, Any]:
    return {
        "name": question.name,
        "document": f"{question.number.type}:{question.number.canonical}",
        "date_of_birth": question.date_of_birth,
        "purpose": purpose,
        "reference": question.reference,
    }


def _standing(institution: Organisation, key: str, asked: Mapping[str, Any]) -> Check | None:
    """The check this key stands for. Refuses the key for another question than the one it was made for."""
    checks = Check.objects.select_related("institution", "list_version", "decision__revocation", "dispute__answer")
    standing = checks.filter(institution=institution, idempotency_key=key).first()
    if standing and not any(standing.request_digest == _digest(asked, version) for version in settings.IDENTITY_KEYS):
        raise Conflict("idempotency_conflict", _("这个 Idempotency-Key 已用于另一个请求。"))
    return standing


def _digest(asked: Mapping[str, Any], version: int | None = None) -> str:
    """Keyed: the request holds an identity number."""
    return vault.keyed_digest(canonical(dict(asked)), purpose="idempotency", version=version)
