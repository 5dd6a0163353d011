"""From a question to what is written of it: the check, the people it might mean, the word that its subject can read.

The one way in which anybody is asked about, singly or a thousand at once. Nothing is written here.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.audit.services import About, unrecorded
from lms.hiring.models import Check, CheckCandidate, Outcome, Purpose
from lms.hiring.services import clock, memory
from lms.people import vault
from lms.people.models import Organisation, Person
from lms.people.vault import Sealed
from lms.policy.pack import Pack
from lms.registry.models import ListVersion
from lms.rules import names, screening
from lms.rules.identity import IdentityNumber, mask
from lms.rules.names import NameMatch
from lms.rules.refusals import Invalid

LOOKED_UP = "person.looked_up"
# Beyond the rules of the screening: the number is held here under a name that is not the one asked about.
HOLDER_NAME_DIFFERS = "holder_name_differs"
LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class Question:
    """Whom a check is about; ``name`` and ``number`` are such as can be. ``sealed``: the number as it is kept already."""

    name: str
    number: IdentityNumber
    date_of_birth: date | None = None
    reference: str = ""
    sealed: Sealed | None = None
    batch_row_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, for what, when, and under which policy."""

    institution: Organisation
    actor: Actor
    purpose: str
    pack: Pack
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one check, none of them written. ``holder_id``: who holds the number here, under whichever name.

    ``more``: of a check that came near somebody, whom it might mean, what was remembered, and the registrars' clock.
    """

    check: Check
    event: AuditEvent
    more: tuple[Model, ...]
    holder_id: UUID | None

    @property
    def rows(self) -> tuple[Model, ...]:
        return self.check, self.event, *self.more


def require_question(*, number: IdentityNumber, date_of_birth: date | None, reference: str) -> None:
    """Refuse a birth date that is not the number's, and a reference that is too long."""
    if date_of_birth and number.birth_date and date_of_birth != number.birth_date:
        raise Invalid("date_of_birth_differs", _("出生日期与证件号码中的不一致，请核对。"), field="date_of_birth")
    if len(reference) > LONGEST_REFERENCE:
        raise Invalid("too_long", _("内部编号最多 %(most)s 个字符。"), field="reference", most=LONGEST_REFERENCE)


def require_purpose(purpose: str) -> None:
    if purpose not in Purpose.values:
        raise Invalid("purpose_unknown", _("请选择核查用途。"), field="purpose")


def answer(
    question: Question,
    result: screening.ScreenResult,
    *,
    holder: Person | None,
    version: ListVersion,
    asker: Asker,
) -> Answer:
    """What the list says to the question, as it is to be kept."""
    recalled = memory.Recalled(str(result.outcome), str(result.rule), result.subject_ids)
    if result.outcome == screening.Outcome.REVIEW:
        recalled = memory.recall(question.number, question.name, result)
    outcome, rule = recalled.outcome, recalled.rule
    goes_by_name = holder is None or _goes_by(holder, question.name)
    if outcome == Outcome.CLEAR and not goes_by_name:
        outcome, rule = Outcome.REVIEW.value, HOLDER_NAME_DIFFERS
    number = question.number
    sealed = question.sealed or vault.seal(number.canonical)
    check = Check(
        institution=asker.institution,
        asked_by=asker.actor.label,
        purpose=asker.purpose,
        consent=True,
        reference=question.reference,
        name=question.name,
        document_type=number.type.value,
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        blind_index=vault.blind_index(number),
        masked=mask(number.type, number.canonical),
        date_of_birth=question.date_of_birth or number.birth_date,
        person=holder if goes_by_name else None,
        outcome=outcome,
        rule=rule,
        list_version=version,
        checked_at=asker.now,
        valid_until=timezone.localdate(asker.now) + timedelta(days=asker.pack.hiring.check_valid_days),
        receipt_token=secrets.token_urlsafe(32),
        batch_row_id=question.batch_row_id,
    )
    holder_id = holder.pk if holder else None
    return Answer(check, _event(check, holder_id, asker), tuple(_more(check, recalled, asker.pack)), holder_id)


def _more(check: Check, recalled: memory.Recalled, pack: Pack) -> Iterator[Model]:
    for subject in recalled.subject_ids:
        yield CheckCandidate(checked=check, subject_id=subject, rule=check.rule)
    yield from memory.leaning_on(check, recalled.pairs)
    if check.outcome == Outcome.REVIEW:
        yield clock.opened(check, pack)


def _event(check: Check, holder_id: UUID | None, asker: Asker) -> AuditEvent:
    changes = {"purpose": check.purpose, "institution": asker.institution.name, "outcome": check.outcome}
    about = About(check, holder_id, changes)
    return unrecorded(verb=LOOKED_UP, actor=asker.actor, now=asker.now, about=about)


def _goes_by(person: Person, name: str) -> bool:
    if names.compare(name, person.name) >= NameMatch.HOMOPHONE:
        return True
    # Names they had before are read only when the present one does not do.
    return any(names.compare(name, row.name) >= NameMatch.HOMOPHONE for row in person.previous_names.all())
