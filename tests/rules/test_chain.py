import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import chain

payloads = st.dictionaries(
    st.text(max_size=4), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6)), max_size=4
)


def links(payload_list: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    previous, made = chain.GENESIS, []
    for payload in payload_list:
        previous = chain.link(previous, payload)
        made.append((previous, payload))
    return made


def test_canonical_text() -> None:
    class Kind(StrEnum):
        SKILLS = "skills"

    beijing = timezone(timedelta(hours=8))
    payload = {
        "on": date(2026, 12, 31),
        "at": datetime(2026, 12, 31, 23, 59, tzinfo=beijing),
        "kind": Kind.SKILLS,
        "hours": Decimal("1.50"),
        "id": UUID(int=1),
        "名": ("王", None, True, 3),
    }
    assert chain.canonical(payload) == (
        '{"at":"2026-12-31T15:59:00.000000+00:00","hours":"1.50",'
        '"id":"00000000-0000-0000-0000-000000000001","kind":"skills","on":"2026-12-31","名":["王",null,true,3]}'
    )


def test_what_is_read_back_from_json_hashes_the_same() -> None:
    payload = {"at": datetime(2026, 1, 1, tzinfo=UTC), "minutes": 45, "hours": Decimal("1.0")}
    assert chain.digest(json.loads(chain.canonical(payload))) == chain.digest(payload)


@pytest.mark.parametrize("value", [1.5, {1, 2}, datetime(2026, 1, 1), b"bytes", object()])
def test_what_has_no_canonical_form(value: object) -> None:
    with pytest.raises(TypeError):
        chain.canonical({"value": value})


def test_an_unbroken_chain() -> None:
    assert chain.first_broken(links([{"a": 1}, {"a": 2}])) is None
    assert chain.first_broken([]) is None


def test_a_chain_that_goes_on_from_a_known_head() -> None:
    whole = links([{"a": 1}, {"a": 2}, {"a": 3}])
    assert chain.first_broken(whole[1:], previous_hash=whole[0][0]) is None
    assert chain.first_broken(whole[1:]) == 0


@given(st.lists(payloads, min_size=1, max_size=6), st.data())
def test_the_first_changed_row_is_named(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    made = links(rows)
    at = data.draw(st.integers(0, len(rows) - 1))
    recorded, payload = made[at]
    made[at] = (recorded, {**payload, "changed": "yes"})
    assert chain.first_broken(made) == at


@given(st.lists(payloads, min_size=2, max_size=6, unique_by=chain.canonical), st.data())
def test_a_missing_or_swapped_row_is_found(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    made = links(rows)
    at = data.draw(st.integers(0, len(rows) - 2))
    assert chain.first_broken(made[:at] + made[at + 1 :]) == at
    assert chain.first_broken([*made[:at], made[at + 1], made[at], *made[at + 2 :]]) == at
