"""What is known of a subject: the decision's number and name, and every document and name of the human being they are.

That is the person the subject is linked to. Someone who registered under a listed document after the ban is not linked,
and is known through the document. Their names count only where one agrees with the decision's: a number mistyped in a
decision must not lend its stranger's name to the list.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import prefetch_related_objects

from lms.people import vault
from lms.people.models import IdentityDocument, Person
from lms.registry.models import BanSubject, BanSubjectIndex, IntakeRow
from lms.rules import names
from lms.rules.identity import IdentityNumber, parse
from lms.rules.names import NameMatch
from lms.rules.screening import Candidate


def number_of(subject: BanSubject) -> IdentityNumber:
    """The number in the decision, in the clear. For matching only."""
    return unsealed(subject)


def unsealed(row: BanSubject | IntakeRow | IdentityDocument) -> IdentityNumber:
    """A sealed number in the clear."""
    kind = row.type if isinstance(row, IdentityDocument) else row.document_type
    return parse(kind, vault.unseal(row.ciphertext, row.key_version))


def known_names(person: Person) -> list[str]:
    """The person's name and the names they had before."""
    return [person.name, *(row.name for row in person.previous_names.all())]


def candidates_of(subjects: Sequence[BanSubject]) -> dict[UUID, list[Candidate]]:
    """One candidate for each document known of each subject, as just read. At most six queries, however many subjects."""
    prefetch_related_objects(subjects, "person__documents", "person__previous_names")
    late = _registered_later([subject for subject in subjects if subject.person is None])
    return {subject.pk: _candidates(subject, late.get(subject.pk, [])) for subject in subjects}


def _registered_later(unlinked: list[BanSubject]) -> dict[UUID, list[Person]]:
    """Who holds a document that an unlinked subject is known under; hardly ever anybody."""
    known_under = BanSubjectIndex.objects.filter(subject__in=unlinked)
    held = IdentityDocument.objects.filter(blind_index__in=known_under.values("blind_index")).select_related("person")
    documents = list(held) if unlinked else []
    if not documents:
        return {}
    prefetch_related_objects(documents, "person__documents", "person__previous_names")
    subjects_under: dict[str, list[UUID]] = defaultdict(list)
    for index, subject_id in known_under.values_list("blind_index", "subject_id"):
        subjects_under[index].append(subject_id)
    found: dict[UUID, dict[UUID, Person]] = defaultdict(dict)
    for document in documents:
        for subject_id in subjects_under[document.blind_index]:
            found[subject_id][document.person_id] = document.person
    return {subject_id: list(persons.values()) for subject_id, persons in found.items()}


def _candidates(subject: BanSubject, late: list[Person]) -> list[Candidate]:
    persons = [subject.person] if subject.person else late
    documents = [unsealed(row) for person in persons for row in person.documents.all()]
    numbers = {(one.type, one.canonical): one for one in [number_of(subject), *documents]}
    also = [name for person in persons if subject.person or agrees(subject, person) for name in known_names(person)]
    return [
        Candidate(
            subject_id=str(subject.pk),
            document_type=one.type,
            canonical=one.canonical,
            name=subject.name,
            previous_names=tuple(name for name in dict.fromkeys(also) if name != subject.name),
            date_of_birth=subject.birth_date,
        )
        for one in numbers.values()
    ]


def agrees(subject: BanSubject, person: Person) -> bool:
    """Whether a name of the person is the decision's, or sounds like it."""
    return max(names.compare(subject.name, one) for one in known_names(person)) >= NameMatch.HOMOPHONE
