"""Presence challenges: when somebody who learns is asked whether they are there, and what they are asked.

The moment is drawn in credited milliseconds, around the mean the policy asks for, so that nobody can wait for it or
learn between two of them for certain. A question is plain words, as easy for a screen reader as for an eye: four
choices in an order and under keys of the moment, so that neither a place nor a button nor a key is ever the answer.

The source of chance is an argument: the service gives the system's, a test its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log
from random import Random

from lms.rules.presence_words import CATEGORIES, DAYS, NUMBERS, OPPOSITES, SEQUENCES, Word

_HOUR_MS = 3_600_000
# The draw lies between so many means …
SHORTEST, LONGEST = 0.4, 1.8
# … and falls off like an exponential whose slope makes the mean come out as one.
_SLOPE = 0.6199
_LONGEST_MS = 7 * 24 * _HOUR_MS  # whatever the policy asks for
CHOICES = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is put. ``choices`` are (key, text) as shown; ``answer`` is the key of the right one."""

    kind: str
    prompt: str
    choices: tuple[tuple[str, str], ...]
    answer: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question before its choices are shuffled: the right one and three wrong ones, in both languages."""

    prompt: Word
    right: Word
    wrong: Sequence[Word]


def draw_interval(chance: Random, challenges_per_hour: Decimal) -> int | None:
    """Credited milliseconds until the next challenge; None where the policy asks for none.

    Between 0.4 and 1.8 times the mean, whose expectation is the mean itself.
    """
    if challenges_per_hour <= 0:
        return None
    width = LONGEST - SHORTEST
    share = 1 - chance.random() * (1 - exp(-_SLOPE * width))
    means = SHORTEST - log(share) / _SLOPE
    return min(_LONGEST_MS, round(means * _HOUR_MS / float(challenges_per_hour)))


def draw_question(chance: Random, *, english: bool = False, unlike: str = "") -> Question:
    """A question in the learner's language, of another kind than ``unlike``, with everything about it drawn anew."""
    kind = chance.choice([name for name in KINDS if name != unlike])
    asked = KINDS[kind](chance)
    keys = _keys(chance)
    words = [asked.right, *asked.wrong]
    choices = [(key, word.said(english)) for key, word in zip(keys, words, strict=True)]
    chance.shuffle(choices)
    return Question(kind, asked.prompt.said(english), tuple(choices), keys[0])


def _keys(chance: Random) -> list[str]:
    keys: set[str] = set()
    while len(keys) < CHOICES:
        keys.add(f"{chance.getrandbits(48):012x}")
    drawn = sorted(keys)
    chance.shuffle(drawn)
    return drawn


def _sum(chance: Random) -> _Asked:
    one, other = chance.randint(2, 9), chance.randint(2, 9)
    prompt = _filled("{0}加{1}等于几？", "How much is {0} plus {1}?", NUMBERS[one], NUMBERS[other])
    return _number(chance, prompt, one + other)


def _difference(chance: Random) -> _Asked:
    less, rest = chance.randint(2, 9), chance.randint(1, 9)
    prompt = _filled("{0}减{1}等于几？", "How much is {0} minus {1}?", NUMBERS[less + rest], NUMBERS[less])
    return _number(chance, prompt, rest)


def _number(chance: Random, prompt: Word, right: int) -> _Asked:
    near = [number for number in range(max(0, right - 4), right + 5) if number != right]
    return _Asked(prompt, NUMBERS[right], [NUMBERS[number] for number in chance.sample(near, CHOICES - 1)])


def _largest(chance: Random) -> _Asked:
    numbers = sorted(chance.sample(range(1, len(NUMBERS)), CHOICES))
    if chance.random() < 0.5:
        return _Asked(
            Word("下面哪个数最大？", "Which of these numbers is the largest?"),
            NUMBERS[numbers[-1]],
            [NUMBERS[number] for number in numbers[:-1]],
        )
    return _Asked(
        Word("下面哪个数最小？", "Which of these numbers is the smallest?"),
        NUMBERS[numbers[0]],
        [NUMBERS[number] for number in numbers[1:]],
    )


def _count(chance: Random) -> _Asked:
    number = chance.randint(2, 6)
    listed = chance.sample(chance.choice(CATEGORIES).words, number)
    prompt = Word(
        f"“{'、'.join(word.chinese for word in listed)}”，这里说了几样东西？",
        f"“{', '.join(word.english for word in listed)}”: how many things are named here?",
    )
    return _number(chance, prompt, number)


def _odd_one_out(chance: Random) -> _Asked:
    many, single = chance.sample(CATEGORIES, 2)
    prompt = Word("下面哪一个和其他三个不是一类？", "Which of these does not belong with the other three?")
    return _Asked(prompt, chance.choice(single.words), chance.sample(many.words, CHOICES - 1))


def _belongs(chance: Random) -> _Asked:
    wanted, *others = chance.sample(CATEGORIES, CHOICES)
    prompt = _filled("下面哪一个是{0}？", "Which of these is {0}?", wanted.name)
    return _Asked(prompt, chance.choice(wanted.words), [chance.choice(other.words) for other in others])


def _order(chance: Random) -> _Asked:
    sequence = chance.choice(SEQUENCES)
    places = sorted(chance.sample(range(len(sequence.words)), CHOICES))
    picked = [sequence.words[place] for place in places]
    if chance.random() < 0.5:
        return _Asked(sequence.first, picked[0], picked[1:])
    return _Asked(sequence.last, picked[-1], picked[:-1])


def _opposite(chance: Random) -> _Asked:
    pair, *others = chance.sample(OPPOSITES, CHOICES)
    word, right = pair if chance.random() < 0.5 else pair[::-1]
    prompt = _filled("“{0}”的反义词是哪一个？", "Which word is the opposite of “{0}”?", word)
    return _Asked(prompt, right, [chance.choice(other) for other in others])


def _weekday(chance: Random) -> _Asked:
    place, later = chance.randrange(7), chance.random() < 0.5
    right = (place + (1 if later else -1)) % 7
    forms = (
        ("{0}的后一天是星期几？", "Which day comes after {0}?")
        if later
        else (
            "{0}的前一天是星期几？",
            "Which day comes before {0}?",
        )
    )
    wrong = chance.sample([day for day in range(7) if day not in {right, place}], CHOICES - 1)
    return _Asked(_filled(*forms, DAYS[place]), DAYS[right], [DAYS[day] for day in wrong])


def _filled(chinese: str, english: str, *words: Word) -> Word:
    return Word(chinese.format(*(word.chinese for word in words)), english.format(*(word.english for word in words)))


KINDS: dict[str, Callable[[Random], _Asked]] = {
    "sum": _sum,
    "difference": _difference,
    "largest": _largest,
    "count": _count,
    "odd_one_out": _odd_one_out,
    "belongs": _belongs,
    "order": _order,
    "opposite": _opposite,
    "weekday": _weekday,
}
