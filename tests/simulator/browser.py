"""A browser with the player in it. It keeps to ``docs/learning-protocol.md``; who cheats sends by hand what it would not."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.test import Client

from courses.catalogue.models import Lesson
from courses.learning.models import Enrolment, PresenceChallenge
from lms.people.models import User
from lms.rules.intervals import EMPTY, Intervals
from tests.simulator.world import Life, World

Stretches = list[list[int]]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who learns what."""

    user: User
    enrolment: Enrolment
    lesson: Lesson

    @property
    def media_ms(self) -> int:
        return self.lesson.seconds * 1000


@dataclass
class Browser:
    """One device of one person. ``true`` is what was really played, visibly, with a lease: what ought to be credited."""

    world: World
    seat: Seat
    random: Random
    rate: float = 1.0
    client: Client = field(default_factory=Client)
    position_ms: int = 0
    true: Intervals = EMPTY
    unsaid: Stretches = field(default_factory=list)
    lease: str = ""
    nonce: str = ""
    sequence: int = 0
    offline_until_ms: int = 0
    answers: bool = True
    refused: str = ""

    def __post_init__(self) -> None:
        self.client.force_login(self.seat.user)
        self._outgoing: dict[str, Any] | None = None
        self._challenge: dict[str, Any] | None = None
        self._answered_ms = self._beat_at_ms = 0
        self._beat_ms = self._grace_ms = 0

    # The protocol ----------------------------------------------------------------------------------------------------

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = self.client.post(path, json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    def ask_for_lease(self, **body: Any) -> tuple[int, dict[str, Any]]:
        return self.post(f"/learn/courses/{self.seat.enrolment.pk}/lessons/{self.seat.lesson.pk}/lease/", body)

    def send(self, **changed: Any) -> tuple[int, dict[str, Any]]:
        """One heartbeat as it is asked for, but for what is ``changed``; the state of the player stays as it is."""
        body = {"sequence": self.sequence + 1, "nonce": self.nonce, "played": [], "visible": True}
        return self.post(f"/learn/leases/{self.lease}/beat/", {**body, "position_ms": self.position_ms, **changed})

    def heard(self, answer: dict[str, Any]) -> None:
        """Take over what the server said of a heartbeat."""
        self.sequence, self.nonce = answer["sequence"], answer["nonce"] or self.nonce
        self.refused, self._challenge = answer["refused"], answer["challenge"]
        self._answered_ms = self.world.now_ms

    def open(self, *, take_over: bool = False) -> Life:
        yield self._latency()
        status, answer = self.ask_for_lease(take_over=take_over)
        assert status == 201, answer
        self._begin(answer)
        self.position_ms = max(self.position_ms, answer["position_ms"])

    def _begin(self, answer: dict[str, Any]) -> None:
        self.lease, self.nonce, self.sequence = answer["lease"], answer["nonce"], answer["last_sequence"]
        self._challenge = answer["challenge"]
        self._beat_ms, self._grace_ms = answer["beat_seconds"] * 1000, answer["grace_ms"]
        self._answered_ms = self.world.now_ms
        self._beat_at_ms = self.world.now_ms + self._beat_ms

    # What a person does ----------------------------------------------------------------------------------------------

    def watch(self, until_ms: int) -> Life:
        """Play to ``until_ms`` of the recording, beating, answering, waiting where the network is away for too long."""
        while self.position_ms < until_ms:
            used = self.world.now_ms - self._answered_ms
            if self._offline and used >= self._grace_ms:
                yield self.offline_until_ms - self.world.now_ms
                yield from self.say()
                continue
            to_end = -(-(until_ms - self.position_ms) // self.rate)
            step = int(min(to_end, self._beat_at_ms - self.world.now_ms))
            if self._offline:
                step = min(step, self._grace_ms - used)
            yield max(1, step)
            self._play(max(1, step), until_ms)
            if self.world.now_ms >= self._beat_at_ms:
                yield from self.say()

    def pause(self, milliseconds: int) -> Life:
        """Stop; a player that stops says at once what it has played."""
        yield from self.say()
        yield milliseconds
        self._rest()

    def seek(self, to_ms: int) -> None:
        self.position_ms = to_ms

    def lose_network(self, milliseconds: int) -> None:
        self.offline_until_ms = self.world.now_ms + milliseconds

    def say(self) -> Life:
        """The heartbeat that is due, sent again unchanged until it is answered."""
        self._beat_at_ms = self.world.now_ms + self._beat_ms
        if self._offline:
            return
        yield self._latency()
        if self._outgoing is None:
            self._outgoing, self.unsaid = {"played": self.unsaid}, []
        status, answer = self.send(**self._outgoing)
        if status == 409:
            yield from self._resume(answer)
            return
        assert status == 200, answer
        self._outgoing = None
        self.heard(answer)
        self._beat_at_ms = self.world.now_ms + self._beat_ms
        if self._challenge and self.answers:
            yield from self._confirm()

    def close(self) -> Life:
        """Leave the page: the beacon carries what is still unsaid."""
        yield self._latency()
        body = {"sequence": self.sequence + 1, "nonce": self.nonce, "played": self.unsaid, "visible": True}
        self.client.post(
            f"/learn/leases/{self.lease}/close/", {"body": json.dumps({**body, "position_ms": self.position_ms})}
        )
        self.unsaid = []

    def _resume(self, answer: dict[str, Any]) -> Life:
        """The lease fell silent while the network was away: the same device goes on with it."""
        assert answer.get("end_reason") == "expired", answer
        yield self._latency()
        status, told = self.ask_for_lease(take_over=False, resume={"lease": self.lease, "nonce": self.nonce})
        assert status in {200, 201}, told
        self._begin(told)
        yield from self.say()

    def _confirm(self) -> Life:
        """Read the question, think, choose; one in ten slips at first."""
        slips = self.random.random() < 0.1
        while self._challenge:
            asked = self._challenge
            yield self.random.randint(3_000, 12_000)
            right = PresenceChallenge.objects.get(pk=asked["id"]).answer
            others = [choice["key"] for choice in asked["choices"] if choice["key"] != right]
            key, slips = (others[0], False) if slips else (right, False)
            _status, answer = self.post(
                f"/learn/leases/{self.lease}/challenge/", {"challenge": asked["id"], "key": key, "nonce": self.nonce}
            )
            assert answer["result"] in {"passed", "again"}, answer
            self._challenge = answer["challenge"]
        self._rest()

    @property
    def _offline(self) -> bool:
        return self.world.now_ms < self.offline_until_ms

    def _latency(self) -> int:
        return self.random.randint(20, 400)

    def _rest(self) -> None:
        """Nothing was played for a while: the next heartbeat is due a beat from now."""
        self._beat_at_ms = self.world.now_ms + self._beat_ms

    def _play(self, milliseconds: int, until_ms: int) -> None:
        end = min(until_ms, self.seat.media_ms, self.position_ms + int(milliseconds * self.rate))
        if end > self.position_ms:
            self.unsaid.append([self.position_ms, end])
            self.true = self.true.union(Intervals.from_pairs([[self.position_ms, end]]))
        self.position_ms = max(end, self.position_ms)
