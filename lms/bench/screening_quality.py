"""How right the screening is: a list of made-up people, questions about them in every kind of variation, and innocents.

Everything follows from the seed. Candidates are found by the keys of ``lms.rules.finding`` as in a check, so that a
pair which no key finds counts as missed. Beside it ``rapidfuzz`` answers the same questions.
"""

import resource
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from time import perf_counter
from typing import Any

from lms.bench.likeness.kinds import KINDS, Kind, Written, as_listed, without_birth_date
from lms.bench.likeness.peer import THRESHOLDS, Peer, Scores, share_reviewed, threshold
from lms.bench.likeness.persons import MadeUp, People
from lms.bench.report import machine, percentile
from lms.rules.finding import keys_of_candidate, keys_of_query
from lms.rules.screening import Candidate, Outcome, ScreenResult, screen

NAME = "screening_quality"
SEED = 20_251_001
ALLOWED = 0.001  # of innocents may be reviewed
TUNING = 0.2  # so many people more, of another seed, for the peer's threshold
KIB = 1024


@dataclass(frozen=True, slots=True)
class Pair:
    """A question about somebody on the list, and what must come of it."""

    kind: Kind
    person: MadeUp
    written: Written


@dataclass
class Tally:
    """What became of the pairs of one kind."""

    pairs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    right: int = 0
    peer_right: int = 0


class List:
    """The list of bans, found by keys as in the database."""

    def __init__(self, listed: Iterable[MadeUp]) -> None:
        self._candidates: list[Candidate] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        for person in listed:
            for candidate in _candidates(person):
                for key in keys_of_candidate(candidate):
                    self._by_key[key].append(len(self._candidates))
                self._candidates.append(candidate)

    def answer(self, written: Written) -> ScreenResult:
        query = written.query()
        asked = keys_of_query(query)
        keys = asked.near | ({asked.name_alone} if asked.name_alone else set())
        places = {place for key in keys for place in self._by_key.get(key, ())}
        return screen(query, [self._candidates[place] for place in places])


def run(n: int) -> dict[str, Any]:
    """``n`` pairs and as many innocents, against ``n`` people on the list."""
    people = People(SEED)
    listed = [people.draw_listed() for _one in range(n)]
    pairs = list(_pairs(people, listed, n))
    innocents = [as_listed(people, people.draw()) for _one in range(n)]
    undated = [_undated(people) for _one in range(max(1, n // 20))]
    known, at = List(listed), _fair_threshold(n)
    tallies: dict[str, Tally] = defaultdict(Tally)
    took, false_blocks = _asked_about(known, pairs, tallies)
    began = perf_counter()
    answers = [known.answer(written).outcome for written in innocents]
    seconds = sum(took) / 1000 + perf_counter() - began
    alone = [known.answer(written).outcome for written in undated]
    beside = _beside(Peer(listed), at, pairs, innocents, tallies)
    return {
        "name": NAME,
        "n": n,
        "seconds": round(seconds, 3),
        "per_second": round(2 * n / seconds, 1),
        "p50_ms": round(percentile(took, 50), 3),
        "p99_ms": round(percentile(took, 99), 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
        "peers": {"rapidfuzz": beside},
        "extra": {
            "exact_recall": _recall(tallies, Outcome.BARRED),
            "false_blocks": false_blocks + answers.count(Outcome.BARRED),
            "review_recall": _recall(tallies, Outcome.REVIEW),
            "innocent_review_rate": _share(answers, Outcome.REVIEW),
            "innocents_without_birth_date_review_rate": _share(alone, Outcome.REVIEW),
            "seed": SEED,
            "listed": n,
            "innocents": n,
            "kinds": {name: _told(tally) for name, tally in sorted(tallies.items())},
        },
        "machine": machine(),
    }


def _asked_about(known: List, pairs: Sequence[Pair], tallies: dict[str, Tally]) -> tuple[list[float], int]:
    """Milliseconds of each question, and how many answers barred somebody who must not be."""
    took, wrong = [], 0
    for pair in pairs:
        started = perf_counter()
        result = known.answer(pair.written)
        took.append((perf_counter() - started) * 1000)
        wrong += _counted(tallies[pair.kind.name], pair, result)
    return took, wrong


def _pairs(people: People, listed: Sequence[MadeUp], n: int) -> Iterator[Pair]:
    """The kinds take turns; each takes the next person on the list to whom it can happen."""
    places = dict.fromkeys((kind.name for kind in KINDS), 0)
    made = 0
    for kind in cycle(KINDS):
        for tried in range(len(listed)):
            person = listed[(places[kind.name] + tried) % len(listed)]
            if written := kind.make(people, person):
                places[kind.name] += tried + 1
                yield Pair(kind, person, written)
                made += 1
                break
        if made == n:
            return


def _undated(people: People) -> Written:
    """An innocent with a passport, and nobody says when they were born."""
    while not (written := without_birth_date(people, people.draw())):
        pass
    return written


def _candidates(person: MadeUp) -> Iterator[Candidate]:
    for kind, number in ((person.kind, person.number), *person.also):
        yield Candidate(str(person.sequence), kind, number, person.name, person.previous_names, person.born)


def _counted(tally: Tally, pair: Pair, result: ScreenResult) -> bool:
    """Count the pair; whether somebody was barred who must not be, or for somebody else."""
    meant = str(pair.person.sequence) in result.subject_ids
    tally.pairs += 1
    tally.outcomes[result.outcome] += 1
    tally.right += meant and result.outcome == pair.kind.outcome
    return result.outcome is Outcome.BARRED and not (meant and pair.kind.outcome is Outcome.BARRED)


def _beside(
    peer: Peer, at: int, pairs: Sequence[Pair], innocents: Sequence[Written], tallies: dict[str, Tally]
) -> dict[str, Any]:
    began = perf_counter()
    of_pairs = [peer.scores(pair.written) for pair in pairs]
    of_innocents = [peer.scores(written) for written in innocents]
    seconds = perf_counter() - began
    false_blocks = 0
    for pair, scores in zip(pairs, of_pairs, strict=True):
        outcome = scores.outcome(at)
        tallies[pair.kind.name].peer_right += outcome == pair.kind.outcome
        false_blocks += outcome is Outcome.BARRED and pair.kind.outcome is not Outcome.BARRED
    return {
        "n": len(pairs),
        "seconds": round(seconds, 3),
        "per_second": round((len(pairs) + len(innocents)) / seconds, 1),
        "matcher": "WRatio on pinyin, same birth date",
        "threshold": at,
        "exact_recall": _recall(tallies, Outcome.BARRED, peer=True),
        "false_blocks": false_blocks,
        "review_recall": _recall(tallies, Outcome.REVIEW, peer=True),
        "innocent_review_rate": round(share_reviewed(of_innocents, at), 6),
        "at_lowest_threshold": {
            "threshold": THRESHOLDS[0],
            "review_recall": _lowest(pairs, of_pairs),
            "innocent_review_rate": round(share_reviewed(of_innocents, THRESHOLDS[0]), 6),
        },
    }


def _lowest(pairs: Sequence[Pair], scores: Sequence[Scores]) -> float:
    """The review recall of the most lenient threshold: what it costs innocents stands beside it."""
    some = [one for pair, one in zip(pairs, scores, strict=True) if pair.kind.outcome is Outcome.REVIEW]
    return round(sum(one.outcome(THRESHOLDS[0]) is Outcome.REVIEW for one in some) / len(some), 6)


def _fair_threshold(n: int) -> int:
    """Chosen on other people than those it is measured on; the list is as long, since the rate depends on that."""
    people = People(SEED + 1)
    listed = [people.draw_listed() for _one in range(n)]
    peer, size = Peer(listed), max(1, int(n * TUNING))
    innocents = [peer.scores(as_listed(people, people.draw())) for _one in range(size)]
    return threshold(innocents, allowed=ALLOWED)


def _recall(tallies: dict[str, Tally], outcome: Outcome, *, peer: bool = False) -> float:
    kinds = {kind.name for kind in KINDS if kind.outcome is outcome}
    some = [tally for name, tally in tallies.items() if name in kinds]
    return round(sum(one.peer_right if peer else one.right for one in some) / sum(one.pairs for one in some), 6)


def _share(answers: Sequence[Outcome], outcome: Outcome) -> float:
    return round(answers.count(outcome) / len(answers), 6)


def _told(tally: Tally) -> dict[str, Any]:
    return {
        "pairs": tally.pairs,
        **{str(outcome): count for outcome, count in sorted(tally.outcomes.items())},
        "right": round(tally.right / tally.pairs, 4),
        "rapidfuzz_right": round(tally.peer_right / tally.pairs, 4),
    }
