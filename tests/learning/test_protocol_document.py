"""``docs/learning-protocol.md`` says what the server does: each code, each shape."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from courses.learning.models import ChallengeResult, Lease, PresenceChallenge
from courses.learning.services.heartbeats import ENDED, FORGED, REORDERED, REPLAYED
from lms.rules.honest_time import Refused
from tests.factories import people
from tests.factories.catalogue import released_course, video
from tests.factories.learning import NOON, enrolled
from tests.factories.policy import packs_loaded

TEXT = (Path(settings.BASE_DIR) / "docs" / "learning-protocol.md").read_text(encoding="utf-8")
EXAMPLES = {name: json.loads(body) for name, body in re.findall(r"```json (\S+)\n(.*?)```", TEXT, re.DOTALL)}
SAYING = ("views/player.py", "services/leases.py", "services/heartbeats.py", "services/answers.py")
# Asked of other rooms on the way: the registry, the policy.
FROM_BELOW = {"barred", "no_policy"}


def table(head: str) -> set[str]:
    """The codes in the first column of the table whose head begins so."""
    rows = TEXT.split(f"| `{head}` |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {match[1] for row in rows if (match := re.match(r"\| `(\w+)`", row))}


def sources() -> str:
    home = Path(settings.BASE_DIR) / "courses" / "learning"
    return "\n".join((home / name).read_text(encoding="utf-8") for name in SAYING)


def shape(value: Any) -> Any:
    """What a client relies on: names and kinds. Of a list the first element stands for all."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_every_code_is_in_the_document_and_every_code_in_it_exists() -> None:
    raised = re.findall(r'(?:Invalid|Conflict|NotFound|NotAllowed)\(\s*"(\w+)"', sources())
    told = re.findall(r'problem\(\d+, "(\w+)"', sources())
    enrolment_of_others = {"no_enrolment"}  # the views find it among one's own, or answer not_found
    assert table("code") == {*raised, *told, ENDED, FORGED, *FROM_BELOW} - enrolment_of_others


def test_every_reason_for_less_credit_is_in_the_document() -> None:
    assert table("refused") == {*Refused, REPLAYED, REORDERED}


def test_every_result_and_every_end_is_in_the_document() -> None:
    assert table("result") == {ChallengeResult.PASSED.value, "again", ChallengeResult.MISSED.value}
    ends = set(re.findall(r'end_lease\(\w+, "(\w+)"', sources())) | {"stopped", FORGED}
    assert table("end_reason") == ends


@pytest.fixture
def page(client: Client) -> tuple[Client, str, Any]:
    packs_loaded()
    user = people.practitioner(now=NOON)
    enrolment = enrolled(user.person, released_course(class_hours="0.5", lessons=[video(1200)]))
    client.force_login(user)
    address = reverse("learning:lease", args=[enrolment.pk, enrolment.release.lessons.get().pk])
    return client, address, enrolment


def post(client: Client, address: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = client.post(address, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def filled(name: str, **real: Any) -> dict[str, Any]:
    """The example with what only the server can know; a name the example lacks is a mistake."""
    assert set(real) <= set(EXAMPLES[name])
    return {**EXAMPLES[name], **real}


@pytest.mark.django_db
def test_the_examples_are_what_the_server_answers(page: tuple[Client, str, Any], time_machine: Any) -> None:
    client, address, enrolment = page
    time_machine.move_to(NOON, tick=False)
    status, opened = post(client, address, filled("lease-request"))
    expected = EXAMPLES["lease-answer"]
    assert (status, shape(opened)) == (201, shape({**expected, "covered": []}))
    assert (opened["beat_seconds"], opened["grace_ms"], opened["max_rate"]) == (15, 30_000, "1.5")
    beat = f"/learn/leases/{opened['lease']}/beat/"

    time_machine.shift(15)
    status, first = post(client, beat, filled("beat-request", sequence=1, nonce=opened["nonce"]))
    assert (status, shape(first)) == (200, shape(EXAMPLES["beat-answer"]))
    assert first["credited_ms"] == EXAMPLES["beat-answer"]["credited_ms"]

    Lease.objects.update(challenge_in_ms=1)
    time_machine.shift(15)
    status, asked = post(client, beat, filled("beat-request", sequence=2, nonce=first["nonce"], played=[[0, 9000]]))
    assert shape(asked["challenge"]) == shape(EXAMPLES["challenge"])
    assert asked["challenge"]["seconds"] == EXAMPLES["challenge"]["seconds"]

    right = PresenceChallenge.objects.get().answer
    said = filled("challenge-request", challenge=asked["challenge"]["id"], key=right, nonce=asked["nonce"])
    status, passed = post(client, f"/learn/leases/{opened['lease']}/challenge/", said)
    assert (status, shape(passed)) == (200, shape(EXAMPLES["challenge-answer"]))

    time_machine.shift(200)
    resume = {"lease": opened["lease"], "nonce": passed["nonce"]}
    status, gone_on = post(client, address, filled("resume-request", resume=resume))
    assert (status, shape(gone_on)) == (200, shape(expected))
    assert (gone_on["lease"], gone_on["last_sequence"]) == (opened["lease"], 2)

    status, closed = post(client, f"/learn/leases/{opened['lease']}/close/", {})
    assert (status, closed) == (200, EXAMPLES["close-answer"])
    status, problem = post(client, f"/learn/leases/{enrolment.pk}/beat/", filled("beat-request"))
    assert (status, problem) == (404, EXAMPLES["problem"])


@pytest.mark.django_db
def test_what_can_not_be_gone_on_with_opens_anew(page: tuple[Client, str, Any]) -> None:
    client, address, _enrolment = page
    for wrong in ("x", {}, {"lease": 1, "nonce": "n"}, {"lease": "x", "nonce": "n"}, {"lease": "x", "nonce": None}):
        assert post(client, address, {"resume": wrong})[0] == 201
