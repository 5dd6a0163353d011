"""The made-up list is the same from the same seed, its names are as frequent as names are, and the figures hold on it."""

from collections import Counter
from itertools import islice

import pytest

from lms.bench import screening_quality
from lms.bench.likeness.kinds import KINDS
from lms.bench.likeness.peer import Peer, Scores, share_reviewed, threshold
from lms.bench.likeness.persons import MadeUp, People
from lms.rules import identity, names
from lms.rules.screening import Outcome

N = 2_000


@pytest.fixture(scope="module")
def told() -> dict:
    return screening_quality.run(N)


def drawn(seed: int, count: int) -> list[MadeUp]:
    people = People(seed)
    return [people.draw_listed() for _one in range(count)]


def test_the_same_seed_gives_the_same_people() -> None:
    assert drawn(7, 300) == drawn(7, 300) != drawn(8, 300)


def test_everybody_could_be() -> None:
    numbers = [person.number for person in drawn(7, 3_000)]
    assert len(set(numbers)) == len(numbers)
    for person in drawn(7, 3_000):
        parsed = identity.parse(person.kind, person.number)
        assert parsed.canonical == person.number
        assert parsed.birth_date in (None, person.born)
        assert names.validate(person.name) == person.name


def test_common_names_are_as_common_as_in_the_register() -> None:
    people = People(7)
    count = Counter(people.name() for _one in range(200_000))
    [(_name, most)] = count.most_common(1)
    assert 0.0002 < most / 200_000 < 0.0006
    # Two people drawn share their name once in 50,000 to 100,000 pairs.
    same = sum(times * (times - 1) for times in count.values()) / (200_000 * 199_999)
    assert 0.00001 < same < 0.00003


def test_the_figures_hold(told: dict) -> None:
    extra = told["extra"]
    assert (extra["exact_recall"], extra["false_blocks"]) == (1.0, 0)
    assert extra["review_recall"] >= 0.99
    assert extra["innocent_review_rate"] <= 0.001
    assert extra["seed"] == screening_quality.SEED


def test_every_kind_of_variation_is_there(told: dict) -> None:
    kinds = told["extra"]["kinds"]
    assert kinds.keys() == {kind.name for kind in KINDS}
    assert sum(one["pairs"] for one in kinds.values()) == N
    assert max(one["pairs"] for one in kinds.values()) - min(one["pairs"] for one in kinds.values()) <= 1


def test_the_same_run_gives_the_same_figures(told: dict) -> None:
    again = screening_quality.run(N)
    assert again["extra"] == told["extra"]
    timed = {"seconds", "per_second"}
    peers = [
        {key: one for key, one in each["peers"]["rapidfuzz"].items() if key not in timed} for each in (told, again)
    ]
    assert peers[0] == peers[1]


def test_what_is_written_is_another_way_than_on_the_list() -> None:
    people = People(9)
    listed = [people.draw_listed() for _one in range(400)]
    for kind in KINDS[1:]:
        made = ((person, kind.make(people, person)) for person in listed)
        for person, written in islice(((one, other) for one, other in made if other), 5):
            assert (written.number, written.name, written.kind) != (person.number, person.name, person.kind)


def test_the_peer_gets_the_lowest_threshold_that_is_fair() -> None:
    scores = [Scores(None, 91.0), Scores(None, 97.0), *[Scores(None, 0.0)] * 998]
    assert share_reviewed(scores, 90) == 0.002
    assert threshold(scores, allowed=0.002) == 80
    assert threshold(scores, allowed=0.001) == 92
    assert threshold(scores, allowed=0.0) == 98
    assert threshold([Scores(None, 100.0)], allowed=0.0) == 100


def test_the_peer_bars_by_number_and_name_alone() -> None:
    [person] = drawn(7, 1)
    peer, people = Peer([person]), People(7)
    made = {kind.name: kind.make(people, person) for kind in KINDS}
    same, other = made["same_number.as_listed"], made["other_number.other_number"]
    assert same
    assert other
    assert peer.scores(same).outcome(90) is Outcome.BARRED
    assert peer.scores(other).outcome(90) is Outcome.REVIEW
