"""Whom the list holds that a check might mean: candidates for ``lms.rules.screening``, found in a handful of queries.

Three ways lead to a candidate: the number (under any document type, and any other document of its holder), a name in
its folded form, the date of birth. Every rule of the screening needs one of the three, so nothing it would match is
missed, and no more than those rows are read.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from lms.people import vault
from lms.people.models import Person, PreviousName
from lms.people.services import identity_numbers
from lms.registry.models import BanSubject, BanSubjectIndex, BanSubjectName
from lms.registry.services.subjects import number_of, unsealed
from lms.rules import names
from lms.rules.identity import DocumentType, IdentityNumber
from lms.rules.screening import Candidate


def screening_candidates(
    *, number: IdentityNumber, name: str, birth_date: date | None, holder: Person | None, on: date
) -> list[Candidate]:
    """One candidate for each document of each subject acting on ``on`` that is near the one asked about.

    ``holder`` is who holds the number here, if anybody does.
    """
    documents = identity_numbers(holder) if holder else []
    ids = _near(number, name, birth_date, holder, documents)
    if not ids:
        return []
    subjects = BanSubject.objects.acting(on).filter(pk__in=ids).select_related("person")
    subjects = subjects.prefetch_related("person__documents", "person__previous_names")
    # Registered after the ban: one of their documents is the decision's.
    late = _unlinked_under([number, *documents], subjects) if holder else set()
    return [
        candidate
        for subject in subjects
        for candidate in _candidates(subject, holder if subject.pk in late else subject.person)
    ]


def _near(
    number: IdentityNumber, name: str, birth_date: date | None, holder: Person | None, documents: list[IdentityNumber]
) -> list[UUID]:
    """Keys of subjects under these documents, of this folded name, or born on that day."""
    every_type = [IdentityNumber(kind, number.canonical) for kind in DocumentType]
    rows = BanSubject.objects.order_by().values_list("pk", flat=True)
    folded = names.match_keys(name).variant_folded
    days = [day for day in {birth_date, number.birth_date} if day]
    indexed = BanSubjectIndex.objects.filter(blind_index__in=_indexes([*every_type, *documents]))
    near = indexed.values_list("subject_id", flat=True).union(
        BanSubjectName.objects.filter(folded=folded).values_list("subject_id", flat=True),
        rows.filter(birth_date__in=days),
        rows.filter(person=holder) if holder else rows.none(),
        # Names taken after the ban came into force.
        rows.filter(person__name=name),
        rows.filter(person__in=PreviousName.objects.filter(name=name).values("person_id")),
    )
    return list(near)


def _unlinked_under(numbers: list[IdentityNumber], subjects: Iterable[BanSubject]) -> set[UUID]:
    """Keys of those subjects that are linked to no person and known under one of these documents."""
    unlinked = [subject.pk for subject in subjects if subject.person_id is None]
    if not unlinked:
        return set()
    hits = BanSubjectIndex.objects.filter(subject__in=unlinked, blind_index__in=_indexes(numbers))
    return set(hits.values_list("subject_id", flat=True))


def _indexes(numbers: list[IdentityNumber]) -> list[str]:
    return list(dict.fromkeys(index for one in numbers for index in vault.blind_indexes(one)))


def _candidates(subject: BanSubject, person: Person | None) -> list[Candidate]:
    """The subject under the decision's number and under every document of the ``person`` they are."""
    documents = [unsealed(row) for row in person.documents.all()] if person else []
    numbers = {(one.type, one.canonical): one for one in [number_of(subject), *documents]}
    also = dict.fromkeys([person.name, *(row.name for row in person.previous_names.all())] if person else [])
    also.pop(subject.name, None)
    return [
        Candidate(
            subject_id=str(subject.pk),
            document_type=one.type,
            canonical=one.canonical,
            name=subject.name,
            previous_names=tuple(also),
            date_of_birth=subject.birth_date,
        )
        for one in numbers.values()
    ]
