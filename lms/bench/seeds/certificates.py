"""A year met by many, and how long it takes until each of them holds a signed certificate that lies in the archive.

In bulk is what a batch does: ``issue_many`` and ``print_many``. One at a time is what happens when somebody passes the
last requirement: ``issue_certificate`` and ``render_pending``. Both write every row, event, statement and message.
Typst sets the same words, code and seal in one process that keeps its fonts; it signs nothing and keeps nothing.
What is measured is the processor time of this process: all of it is work of one core.
"""

import resource
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from time import process_time
from typing import Any

from django.utils import timezone

from certificates.models import Certificate, CertificateDocument, CertificateType
from certificates.services import Issued, Made, annual_type, issue_certificate, issue_many, print_many, render_pending
from certificates.sheet import sheet_of
from lms.audit.actors import Actor
from lms.bench.seeds import ground, typst_sheet
from lms.bench.seeds.books import FIELDS, Book, Written, key
from lms.bench.seeds.bulk import load, settled, unburdened
from lms.bench.seeds.honest_time import KIB, Figures
from lms.documents.models import ArchivedDocument
from lms.ledger.models import HourEntry
from lms.people import vault
from lms.people.models import IdentityDocument, Person, User
from lms.policy.services import pack_in_force
from lms.rules.identity import mask, parse

# A batch looks at so many persons at once; of the peers fewer are measured, in turns with the batch.
AT_ONCE, MOST_SINGLY = 200, 100
PERSON, ENTRY, COURSE, EVIDENCE, ACCOUNT, DOCUMENT = range(11, 17)
CLERK = Actor.system("bench")
LIMIT_BYTES = 80_000


def seed(*, requests: int, now: datetime) -> Figures:
    """Measure ``requests`` certificates in bulk, of the year before ``now``."""
    ground.city(now)
    year = timezone.localdate(now).year - 1
    singly = min(max(requests // 10, 1), MOST_SINGLY)
    pack = pack_in_force(ground.CITY, date(year, 12, 31))
    kind = annual_type(pack=pack, actor=CLERK, now=now)
    _met(requests + singly, year, now)
    persons = [key(PERSON, one) for one in range(requests + singly)]
    bulk, alone, set_ = _in_turns(kind, str(year), persons, singly, now)
    sizes = list(ArchivedDocument.objects.filter(kind="certificate").values_list("size", flat=True))
    assert len(sizes) == CertificateDocument.objects.count() == Certificate.objects.count() == requests + singly
    assert max(sizes) < LIMIT_BYTES
    own, one_at_a_time, typst = (_speed(*each) for each in (bulk, alone, set_))
    return Figures(
        {
            **own,
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
            "peers": {"one_at_a_time": one_at_a_time, "typst": typst},
            "extra": {
                "times_one_at_a_time": round(own["per_second"] / one_at_a_time["per_second"], 1),
                "typst_milliseconds": _milliseconds(typst),
                "milliseconds": _milliseconds(own),
                "milliseconds_issuing": round(bulk[2] * 1000 / bulk[0], 2),
                "largest_kb": round(max(sizes) / 1000, 1),
            },
        }
    )


def _met(persons: int, year: int, now: datetime) -> None:
    """People with a card, an account and a year that is full by two entries."""
    at = timezone.make_aware(datetime.combine(date(year, 6, 15), time(12)))
    book = Book(pack_in_force(ground.CITY, date(year, 12, 31)))
    with unburdened(HourEntry):
        people = ((key(PERSON, one), ground.full_name(one), ground.DISTRICT, now) for one in range(persons))
        load(Person, ("id", "name", "region_code", "created_at"), people)
        accounts = ((key(ACCOUNT, one), f"holder{one}", key(PERSON, one), "!") for one in range(persons))
        load(User, ("id", "username", "person", "password"), accounts)
        load(HourEntry, FIELDS, (row for one in range(persons) for row in _year_of(book, one, at, year)))
    IdentityDocument.objects.bulk_create(_card(one, at.date()) for one in range(persons))
    settled()


def _card(person: int, valid_from: date) -> IdentityDocument:
    """A resident's card, sealed as people's own are."""
    number = parse("resident_id", ground.resident_number(person, first_born=date(1970, 1, 1)))
    sealed = vault.seal(number.canonical)
    return IdentityDocument(
        person_id=key(PERSON, person),
        type=number.type.value,
        masked=mask(number.type, number.canonical),
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        blind_index=vault.blind_index(number),
        valid_from=valid_from,
    )


def _year_of(book: Book, person: int, at: datetime, year: int) -> Iterator[tuple[Any, ...]]:
    for number, (category, hours) in enumerate((("skills", 72 + person % 40), ("ethics", 40))):
        place = 2 * person + number
        written = Written(
            id=key(ENTRY, place),
            person=key(PERSON, person),
            category=category,
            minutes=hours * 45,
            at=at + timedelta(minutes=number),
            course=key(COURSE, number),
            release=key(COURSE, number),
            evidence=("bench", key(EVIDENCE, place), f"{place:064x}"),
        )
        yield book.row(written, year)


Timed = tuple[int, float, float]


def _in_turns(
    kind: CertificateType, period: str, persons: Sequence[str], singly: int, now: datetime
) -> tuple[Timed, Timed, Timed]:
    """Whatever else the machine does hits all sides alike: after each piece of the batch a few by the others."""
    alone, many = iter(persons[:singly]), iter(persons[singly:])
    rounds = -(-(len(persons) - singly) // AT_ONCE)
    bulk, one, other = [0, 0.0, 0.0], [0, 0.0, 0.0], [0, 0.0, 0.0]
    printer = typst_sheet.Printer()
    _alone(kind, period, next(alone), now)  # what is loaded once is loaded
    for left in range(rounds, 0, -1):
        some = list(islice(many, AT_ONCE))
        _timed(bulk, lambda some=some: _in_bulk(kind, period, some, now, bulk))  # type: ignore[misc]
        for person in list(islice(alone, -(-(singly - 1) // rounds))):
            _timed(one, lambda person=person: _alone(kind, period, person, now))  # type: ignore[misc]
        told = [sheet_of(each) for each in _some_certificates(left)]
        _timed(other, lambda told=told: printer.set(told))  # type: ignore[misc]
    return tuple(bulk), tuple(one), tuple(other)  # type: ignore[return-value]


def _timed(sums: list[Any], work: Callable[[], int]) -> None:
    began = process_time()
    sums[0] += work()
    sums[1] += process_time() - began


def _in_bulk(kind: CertificateType, period: str, persons: list[str], now: datetime, sums: list[Any]) -> int:
    began = process_time()
    told = issue_many(type=kind, period=period, person_ids=list(Person.objects.in_bulk(persons)), actor=CLERK, now=now)
    issued = [one.certificate.pk for one in told if isinstance(one, Issued)]
    sums[2] += process_time() - began
    made = sum(isinstance(one, Made) for one in print_many(certificate_ids=issued, now=now))
    assert made == len(persons)
    return made


def _alone(kind: CertificateType, period: str, person_id: str, now: datetime) -> int:
    person = Person.objects.get(pk=person_id)
    certificate = issue_certificate(person=person, type=kind, period=period, actor=CLERK, now=now)
    render_pending(certificate_id=certificate.pk, now=now)
    return 1


def _some_certificates(turn: int) -> list[Certificate]:
    """Twenty of those that were issued, others every time."""
    found = Certificate.objects.select_related("type", "person", "issuer").order_by("pk")
    return list(found[turn * 7 % max(found.count() - 20, 1) :][:20])


def _speed(count: int, seconds: float, _issuing: float) -> dict[str, Any]:
    return {"n": count, "seconds": round(seconds, 3), "per_second": round(count / seconds, 1)}


def _milliseconds(speed: dict[str, Any]) -> float:
    return round(1000 * float(speed["seconds"]) / int(speed["n"]), 2)
