"""Verbs of question banks. A question is never edited: a change is a new version, and papers drawn keep the old one."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.assessment.models import Question, QuestionBank, QuestionVersion
from courses.assessment.questions import check_question
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Organisation, OrganisationKind
from lms.rules.refusals import Conflict, Invalid, NotFound

EDITORS = ("college_author", "college_publisher")
TRAINERS = frozenset({OrganisationKind.COLLEGE, OrganisationKind.TRAINING_BASE})
_FROZEN = ("kind", "stem", "choices", "answer", "explanation", "knowledge_point", "difficulty", "points")


def require_editor(actor: Actor, bank: QuestionBank) -> None:
    """Only authors of the bank's own college; for everybody else the bank does not exist."""
    if not actor.is_system and actor.organisation_id != bank.college_id:
        raise NotFound("no_bank", _("没有找到该题库。"))
    require(actor, *EDITORS)


@transaction.atomic
def create_bank(*, college: Organisation, name: str, actor: Actor, now: datetime) -> QuestionBank:
    """Open a bank for a college; the same name twice gives the same bank."""
    require(actor, *EDITORS)
    if not actor.is_system and actor.organisation_id != college.pk:
        raise NotFound("no_college", _("没有找到该院校。"))
    if college.kind not in TRAINERS:
        raise Invalid("not_a_college", _("只有培训院校和实训基地可以建立题库。"), field="college")
    name = name.strip()
    if not name or len(name) > 200:
        raise Invalid("bank_name", _("请填写题库名称，最多 200 字。"), field="name")
    bank, created = QuestionBank.objects.get_or_create(college=college, name=name)
    if created:
        record(verb="question_bank.created", actor=actor, now=now, subject=bank, changes={"name": name})
    return bank


@transaction.atomic
def save_question(
    *,
    bank: QuestionBank,
    key: str,
    kind: str,
    stem: str,
    answer: Any,
    actor: Actor,
    now: datetime,
    choices: Any = (),
    explanation: str = "",
    knowledge_point: str = "",
    difficulty: int = 1,
    points: int = 1,
) -> QuestionVersion:
    """Write a question under its key; a new version only when something changed.

    Shapes of ``choices`` and ``answer``: see ``courses.assessment.questions``. Refuses (``Invalid``) a question whose
    answer could never be given.
    """
    require_editor(actor, bank)
    wording = check_question(
        key=key,
        kind=kind,
        stem=stem,
        choices=choices,
        answer=answer,
        explanation=explanation,
        knowledge_point=knowledge_point,
        difficulty=difficulty,
        points=points,
    )
    question, _created = Question.objects.get_or_create(bank=bank, key=key.strip())
    question = Question.objects.select_for_update(no_key=True).get(pk=question.pk)
    newest = question.versions.order_by("-number").first()
    if newest and not question.retired and all(getattr(newest, name) == wording[name] for name in _FROZEN):
        return newest
    if question.retired:
        question.retired = False
        question.save(update_fields=["retired"])
    version = _append(question, (newest.number if newest else 0) + 1, wording, now)
    record(
        verb="question.saved",
        actor=actor,
        now=now,
        subject=question,
        changes={"key": question.key, "version": version.number},
    )
    return version


def _append(question: Question, number: int, wording: dict[str, Any], now: datetime) -> QuestionVersion:
    try:
        with transaction.atomic():
            return QuestionVersion.objects.create(question=question, number=number, created_at=now, **wording)
    except IntegrityError:
        raise Conflict("question_changed", _("此题刚被他人修改，请刷新后再试。")) from None


@transaction.atomic
def retire_question(*, question: Question, actor: Actor, now: datetime) -> Question:
    """Take a question out of use for new papers; papers that hold it keep it."""
    require_editor(actor, question.bank)
    if not question.retired:
        question.retired = True
        question.save(update_fields=["retired"])
        record(verb="question.retired", actor=actor, now=now, subject=question, changes={"key": question.key})
    return question
