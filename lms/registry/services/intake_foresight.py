"""What a batch would do if it were confirmed now, row by row: asked of every room above, changed by nobody.

A list of ten thousand names concerns perhaps a dozen people who are here. Those rows, and rows that can't be entered as
they stand, are found for the whole batch, in a dozen queries for every thousand rows and as many for every thousand people
concerned; all other rows only enter the list.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.people.models import Person
from lms.people.services.persons import holders
from lms.registry import signals
from lms.registry.effects import Consequence, Item
from lms.registry.models import BanCase, BanSubject, Intake, IntakeRow, ListAct
from lms.registry.services import exchange
from lms.registry.services.consequences import annulment_consequences, gathered
from lms.registry.services.intake import DECISION
from lms.registry.services.known import known_names, unsealed
from lms.registry.services.steps import ACTING, latest
from lms.rules import names
from lms.rules.names import NameMatch

T = TypeVar("T")
CHUNK = 1000
NAME_DIFFERS = _("这个证件号码在系统中登记在另一个姓名之下，不会列入；请核对后单独办理。")
DECISION_FIXED = _("这份决定已经录入，但其中没有此人，不会列入；请核对后单独办理。")
DECISION_DIFFERS = _("同一文号的各行，决定内容不一致，不会列入。")
OWN_CASE = _("这一行涉及录入人或复核人本人，应当回避，不会列入；请由其他工作人员办理。")
NOT_THEIRS = _("这份决定不是由对方地区送来的，对方无权撤销，不会撤销。")
TOGETHER = _("同一份决定中有不能列入的人，整份决定都不会列入。")


@dataclass
class Foresight:
    """``struck``: consequences by row; ``problems``: why rows would not be entered; both by the row's key.

    ``people`` are those known here whom the batch bars; ``totals`` everything that would change, each thing once.
    """

    people: int = 0
    struck: dict[UUID, list[Consequence]] = field(default_factory=dict)
    problems: dict[UUID, Any] = field(default_factory=dict)
    totals: list[Consequence] = field(default_factory=list)


@dataclass
class _Decision:
    """Rows of one decision as far as they were read."""

    facts: tuple[Any, ...]
    rows: list[UUID] = field(default_factory=list)
    problems: dict[UUID, Any] = field(default_factory=dict)


def foresee(intake: Intake, *, now: datetime, second: UUID | None = None) -> Foresight:
    """What entering the waiting rows of a batch would do. Annulments: ``foresee_annulments``.

    ``second`` is the account of the officer who may confirm it: nobody takes part in a case about themselves.
    """
    officers = Person.objects.filter(user__in=[key for key in (intake.proposed_by_id, second) if key])
    themselves = set(officers.values_list("pk", flat=True))
    decisions: dict[tuple[str, str], _Decision] = {}
    here: list[tuple[IntakeRow, Person]] = []
    waiting = intake.rows.filter(outcome="", act=ListAct.ENTERED).order_by("number")
    for rows in _in_turn(waiting.iterator(chunk_size=CHUNK)):
        here += _read(rows, decisions, themselves)
    told = Foresight()
    for decision in decisions.values():
        if decision.problems:
            told.problems |= dict.fromkeys(decision.rows, TOGETHER) | decision.problems
    certain = [(row, person) for row, person in here if row.pk not in told.problems]
    told.people = len({person.pk for _row, person in certain})
    _ask_rooms(told, certain, now)
    return told


def foresee_annulments(intake: Intake, rows: Sequence[IntakeRow], *, now: datetime) -> Foresight:
    """What annulling would give back, by row; for the rows of one page, since every decision is asked about alone."""
    told = Foresight()
    annulling = [row for row in rows if row.act == ListAct.ANNULLED and not row.outcome]
    for key, case in _cases_of(annulling).items():
        mine = [row.pk for row in annulling if _key(row) == key]
        if latest(case).state not in ACTING:
            continue
        if exchange.came_from_sender_of(intake.document, case=case):
            told.struck |= dict.fromkeys(mine, annulment_consequences(case, now=now))
        else:
            told.problems |= dict.fromkeys(mine, NOT_THEIRS)
    return told


def _read(
    rows: Sequence[IntakeRow], decisions: dict[tuple[str, str], _Decision], officers: set[UUID]
) -> Iterator[tuple[IntakeRow, Person]]:
    """Sort rows by their decisions, note what is wrong with them, and tell who of them is known here."""
    fixed, people = _cases_of(rows), holders([unsealed(row) for row in rows])
    for row, person in zip(rows, people, strict=True):
        facts = tuple(getattr(row, name) for name in DECISION)
        decision = decisions.setdefault(_key(row), _Decision(facts))
        decision.rows.append(row.pk)
        if _key(row) in fixed:
            decision.problems[row.pk] = DECISION_FIXED
        elif facts != decision.facts:
            decision.problems[row.pk] = DECISION_DIFFERS
        elif person and max(names.compare(row.name, one) for one in known_names(person)) < NameMatch.HOMOPHONE:
            decision.problems[row.pk] = NAME_DIFFERS
        elif person and person.pk in officers:
            decision.problems[row.pk] = OWN_CASE
        elif person:
            yield row, person


def _ask_rooms(told: Foresight, here: Sequence[tuple[IntakeRow, Person]], now: datetime) -> None:
    """Ask every room about the people concerned; whose ban begins later is asked about as if it began today."""
    today = timezone.localdate(now)
    rows_of: dict[UUID, list[UUID]] = defaultdict(list)
    subjects: dict[UUID, BanSubject] = {}
    for row, person in here:
        if row.until is None or row.until >= today:
            rows_of[person.pk].append(row.pk)
            subjects[person.pk] = BanSubject(person=person, name=row.name, kind=row.kind, from_date=today)
    totals: dict[str, tuple[Any, list[Item]]] = {}
    for some in _in_turn(subjects.values()):
        answers = signals.ban_consequences.send(BanCase, case=None, subjects=some, now=now)
        for consequence in gathered(answers):
            totals.setdefault(consequence.code, (consequence.label, []))[1].extend(consequence.items)
            _share_out(told, consequence, rows_of)
    told.totals = [Consequence(code, label, items) for code, (label, items) in totals.items()]


def _share_out(told: Foresight, consequence: Consequence, rows_of: dict[UUID, list[UUID]]) -> None:
    """Give each thing that would change to the rows that name its person."""
    items_of: dict[UUID, list[Item]] = defaultdict(list)
    for item in consequence.items:
        for row in rows_of[item.person_id] if item.person_id else ():
            items_of[row].append(item)
    for row, items in items_of.items():
        told.struck.setdefault(row, []).append(Consequence(consequence.code, consequence.label, items))


def _cases_of(rows: Iterable[IntakeRow]) -> dict[tuple[str, str], BanCase]:
    """Decisions of these rows that are entered already."""
    wanted = {_key(row) for row in rows}
    found = BanCase.objects.filter(number__in={number for _authority, number in wanted})
    return {(case.authority, case.number): case for case in found if (case.authority, case.number) in wanted}


def _key(row: IntakeRow) -> tuple[str, str]:
    return row.authority, row.case_number


def _in_turn(wanted: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(wanted)
    while some := list(islice(remaining, CHUNK)):
        yield some
