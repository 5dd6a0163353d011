"""Each benchmark from its empty stage to its JSON, made small; and that it tells the truth when something is wrong."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lms.bench import heartbeats, runner, stage, verification
from lms.demo import own_database
from tests import migrated

# Contract: 4, Commands.
KEYS = {"name", "n", "seconds", "per_second", "p50_ms", "p99_ms", "peak_mb", "peers", "extra", "machine"}
SMALL = 6


def benched(*arguments: str) -> str:
    written = StringIO()
    call_command("bench", *arguments, stdout=written)
    return written.getvalue()


@pytest.fixture
def _migrated_before(db: None, on_sqlite: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage begins with a copy of the suite's empty tables: half a minute less."""
    seed = stage._seed

    def seed_a_copy(arguments: list[str], environment: dict[str, str]) -> None:
        migrated.lay(Path(environment["VAR_DIR"]))
        seed(arguments, environment)

    if on_sqlite:
        monkeypatch.setattr(stage, "_seed", seed_a_copy)
    else:
        monkeypatch.setattr(own_database, "TEMPLATE", migrated.template())


@pytest.mark.usefixtures("_migrated_before")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [*runner.PAGES, heartbeats.NAME, verification.NAME])
def test_one_json_object_with_the_figures_of_both_sides(name: str) -> None:
    told: dict[str, Any] = json.loads(benched(name, "--json", "--n", str(SMALL)))
    assert told.keys() >= KEYS
    assert (told["name"], told["n"]) == (name, SMALL)
    bare = told["peers"]["bare_view"]
    assert bare["n"] == SMALL
    for figures in (told, bare):
        assert figures["per_second"] > 0
        assert figures["seconds"] > 0
        assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert told["peak_mb"] > 10
    assert told["extra"]["share_of_bare_view"] > 0
    assert told["machine"]["cpus"] >= 1


@pytest.mark.usefixtures("_migrated_before")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "peers"),
    [
        ("ban_alerts", {"one_at_a_time"}),
        ("batch_check", {"one_at_a_time"}),
        ("certificates", {"one_at_a_time", "typst"}),
        ("reconcile", {"one_by_one"}),
        ("screening_quality", {"rapidfuzz"}),
        ("screening_speed", {"bare_read"}),
        ("standing", {"bare_sum", "one_by_one"}),
    ],
    ids=["ban_alerts", "batch_check", "certificates", "reconcile", "screening_quality", "screening_speed", "standing"],
)
def test_what_needs_no_server_measures_itself_beside_its_peers(name: str, peers: set[str]) -> None:
    told: dict[str, Any] = json.loads(benched(name, "--json", "--n", "40"))
    assert told.keys() >= KEYS - {"p50_ms", "p99_ms"}
    assert (told["name"], told["n"], told["peers"].keys()) == (name, 40, peers)
    for figures in (told, *told["peers"].values()):
        assert figures["per_second"] > 0
        assert figures["seconds"] > 0
    assert told["peak_mb"] > 10


def test_names_one_a_line() -> None:
    assert benched("--list").split() == [
        *("ban_alerts", "batch_check", "certificates", "heartbeats", "hiring_check_api", "home_page", "honest_time"),
        *("reconcile", "screening_quality", "screening_speed", "standing", "verification", "verification_page"),
    ]


@pytest.mark.parametrize(
    "arguments", [(), ("home_page", "--n", "0"), ("home_page", "--n", "1000001"), ("no_such_page",)]
)
def test_misspelt_calls_are_refused_before_anything_starts(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        benched(*arguments)


@pytest.mark.django_db(transaction=True)  # on PostgreSQL it makes and drops a database of its own
def test_what_went_wrong_while_seeding_is_told_and_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Path] = []

    def fail(arguments: list[str], environment: dict[str, str]) -> None:
        left.append(Path(environment["VAR_DIR"]))
        raise stage.StageError("no such table")

    monkeypatch.setattr(stage, "_seed", fail)
    with pytest.raises(CommandError, match="no such table"):
        benched("home_page", "--n", "1")
    assert left
    assert not left[0].exists()
