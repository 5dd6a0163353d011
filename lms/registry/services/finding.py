"""Under what a subject is found: blind indexes of documents (who is barred), match keys (whom a check might mean).

Both are worked out from what is known of the subject when the case is entered, when it comes into force, and whenever
somebody registers a document or takes a name that concerns a subject (``lms.registry.receivers``), inside that very
transaction. ``reindex_subjects`` does it for everybody: after a new identity key, and after a change of the rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import vault
from lms.people.models import IdentityDocument, Person
from lms.registry.models import BanMatchKey, BanSubject, BanSubjectIndex
from lms.registry.services.known import candidates_of
from lms.rules.finding import keys_of_candidate
from lms.rules.identity import IdentityNumber

CHUNK = 500
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Gap:
    """What is between the rows a subject is found under and those it should be."""

    subject: BanSubject
    indexes: frozenset[str]
    keys: frozenset[int]
    needless_keys: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.indexes or self.keys or self.needless_keys)


def index(subjects: Iterable[BanSubject]) -> None:
    """Make each of them findable under everything known of them by now."""
    _close(list(gaps(subjects)))


def index_person(person: Person, *, number: IdentityNumber | None = None) -> None:
    """The same for every subject this person is, or is known as through a document; ``number``: one just registered."""
    held = IdentityDocument.objects.filter(person=person).values("blind_index")
    under = BanSubjectIndex.objects.filter(blind_index__in=held).values_list("subject_id", flat=True)
    linked = BanSubject.objects.filter(person=person).order_by().values_list("pk", flat=True)
    # Every form under every key: what is newly sealed has the newest, the list may not have it yet.
    forms = vault.blind_indexes(number) if number else []
    written = BanSubjectIndex.objects.filter(blind_index__in=forms).values_list("subject_id", flat=True)
    if ids := set(under.union(linked, written)):
        index(BanSubject.objects.filter(pk__in=ids))


def gaps(subjects: Iterable[BanSubject]) -> Iterator[Gap]:
    """The gap of each subject, most of them empty. A handful of queries for every five hundred subjects."""
    remaining = iter(subjects)
    while some := list(islice(remaining, CHUNK)):
        # Rows before what they follow from: a document registered in between is not taken for one that is gone.
        indexes: dict[UUID, set[str]] = defaultdict(set)
        for subject_id, blind in BanSubjectIndex.objects.filter(subject__in=some).values_list(
            "subject_id", "blind_index"
        ):
            indexes[subject_id].add(blind)
        keys: dict[UUID, set[int]] = defaultdict(set)
        for subject_id, key in BanMatchKey.objects.filter(subject__in=some).values_list("subject_id", "key"):
            keys[subject_id].add(key)
        fresh = BanSubject.objects.filter(pk__in=[subject.pk for subject in some]).select_related("person")
        known = candidates_of(list(fresh))
        for subject in some:
            candidates = known.get(subject.pk, [])
            numbers = {IdentityNumber(one.document_type, one.canonical) for one in candidates}
            wanted = vault.match_keys({text for one in candidates for text in keys_of_candidate(one)})
            yield Gap(
                subject,
                frozenset(blind for one in numbers for blind in vault.blind_indexes(one)) - indexes[subject.pk],
                frozenset(wanted - keys[subject.pk]),
                frozenset(keys[subject.pk] - wanted),
            )


def reindex_subjects(*, actor: Actor, now: datetime) -> int:
    """Find every subject also under identity keys added since, and by the rules as they are now.

    Run after a new identity key, before documents are resealed, and after an upgrade that says so. Returns how many
    subjects changed; run twice, or killed half-way and run again, it changes what is left.
    """
    changed = 0
    for gap in gaps(BanSubject.objects.order_by("pk").iterator()):
        if not gap:
            continue
        with transaction.atomic():
            _close([gap])
            subject = gap.subject
            record(verb="ban_subject.reindexed", actor=actor, now=now, subject=subject, person_id=subject.person_id)
        changed += 1
    return changed


def _close(found: Sequence[Gap]) -> None:
    BanSubjectIndex.objects.bulk_create(
        [BanSubjectIndex(subject=gap.subject, blind_index=one) for gap in found for one in sorted(gap.indexes)],
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )
    BanMatchKey.objects.bulk_create(
        [BanMatchKey(subject=gap.subject, key=one) for gap in found for one in sorted(gap.keys)],
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )
    for gap in found:
        if gap.needless_keys:
            BanMatchKey.objects.filter(subject=gap.subject, key__in=gap.needless_keys).delete()
