"""Keys by which somebody on a long list is found: every rule of the screening, turned into a few exact look-ups.

A key is a text that a listed person and a question about them have in common
whenever a rule of :mod:`lms.rules.screening` matches.  Keys only find; the
rules decide.  They are compound, so that a common name alone or a birth date
alone finds nobody: name, sound or part of a name and birth date, name and one
end of the number.  The texts hold names and numbers: store nothing of them but a
keyed digest.

One slip in a number (wrong, missing or added character, two neighbours
swapped) leaves its first or its last characters as they were, wherever it
happens: both ends are keys.  Between them lie at least one character, so that
a swap can't touch both, and the last character of all belongs to neither end,
since a check character changes with every slip.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lms.rules.name_parts import part_keys
from lms.rules.names import NameKeys, is_latin, match_keys
from lms.rules.screening import Candidate, Query, birth_dates

# Of a resident number: district and year of birth; month, day and order but for the first digit of the month.
LONGEST_FIRST, LONGEST_LAST = 10, 6


@dataclass(frozen=True, slots=True)
class QueryKeys:
    """``near`` are shared with few.  ``name_alone`` is asked only where no birth date is known; it may find thousands."""

    near: frozenset[str]
    name_alone: str | None


def keys_of_candidate(candidate: Candidate) -> frozenset[str]:
    """Every key under which this document of somebody on the list is found."""
    return frozenset(_of_candidate(candidate))


def keys_of_query(query: Query) -> QueryKeys:
    """Every key a candidate for this question may have."""
    days = birth_dates(query)
    return QueryKeys(
        near=frozenset(_of_query(query)),
        name_alone=None if days else _name_alone(match_keys(query.name)),
    )


def _of_candidate(candidate: Candidate) -> Iterator[str]:
    yield _number(candidate.canonical)
    yield _name_alone(match_keys(candidate.name))
    length = len(candidate.canonical)
    for name in (candidate.name, *candidate.previous_names):
        keys = match_keys(name)
        yield from _ends(candidate.canonical, {length}, keys)
        for day in birth_dates(candidate):
            yield f"name|{keys.variant_folded}|{day}"
            yield from (_sound(sound, is_latin(name), day) for sound in keys.pinyin_keys)
            yield from _parts(name, day)


def _of_query(query: Query) -> Iterator[str]:
    yield _number(query.canonical)
    keys, length = match_keys(query.name), len(query.canonical)
    # A character missing or added: the listed number may be shorter or longer.
    yield from _ends(query.canonical, {length - 1, length, length + 1}, keys)
    # A name in characters is the sound of one in Latin letters only; one in Latin letters, of both.
    scripts = (True, False) if is_latin(query.name) else (True,)
    for day in birth_dates(query):
        yield f"name|{keys.variant_folded}|{day}"
        yield from (_sound(sound, latin, day) for sound in keys.pinyin_keys for latin in scripts)
        yield from _parts(query.name, day)


def _number(canonical: str) -> str:
    """Without the type of document: a number under another type is found, and the rules tell it apart."""
    return f"number|{canonical}"


def _name_alone(keys: NameKeys) -> str:
    return f"alone|{keys.variant_folded}"


def _sound(sound: str, latin: bool, day: object) -> str:
    return f"sound|{'latin' if latin else 'han'}|{sound}|{day}"


def _parts(name: str, day: object) -> Iterator[str]:
    return (f"part|{part}|{day}" for part in part_keys(name))


def _ends(number: str, lengths: set[int], keys: NameKeys) -> Iterator[str]:
    """Both ends of the number, as long as they are in numbers of these lengths; a character between, and one behind."""
    lasts = {length: max(1, min(LONGEST_LAST, (length - 2) // 2)) for length in lengths}
    firsts = {max(1, min(LONGEST_FIRST, length - 2 - last)) for length, last in lasts.items()}
    for size in firsts:
        yield f"first{size}|{number[:size]}|{keys.variant_folded}"
    for size in set(lasts.values()):
        yield f"last{size}|{number[-size - 1 : -1]}|{keys.variant_folded}"
