"""Searching Chinese text as people type it: characters, pinyin in full, pinyin initials.

``keys`` turns a text into what is searched, ``terms`` turns a question into what is looked for in it. Both fold width,
case and traditional characters first. A key is plain text for a plain LIKE, in which three marks say what begins:
a space a word, an apostrophe a syllable, a caret a run of initials. So ``an`` finds 安 but not the end of 全 (quan).

What may never happen: a mark comes from the text itself, since all punctuation becomes a space.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from typing import Any

from opencc import OpenCC
from pypinyin import Style, pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

MOST_READINGS = 32  # of one run of characters, when it holds several that are read in several ways
NEIGHBOURS = 6  # characters on either side that are found together with one of those
MOST_SPELLINGS = 8  # ways to divide letters into syllables
MOST_TERMS = 8  # of one question; what follows is left out
INITIALS = 12  # letters of a run of initials that are found from each of its syllables
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_PASSPORT = {"lyu": "lu", "nyu": "nu"}  # 旅 and 女 as passports write them
_PIECES = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]+")


def fold(text: str) -> str:
    """Half width, lower case, simplified characters."""
    return str(_simplifier().convert(unicodedata.normalize("NFKC", text).casefold())).replace("ü", "v")


def keys(text: str, *, every_reading: bool = False, initials: bool = True) -> str:
    """What ``text`` can be found by. ``every_reading``: characters read in several ways by each of them (titles)."""
    folded = fold(text)
    words = "".join(f" {piece}" for piece in _PIECES.findall(folded))
    spoken = [way for run in _HAN.findall(folded) for way in _readings(run, every_reading)]
    sounds = "".join("".join(f"'{syllable}" for syllable in way) for way in dict.fromkeys(spoken))
    if not initials:
        return words + sounds
    letters = dict.fromkeys("".join(syllable[0] for syllable in way) for way in spoken)
    return words + sounds + "".join(f"^{run[at : at + INITIALS]}" for run in letters for at in range(len(run)))


def terms(question: str) -> list[tuple[str, ...]]:
    """What has to be found, all of it; of each term any of its forms is enough."""
    return [tuple(_forms(piece)) for piece in islice(dict.fromkeys(_PIECES.findall(fold(question))), MOST_TERMS)]


def _forms(piece: str) -> Iterator[str]:
    if not piece.isascii():
        yield piece
        return
    yield f" {piece}"
    if piece.isalpha():
        for way in islice(_divided(_plain(piece)), MOST_SPELLINGS):
            yield "".join(f"'{_PASSPORT.get(syllable, syllable)}" for syllable in way)
        if len(piece) > 1:
            yield f"^{piece[:INITIALS]}"


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def _readings(run: str, every: bool) -> list[tuple[str, ...]]:
    """How a run of characters is read: as in its words first, then with every other reading of each character."""
    usual = [_plain(one[0]) for one in pinyin(run, style=Style.NORMAL, v_to_u=False, errors=_unknown)]
    if not every:
        return [_spoken(usual)]
    ways = [list(dict.fromkeys([first, *_alone(one)])) for first, one in zip(usual, run, strict=True)]
    if _product(ways) <= MOST_READINGS:
        return [_spoken(way) for way in product(*ways)]
    # Too many to combine: one character at a time is read in its other ways, among its neighbours.
    single = [
        [*usual[max(0, at - NEIGHBOURS) : at], way, *usual[at + 1 : at + 1 + NEIGHBOURS]]
        for at, each in enumerate(ways)
        for way in each[1:]
    ]
    return [_spoken(usual), *map(_spoken, single[:MOST_READINGS])]


@lru_cache(maxsize=8192)
def _alone(character: str) -> tuple[str, ...]:
    """Every reading of a character, whatever stands beside it."""
    ways = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False, errors=_unknown)
    return tuple(_plain(way) for way in ways[0])


def _product(ways: Sequence[Sequence[str]]) -> int:
    number = 1
    for each in ways:
        number *= len(each)
    return number


def _unknown(characters: str) -> Any:
    """A character without a known reading keeps its place, so that the two ways of reading stay in step."""
    return [[""] for _character in characters]


def _spoken(way: Sequence[str]) -> tuple[str, ...]:
    return tuple(syllable for syllable in way if syllable.isascii() and syllable.isalpha())


def _plain(sound: str) -> str:
    """旅 is typed lv or lu: both are one sound here."""
    return sound.replace("v", "u")


@cache
def _syllables() -> frozenset[str]:
    toned = {reading for readings in pinyin_dict.values() for reading in readings.split(",")}
    plain = {_plain(to_normal(reading, v_to_u=False)) for reading in toned}
    return frozenset(
        one for one in plain | _PASSPORT.keys() if one.isascii() and one.isalpha() and set(one) & set("aeiou")
    )


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(syllable[:length] for syllable in _syllables() for length in range(1, len(syllable) + 1))


def _divided(letters: str) -> Iterator[tuple[str, ...]]:
    """Ways to divide letters into syllables, long ones first; the last may be a syllable only begun."""
    dead: set[int] = set()

    def after(start: int) -> Iterator[tuple[str, ...]]:
        if start in dead:
            return
        rest, found = letters[start:], False
        if rest in _beginnings():
            found = True
            yield (rest,)
        for length in range(min(6, len(rest) - 1), 0, -1):
            if rest[:length] in _syllables():
                for tail in after(start + length):
                    found = True
                    yield (rest[:length], *tail)
        if not found:
            dead.add(start)

    return after(0)
