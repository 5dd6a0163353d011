"""Who begins with what, where several processes share the suite.

A process that comes last to a test of a minute leaves the others with nothing to do. So what takes long is dealt out
and begun first; the thousands of quick ones after it even out, since whoever is done takes over from the others.
"""

from typing import Any

# Longest first; what begins with the same words stays together, since it shares a browser.
LONG = (
    "tests/journeys/test_certificate_pages.py",
    "tests/learning/test_player_browser.py",
    "tests/demo/test_demo_data.py",
    "tests/test_journey.py",
    "tests/bench/test_bench.py::test_one_json",
    "tests/bench/test_bench.py::test_what_needs",
    "tests/journeys/test_every_screen.py",
    "tests/journeys/test_registrar.py",
    "tests/security/test_editor_doors.py",
    "tests/journeys/test_practitioner.py",
    "tests/faults/test_killed_worker.py",
    "tests/journeys/test_hr_bureau.py",
    "tests/journeys/test_college.py",
    "tests/journeys/test_reviews.py",
    "tests/cms/test_theme_browser.py",
    "tests/journeys/test_health_bureau.py",
    "tests/faults/test_alerts.py",
    "tests/journeys/",
    "tests/faults/",
    "tests/certificates/test_designed_in_the_press.py",
    "tests/documents/test_press.py",
)


def dealt(items: list[Any], hands: int) -> list[Any]:
    """The same tests, so that each of ``hands`` equal runs of them begins with its share of the long ones."""
    kinds: dict[str, list[Any]] = {begins: [] for begins in LONG}
    quick: list[Any] = []
    for item in items:
        kind = next((begins for begins in LONG if item.nodeid.startswith(begins)), None)
        (quick if kind is None else kinds[kind]).append(item)
    shares: list[list[Any]] = [[] for _hand in range(hands)]
    for number, kind in enumerate(filter(None, kinds.values())):
        turn, place = divmod(number, hands)
        shares[place if turn % 2 == 0 else hands - 1 - place].extend(kind)
    out: list[Any] = []
    for number, share in enumerate(shares):
        size = len(items) * (number + 1) // hands - len(items) * number // hands
        taken = max(0, size - len(share))
        out += [*share, *quick[:taken]]
        del quick[:taken]
    return out + quick
