"""Names of which a part was left out: long ones that a field cut short, second names and surnames that one document has.

Two forms are known. A name with a middle dot, of which the other is the beginning (阿依古丽·买买提, 阿依古丽). A name in
Latin letters that has every word of the other and more (MARY ANN SMITH, SMITH MARY). A part is much weaker than a name:
it asks for the same birth date, and never does more than ask.
"""

from collections import Counter
from itertools import combinations

from lms.rules.names import DOT, is_latin, match_keys, normalise

SHORTEST = 4  # characters: what is shorter is the whole name of many others
MOST_WORDS = 6


def is_part(a: str, b: str) -> bool:
    """Whether one of the names is a part of the other. Symmetric; a name is no part of itself."""
    if is_latin(a) or is_latin(b):
        short, long = sorted((_words(a), _words(b)), key=len)
        fits = 2 <= len(short) < len(long) <= MOST_WORDS and not Counter(short) - Counter(long)
        return is_latin(a) and is_latin(b) and fits
    short_name, long_name = sorted((a, b), key=lambda name: len(_characters(name)))
    beginning, whole = _characters(short_name), _characters(long_name)
    cut = SHORTEST <= len(beginning) < len(whole) and whole.startswith(beginning)
    return cut and DOT in normalise(long_name)


def part_keys(name: str) -> frozenset[str]:
    """What two names have in common when one is a part of the other; nothing for an ordinary Chinese name."""
    if is_latin(name):
        words = _words(name)
        return frozenset(" ".join(pair) for pair in combinations(words, 2)) if len(words) <= MOST_WORDS else frozenset()
    characters = _characters(name)
    return frozenset([characters[:SHORTEST]]) if len(characters) >= SHORTEST else frozenset()


def _words(name: str) -> list[str]:
    """In the order of the alphabet; a word may stand twice."""
    return match_keys(name).variant_folded.split()


def _characters(name: str) -> str:
    return match_keys(name).variant_folded.replace(" ", "")
