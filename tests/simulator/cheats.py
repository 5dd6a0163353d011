"""People who would like hours without learning. ``forged`` heartbeats are those that must earn nothing at all."""

from itertools import pairwise

from courses.learning.models import PresenceChallenge
from tests.simulator.browser import Browser
from tests.simulator.world import Life

BEAT = 15_000
MINUTE = 60_000


def edits_seconds(one: Browser) -> Life:
    """Says of every quarter of a minute that ten were played."""
    yield from one.open()
    for place in range(0, one.seat.media_ms, 10 * BEAT):
        yield BEAT + one.random.randint(0, 300)
        yield from _claim(one, [[place, place + 10 * BEAT]])


def seeks_to_end(one: Browser) -> Life:
    """A look at the beginning, then the whole recording at once, again and again."""
    yield from one.open()
    yield from one.watch(MINUTE)
    for _again in range(6):
        yield BEAT
        yield from _claim(one, [[0, one.seat.media_ms]])


def replays(one: Browser) -> Life:
    """Records one honest heartbeat and sends it over and over, also under new numbers."""
    yield from one.open()
    yield from one.watch(MINUTE)
    yield BEAT
    told = {"sequence": one.sequence, "nonce": one.nonce, "played": [[0, MINUTE]]}
    for _again in range(30):
        yield 5_000
        one.send(**told)
        _status, answer = one.send(played=told["played"])
        one.heard(answer)


def reorders(one: Browser) -> Life:
    """Numbers far ahead first; what should have come before arrives an hour late."""
    yield from one.open()
    yield from one.watch(MINUTE)
    late = [one.sequence + number for number in range(1, 20)]
    yield BEAT
    yield from _claim(one, [[MINUTE, MINUTE + BEAT]], sequence=one.sequence + 40)
    yield 60 * MINUTE
    for place, sequence in enumerate(reversed(late)):
        yield 1_000
        start = 2 * MINUTE + place * BEAT
        one.send(sequence=sequence, played=[[start, start + BEAT]])


def two_devices(one: Browser) -> Life:
    """A second screen without taking over; then both speak for the one lease there is."""
    yield from one.open()
    second = Browser(one.world, one.seat, one.random)
    status, told = second.ask_for_lease(take_over=False)
    assert (status, told["code"]) == (409, "lease_elsewhere")
    second.lease, second.nonce = one.lease, "guessed"
    for place in range(0, 4 * MINUTE, BEAT):
        yield BEAT
        yield from _claim(one, [[place, place + BEAT]])
    second.send(sequence=one.sequence + 1, played=[[5 * MINUTE, 9 * MINUTE]])
    for place in range(4 * MINUTE, 8 * MINUTE, BEAT):
        yield BEAT
        yield from _claim(one, [[place, place + BEAT]])


def many_tabs(one: Browser) -> Life:
    """Eight tabs of one browser, each with its own part of the recording."""
    tabs = [Browser(one.world, one.seat, one.random, client=one.client) for _number in range(8)]
    part = one.seat.media_ms // len(tabs)
    for tab in tabs:
        yield from tab.open()
    for step in range(0, part, BEAT):
        yield BEAT
        for number, tab in enumerate(tabs):
            start = number * part + step
            yield from _claim(tab, [[start, start + BEAT]])


def hidden_tab(one: Browser) -> Life:
    """Plays behind other windows, and says so, as the player does."""
    yield from one.open()
    for start, end in pairwise(range(0, one.seat.media_ms, BEAT)):
        yield BEAT
        yield from _claim(one, [[start, end]], visible=False)


def forges_nonce(one: Browser) -> Life:
    yield from one.open()
    yield from one.watch(MINUTE)
    for place in range(MINUTE, one.seat.media_ms, BEAT):
        yield BEAT
        one.send(nonce="A" * 32, played=[[place, place + BEAT]])


def changes_clock(one: Browser) -> Life:
    """Sets the phone an hour on: the browser sends an hour's heartbeats within a minute."""
    yield from one.open()
    for place in range(0, one.seat.media_ms, BEAT):
        yield 250
        yield from _claim(one, [[place, place + BEAT]])


def blocks_challenges(one: Browser) -> Life:
    """A script removes the question from the page and lets the recording run."""
    one.answers = False
    yield from one.open()
    yield from one.watch(one.seat.media_ms)
    yield 3 * MINUTE
    yield from _claim(one, [])
    yield from one.close()


def bot(one: Browser) -> Life:
    """Beats to the millisecond and answers every question with the first choice."""
    yield from one.open()
    for start, end in pairwise(range(0, one.seat.media_ms + BEAT, BEAT)):
        yield BEAT
        yield from _claim(one, [[start, min(end, one.seat.media_ms)]])
        for challenge in PresenceChallenge.objects.filter(lease_id=one.lease, outcome=None):
            one.post(
                f"/learn/leases/{one.lease}/challenge/",
                {"challenge": str(challenge.pk), "key": challenge.choices[0]["key"], "nonce": one.nonce},
            )


def shares_device(one: Browser, other: Browser) -> Life:
    """Learns for a colleague too, on the same phone, one after the other."""
    yield from one.open()
    yield from one.watch(one.seat.media_ms)
    yield from one.close()
    other.client.cookies["device"] = one.client.cookies["device"].value
    yield from other.open()
    yield from other.watch(other.seat.media_ms)
    yield from other.close()


def _claim(one: Browser, played: list[list[int]], **changed: object) -> Life:
    """Send it and keep up with the nonces, however it was answered."""
    status, answer = one.send(played=played, **changed)
    if status == 200:
        one.heard(answer)
    yield 0
