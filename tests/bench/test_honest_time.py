"""What the benchmark of honest time tells, of a few people and a short recording."""

import pytest

from lms.bench.seeds import honest_time
from tests.simulator.kinds import KINDS
from tests.simulator.world import START


@pytest.mark.django_db
def test_every_kind_is_told_with_what_was_true_and_what_was_credited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(honest_time, "RECORDING_SECONDS", 120)
    figures = honest_time.seed(requests=1, now=START).of
    kinds = figures["extra"]["kinds"]
    assert tuple(kinds) == KINDS
    steady, edited, shared = kinds["steady"], kinds["edits_seconds"], kinds["shares_device"]
    assert steady["true_seconds"] == 120
    assert 118.8 <= steady["credited_seconds"] <= 120
    assert edited["credited_seconds"] < edited["believed_seconds"] == 120
    assert (shared["people"], shared["share_flagged"]) == (2, 1.0)
    assert all(kind["heartbeats_above_time"] == 0 for kind in kinds.values())
    assert figures["n"] > len(KINDS)
    assert figures["peers"]["believes_the_browser"]["n"] == figures["n"]
