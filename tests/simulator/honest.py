"""Honest people. Whatever happens to them, what they truly played is credited."""

from tests.simulator.browser import Browser
from tests.simulator.world import Life

MINUTE = 60_000


def steady(one: Browser) -> Life:
    yield from one.open()
    yield from one.watch(one.seat.media_ms)
    yield from one.close()


def pauses(one: Browser) -> Life:
    """A child cries, the door bell rings: some pauses are longer than a lease lives in silence."""
    yield from one.open()
    for part in range(1, 6):
        yield from one.watch(one.seat.media_ms * part // 5)
        yield from one.pause(one.random.choice([5_000, 40_000, 4 * MINUTE]))
    yield from one.close()


def seeks(one: Browser) -> Life:
    """The end first, then the beginning."""
    half = one.seat.media_ms // 2
    yield from one.open()
    one.seek(half)
    yield from one.watch(one.seat.media_ms)
    one.seek(0)
    yield from one.watch(half)
    yield from one.close()


def watches_again(one: Browser) -> Life:
    yield from one.open()
    third = one.seat.media_ms // 3
    yield from one.watch(2 * third)
    one.seek(third)
    yield from one.watch(one.seat.media_ms)
    yield from one.close()


def loses_network(one: Browser) -> Life:
    """Three minutes in the metro: the player goes on for as long as the policy forgives, waits, and catches up."""
    yield from one.open()
    yield from one.watch(one.seat.media_ms // 3)
    one.lose_network(3 * MINUTE)
    yield from one.watch(one.seat.media_ms)
    yield from one.close()


def switches_device(one: Browser) -> Life:
    """From the phone to the desk in the middle, taking over without closing the first."""
    yield from one.open()
    yield from one.watch(one.seat.media_ms // 2)
    yield from one.pause(2_000)
    other = Browser(one.world, one.seat, one.random, position_ms=one.position_ms)
    yield from other.open(take_over=True)
    yield from other.watch(one.seat.media_ms)
    yield from other.close()
    one.true = one.true.union(other.true)


def a_quarter_faster(one: Browser) -> Life:
    one.rate = 1.25
    yield from steady(one)
