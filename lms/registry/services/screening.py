"""Whom the list holds that a check might mean: candidates for ``lms.rules.screening``, found by keys.

Whatever a rule would match shares a key with the question (``lms.rules.finding``), so one look-up of a dozen keys finds
everybody it may be, however long the list is; for nearly everybody asked about it finds nobody, and nothing else is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TypeVar
from uuid import UUID

from lms.people import vault
from lms.people.models import Person
from lms.registry.models import BanMatchKey, BanSubject
from lms.registry.services.known import candidates_of
from lms.rules.finding import QueryKeys, keys_of_query
from lms.rules.identity import IdentityNumber
from lms.rules.screening import Candidate, Query

T = TypeVar("T")
KEYS_AT_ONCE = 5_000
# Without a birth date everybody of the name is near. Any one of them makes it a question for a registrar; nobody can
# look through thousands, so only so many are named.
MOST_NAMESAKES = 50


def screening_candidates(
    *, number: IdentityNumber, name: str, birth_date: date | None, holder: Person | None, on: date
) -> list[Candidate]:
    """One candidate for each document of each subject acting on ``on`` that may be the one asked about.

    ``holder`` is who holds the number here, if anybody does. One query, two with a holder, where nobody is near.
    """
    query = Query(number.type, number.canonical, name, birth_date)
    return screening_candidates_many([query], holders=[holder.pk if holder else None], on=on)[0]


def screening_candidates_many(
    queries: Sequence[Query], *, holders: Sequence[UUID | None], on: date
) -> list[list[Candidate]]:
    """Candidates for each of many questions, in their order; ``lms.rules.screening.screen`` decides each.

    ``holders`` are the keys of the persons who hold the numbers here, None where nobody does, one for each question.
    Meant for one to two thousand questions at a time: one query for every five thousand keys (a question has about
    ten), one for the holders, half a dozen for all subjects found together, and one for every name that is asked
    about without a birth date. Nothing is remembered between calls: the list is read as it stands.
    """
    asked = [keys_of_query(query) for query in queries]
    near = _near(asked)
    linked = _linked(holders)
    found = [near[place] | linked.get(holder, set()) for place, holder in enumerate(holders)]
    for place, namesakes in _namesakes(asked, on).items():
        found[place] |= namesakes
    ids = set().union(*found)
    if not ids:
        return [[] for _query in queries]
    candidates = candidates_of(list(BanSubject.objects.acting(on).filter(pk__in=ids).select_related("person")))
    return [
        [candidate for subject in sorted(subjects) for candidate in candidates.get(subject, [])] for subjects in found
    ]


def _near(asked: Sequence[QueryKeys]) -> list[set[UUID]]:
    """Keys of subjects that share a key with each question."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, keys in enumerate(asked):
        for key in vault.match_keys(keys.near):
            places[key].append(place)
    near: list[set[UUID]] = [set() for _keys in asked]
    for some in _in_turn(places):
        for key, subject in BanMatchKey.objects.filter(key__in=some).values_list("key", "subject_id"):
            for place in places[key]:
                near[place].add(subject)
    return near


def _linked(holders: Iterable[UUID | None]) -> dict[UUID | None, set[UUID]]:
    """Subjects each holder is linked to: also those whose keys another officer is just writing."""
    linked: dict[UUID | None, set[UUID]] = defaultdict(set)
    persons = {holder for holder in holders if holder}
    for some in _in_turn(persons):
        for person, subject in BanSubject.objects.filter(person__in=some).order_by().values_list("person_id", "pk"):
            linked[person].add(subject)
    return linked


def _namesakes(asked: Sequence[QueryKeys], on: date) -> dict[int, set[UUID]]:
    """For questions without a birth date: at most so many subjects of the name, of those whose ban acts."""
    acting = BanSubject.objects.acting(on).order_by().values("pk")
    of_name: dict[str, set[UUID]] = {}
    for text in {keys.name_alone for keys in asked if keys.name_alone}:
        rows = BanMatchKey.objects.filter(key__in=vault.match_keys([text]), subject__in=acting)
        ordered = rows.order_by("subject_id").values_list("subject_id", flat=True)
        of_name[text] = set(ordered[:MOST_NAMESAKES])
    return {place: of_name[keys.name_alone] for place, keys in enumerate(asked) if keys.name_alone}


def _in_turn(wanted: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(wanted)
    while some := list(islice(remaining, KEYS_AT_ONCE)):
        yield some
