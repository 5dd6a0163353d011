"""Whether a person asked about may be one of the banned: matching only, no list and no clock.

A document number that is the same, with a name that agrees, is the same
person: barred.  Everything else that comes close is a question for a
registrar: review.  Nothing but the number ever bars anybody.

Every rule, with examples and what it does not find: ``docs/matching.md``.  The
keys by which candidates are found at scale: ``lms.rules.finding``; whatever a
rule here matches shares a key there, and a law in the tests holds both to it.
"""

import string
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz.distance import OSA

from lms.rules import identity
from lms.rules.identity import DocumentType
from lms.rules.name_parts import is_part
from lms.rules.names import NameKeys, NameMatch, compare_keys, is_latin, match_keys


class Outcome(StrEnum):
    CLEAR = "clear"
    BARRED = "barred"
    REVIEW = "review"


class Rule(StrEnum):
    """Which rule decided; strongest first."""

    NUMBER_AND_NAME = "number_and_name"
    NUMBER_AND_PREVIOUS_NAME = "number_and_previous_name"
    NUMBER_MATCH_NAME_SIMILAR = "number_match_name_similar"
    NUMBER_MATCH_NAME_DIFFERS = "number_match_name_differs"
    NUMBER_OTHER_TYPE = "number_other_type"
    NUMBER_SLIP = "number_slip"
    NAME_AND_BIRTH_DATE = "name_and_birth_date"
    NAME_VARIANT_AND_BIRTH_DATE = "name_variant_and_birth_date"
    PREVIOUS_NAME_AND_BIRTH_DATE = "previous_name_and_birth_date"
    NAME_SOUND_AND_BIRTH_DATE = "name_sound_and_birth_date"
    NAME_PART_AND_BIRTH_DATE = "name_part_and_birth_date"
    NAME_BIRTH_DATE_UNKNOWN = "name_birth_date_unknown"
    NO_MATCH = "no_match"


_STRENGTH = {rule: place for place, rule in enumerate(Rule)}
_BARRING = frozenset({Rule.NUMBER_AND_NAME, Rule.NUMBER_AND_PREVIOUS_NAME})
_NUMBERS_WITH_CHECK = frozenset(
    {
        DocumentType.RESIDENT_ID,
        DocumentType.HK_MACAU_TAIWAN_RESIDENCE,
        DocumentType.FOREIGN_PERMANENT_RESIDENCE,
    }
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document of somebody on the list; a person with three documents is three candidates."""

    subject_id: str
    document_type: DocumentType
    canonical: str
    name: str
    previous_names: tuple[str, ...] = ()
    date_of_birth: date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Who is asked about.  ``canonical`` comes from :func:`lms.rules.identity.parse`."""

    document_type: DocumentType
    canonical: str
    name: str
    date_of_birth: date | None = None


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """The outcome, the strongest rule that led to it, and the subjects it concerns."""

    outcome: Outcome
    rule: Rule
    subject_ids: tuple[str, ...]


def screen(query: Query, candidates: Iterable[Candidate]) -> ScreenResult:
    """Match one query against the list.  Same list in another order: same result."""
    asked = match_keys(query.name)
    found: dict[Rule, set[str]] = {}
    for candidate in candidates:
        rule = _rule(query, asked, candidate)
        if rule is not None:
            found.setdefault(rule, set()).add(candidate.subject_id)
    barring = {rule: ids for rule, ids in found.items() if rule in _BARRING}
    deciding = barring or found
    if not deciding:
        return ScreenResult(Outcome.CLEAR, Rule.NO_MATCH, ())
    strongest = min(deciding, key=_STRENGTH.__getitem__)
    subjects = tuple(sorted(set().union(*deciding.values())))
    return ScreenResult(Outcome.BARRED if barring else Outcome.REVIEW, strongest, subjects)


def slip_neighbours(a: str, b: str) -> bool:
    """Whether one typing slip turns one number into the other.

    A slip is one wrong, missing or added character, or two neighbours swapped.
    In an 18-character number a slip that also brings its own check character
    along counts as one.
    """
    if OSA.distance(a, b, score_cutoff=1) == 1:
        return True
    both_checked = len(a) == len(b) == 18
    return both_checked and OSA.distance(a[:17], b[:17], score_cutoff=1) == 1


def slip_variants(document_type: DocumentType | str, canonical: str) -> frozenset[str]:
    """Every canonical number one slip away: for looking slips up through a keyed index.

    For numbers with a check character only numbers that pass it are returned,
    and never the number itself.
    """
    kind = DocumentType(document_type)
    if kind in _NUMBERS_WITH_CHECK and len(canonical) == 18:
        bodies = _one_slip(canonical[:17], string.digits)
        return frozenset(body + identity.check_digit(body) for body in bodies if len(body) == 17)
    return frozenset(_one_slip(canonical, string.digits + string.ascii_uppercase))


def _one_slip(number: str, alphabet: str) -> set[str]:
    splits = [(number[:at], number[at:]) for at in range(len(number) + 1)]
    wrong = {head + new + tail[1:] for head, tail in splits if tail for new in alphabet}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1}
    missing = {head + tail[1:] for head, tail in splits if tail}
    added = {head + new + tail for head, tail in splits for new in alphabet}
    return (wrong | swapped | missing | added) - {number}


def _rule(query: Query, asked: NameKeys, candidate: Candidate) -> Rule | None:
    current = compare_keys(asked, match_keys(candidate.name))
    previous = max((compare_keys(asked, match_keys(name)) for name in candidate.previous_names), default=NameMatch.NONE)
    if query.canonical == candidate.canonical:
        return _same_number(query, candidate, current, previous)
    best = max(current, previous)
    if best >= NameMatch.VARIANT and slip_neighbours(query.canonical, candidate.canonical):
        return Rule.NUMBER_SLIP
    return _other_number(query, candidate, current, previous)


def _same_number(query: Query, candidate: Candidate, current: NameMatch, previous: NameMatch) -> Rule | None:
    if query.document_type != candidate.document_type:
        # Two kinds of document may share a number by chance; only a name makes it a question.
        return Rule.NUMBER_OTHER_TYPE if max(current, previous) >= NameMatch.VARIANT else None
    if current >= NameMatch.VARIANT:
        return Rule.NUMBER_AND_NAME
    if previous >= NameMatch.VARIANT:
        return Rule.NUMBER_AND_PREVIOUS_NAME
    if max(current, previous) is NameMatch.HOMOPHONE:
        return Rule.NUMBER_MATCH_NAME_SIMILAR
    return Rule.NUMBER_MATCH_NAME_DIFFERS


def _other_number(query: Query, candidate: Candidate, current: NameMatch, previous: NameMatch) -> Rule | None:
    asked_for = birth_dates(query)
    listed = birth_dates(candidate)
    if not asked_for and current >= NameMatch.VARIANT:
        return Rule.NAME_BIRTH_DATE_UNKNOWN
    if not asked_for & listed:
        return None
    if current >= NameMatch.VARIANT:
        return Rule.NAME_AND_BIRTH_DATE if current is NameMatch.EXACT else Rule.NAME_VARIANT_AND_BIRTH_DATE
    if previous >= NameMatch.VARIANT:
        return Rule.PREVIOUS_NAME_AND_BIRTH_DATE
    if _spelled_alike(query, candidate):
        return Rule.NAME_SOUND_AND_BIRTH_DATE
    parts = any(is_part(query.name, name) for name in (candidate.name, *candidate.previous_names))
    return Rule.NAME_PART_AND_BIRTH_DATE if parts else None


def _spelled_alike(query: Query, candidate: Candidate) -> bool:
    """Whether one of the names is the sound of the other, and one of the two is written in Latin letters.

    A passport spells what the resident card writes in characters, and divides and orders the syllables as it likes.
    Two names in characters that only sound alike are two names.
    """
    asked, in_latin = match_keys(query.name), is_latin(query.name)
    return any(
        compare_keys(asked, match_keys(name)) is NameMatch.HOMOPHONE and (in_latin or is_latin(name))
        for name in (candidate.name, *candidate.previous_names)
    )


def birth_dates(of: Query | Candidate) -> frozenset[date]:
    """The date given and those the number may mean: one wrong date can't hide the other."""
    inside = _dates_in(of.document_type, of.canonical)
    return frozenset(inside if of.date_of_birth is None else (of.date_of_birth, *inside))


def _dates_in(kind: DocumentType, canonical: str) -> list[date]:
    """Birth dates inside a number; the old card of foreigners has two digits for the year, so it may mean either century."""
    if kind not in _NUMBERS_WITH_CHECK:
        return []
    if len(canonical) == 18:
        return _existing([canonical[6:14]])
    return _existing([century + canonical[7:13] for century in ("19", "20")]) if len(canonical) == 15 else []


def _existing(written: Iterable[str]) -> list[date]:
    days = []
    for digits in written:
        with suppress(ValueError):
            days.append(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])))
    return days
