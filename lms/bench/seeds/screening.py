"""A long list and as many people registered here, and how long one check takes.

Every ban and every person is made up with a document of their own; what a subject is found under is worked out as the
verbs do it. Of a case only the step that puts it into force is written: the checks ask for no other.
"""

import gc
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

from django.utils import timezone

from lms.audit.actors import Actor
from lms.bench.client import Timings
from lms.bench.likeness.kinds import KINDS, as_listed
from lms.bench.likeness.persons import MadeUp, People
from lms.bench.report import figures
from lms.bench.seeds import ground
from lms.bench.seeds.books import key
from lms.bench.seeds.bulk import load, settled, unburdened
from lms.bench.seeds.honest_time import KIB, Figures
from lms.hiring.models import Check
from lms.hiring.services import check_person
from lms.people import vault
from lms.people.models import IdentityDocument, Organisation, OrganisationKind, Person, Role
from lms.registry.models import BanCase, BanMatchKey, BanState, BanSubject, BanSubjectIndex, CaseState
from lms.registry.services import barred_ids, is_barred, screening_candidates
from lms.rules import identity, screening
from lms.rules.finding import keys_of_candidate
from lms.rules.identity import IdentityNumber
from lms.rules.screening import Candidate, Query

SEED = 20_251_002
CHUNK = 10_000
A_CASE = 4  # people named in one decision
CHECKS, WARM_UP, SOME = 1_000, 100, 2_000
CASE, STATE, SUBJECT, INDEX, PERSON, DOCUMENT = range(1, 7)
# Of every hundred asked about: two are on the list, two come near somebody who is; a quarter is not registered here.
ON_LIST, NEAR, UNKNOWN = 2, 2, 25
CASE_FIELDS = (
    *("id", "number", "authority", "decided_on", "facts_on", "facts_category", "legal_basis", "region_code"),
    "created_at",
)
SUBJECT_FIELDS = (
    *("id", "case", "role", "kind", "from_date", "name", "birth_date", "document_type", "ciphertext", "key_version"),
    *("masked", "number_digest"),
)
DOCUMENT_FIELDS = ("id", "person", "type", "ciphertext", "key_version", "blind_index", "masked", "valid_from")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, read as a check reads it."""

    number: IdentityNumber
    name: str
    born: date | None


def seed(*, requests: int, now: datetime) -> Figures:
    """Measure against ``requests`` bans and as many persons."""
    bureau = ground.city(now)
    institution = ground.organisation(OrganisationKind.INSTITUTION, 0, now)
    officer = ground.officer(bureau, Role.CONFIRMING_REGISTRAR, now).user
    began, people = perf_counter(), People(SEED)
    with unburdened(BanCase, BanState, BanSubject, BanSubjectIndex, BanMatchKey, Person, IdentityDocument):
        listed, keys = load_bans(people, requests, officer.pk, now)
        registered = load_persons(people, requests, now)
    settled()
    seeded = perf_counter() - began
    questions = list(_questions(people, listed, registered))
    extra = {"bans": requests, "persons": requests, "match_keys": keys, "seeding_seconds": round(seeded, 1)}
    return Figures(_measured(institution, questions, extra, now))


def load_bans(people: People, count: int, officer: Any, now: datetime) -> tuple[list[MadeUp], int]:
    """Load the list; some of those on it, and how many keys find all of them."""
    some, keys = [], 0
    yesterday = timezone.localdate(now) - timedelta(days=1)
    for first in range(0, count, CHUNK):
        chunk = [(first + place, people.draw()) for place in range(min(CHUNK, count - first))]
        some += [person for _sequence, person in chunk[: -(-CHECKS * CHUNK // count)]]
        cases = sorted({sequence // A_CASE for sequence, _person in chunk if sequence % A_CASE == 0})
        facts = ("bench", yesterday, yesterday, "abuse", "性能测试", ground.CITY, now)
        load(BanCase, CASE_FIELDS, ((key(CASE, case), f"〔{case}〕号", *facts) for case in cases))
        in_force = ((key(STATE, case), key(CASE, case), 3, CaseState.IN_FORCE, officer, now) for case in cases)
        load(BanState, ("id", "case", "number", "state", "officer", "at"), in_force)
        load(BanSubject, SUBJECT_FIELDS, (_subject(sequence, person, yesterday) for sequence, person in chunk))
        load(BanSubjectIndex, ("id", "subject", "blind_index"), _indexes(chunk))
        keys += load(BanMatchKey, ("id", "key", "subject"), _keys(chunk, keys))
    return some, keys


def _subject(sequence: int, person: MadeUp, since: date) -> tuple[Any, ...]:
    sealed = vault.seal(person.number)
    digest = vault.keyed_digest(f"{person.kind}:{person.number}", purpose="list", version=sealed.key_version)
    return (
        *(key(SUBJECT, sequence), key(CASE, sequence // A_CASE), "perpetrator", "lifetime", since),
        *(person.name, person.born, person.kind.value, sealed.ciphertext, sealed.key_version),
        *(identity.mask(person.kind, person.number), f"{sealed.key_version}:{digest}"),
    )


def _indexes(chunk: Sequence[tuple[int, MadeUp]]) -> Iterator[tuple[str, str, str]]:
    for sequence, person in chunk:
        for place, blind in enumerate(vault.blind_indexes(IdentityNumber(person.kind, person.number))):
            yield key(INDEX, sequence * 10 + place), key(SUBJECT, sequence), blind


def _keys(chunk: Sequence[tuple[int, MadeUp]], before: int) -> Iterator[tuple[int, int, str]]:
    number = before
    for sequence, person in chunk:
        candidate = Candidate("", person.kind, person.number, person.name, (), person.born)
        for digest in vault.match_keys(keys_of_candidate(candidate)):
            number += 1
            yield number, digest, key(SUBJECT, sequence)


def load_persons(people: People, count: int, now: datetime) -> list[MadeUp]:
    """Load people who are not on the list; some of them."""
    some = []
    today = timezone.localdate(now)
    for first in range(0, count, CHUNK):
        chunk = [(first + place, people.draw()) for place in range(min(CHUNK, count - first))]
        some += [person for _sequence, person in chunk[: -(-SOME * CHUNK // count)]]
        rows = ((key(PERSON, at), one.name, one.born, ground.DISTRICT, now) for at, one in chunk)
        load(Person, ("id", "name", "birth_date", "region_code", "created_at"), rows)
        load(IdentityDocument, DOCUMENT_FIELDS, (_document(at, one, today) for at, one in chunk))
    return some


def _document(sequence: int, person: MadeUp, since: date) -> tuple[Any, ...]:
    sealed = vault.seal(person.number)
    blind = vault.blind_index(IdentityNumber(person.kind, person.number))
    masked = identity.mask(person.kind, person.number)
    kept = (person.kind.value, sealed.ciphertext, sealed.key_version, blind, masked, since)
    return key(DOCUMENT, sequence), key(PERSON, sequence), *kept


def _questions(people: People, listed: Sequence[MadeUp], registered: Sequence[MadeUp]) -> Iterator[Asked]:
    """Whom an institution asks about, in an order that is the same every time."""
    near = [kind for kind in KINDS if kind.name.startswith("other_number.") and "without" not in kind.name]
    for number in range(CHECKS + WARM_UP):
        place, known = number % 100, registered[number % len(registered)]
        written = as_listed(people, known)
        if place < ON_LIST + NEAR:
            person = listed[number % len(listed)]
            other = near[number // 100 % len(near)].make(people, person) if place >= ON_LIST else None
            written = other or as_listed(people, person)
        elif place < ON_LIST + NEAR + UNKNOWN:
            written = as_listed(people, people.draw())
        yield Asked(identity.parse(written.kind, written.number), written.name, written.born)


def _measured(
    institution: Organisation, questions: Sequence[Asked], extra: dict[str, Any], now: datetime
) -> dict[str, Any]:
    actor, today = Actor.system("bench"), timezone.localdate(now)
    persons = list(Person.objects.order_by("pk")[:SOME])
    sides: dict[str, Callable[[Asked, int], Any]] = {
        "check": lambda asked, _number: _check(institution, asked, actor, now),
        "screening": lambda asked, _number: _screen(asked, today),
        "bare_read": lambda asked, _number: _bare(asked),
        "is_barred": lambda _asked, number: is_barred(persons[number % len(persons)], today),
    }
    taken = {side: Timings() for side in sides}
    # A server has no rubbish of a million rows lying about either.
    gc.collect()
    gc.freeze()
    for number, asked in enumerate(questions):
        # Each side goes first in its turn: whatever else the machine does hits all of them alike.
        for side in sorted(sides, key=lambda name: (list(sides).index(name) + number) % len(sides)):
            began = perf_counter()
            sides[side](asked, number)
            seconds = perf_counter() - began
            if number >= WARM_UP:
                taken[side].add(Timings([seconds * 1000], seconds))
    began = perf_counter()
    barred_ids([person.pk for person in persons], today)
    many = perf_counter() - began
    told = {side: figures(timings) for side, timings in taken.items()}
    outcomes = Check.objects.values_list("outcome", flat=True)
    return {
        **told["check"],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
        "peers": {"bare_read": told["bare_read"]},
        "extra": {
            **extra,
            "screening": told["screening"],
            "is_barred": told["is_barred"],
            "barred_ids": {"n": len(persons), "seconds": round(many, 4)},
            "outcomes": {one: list(outcomes).count(one) for one in sorted(set(outcomes))},
        },
    }


def _check(institution: Organisation, asked: Asked, actor: Actor, now: datetime) -> None:
    check_person(
        institution=institution,
        name=asked.name,
        document_type=asked.number.type,
        document_number=asked.number.canonical,
        date_of_birth=asked.born,
        purpose="hiring",
        consent=True,
        actor=actor,
        now=now,
    )


def _screen(asked: Asked, on: date) -> None:
    found = screening_candidates(number=asked.number, name=asked.name, birth_date=asked.born, holder=None, on=on)
    screening.screen(Query(asked.number.type, asked.number.canonical, asked.name, asked.born), found)


def _bare(asked: Asked) -> None:
    """The least a check could do: one row by its index."""
    IdentityDocument.objects.filter(blind_index=vault.blind_index(asked.number)).first()
