"""What tests of people share: places to choose from, and a clean count of knocks at open doors."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from lms.people import places
from lms.people.places import Place

PLACES = (
    Place("110000", "北京市", "Beijing"),
    Place("310000", "上海市", "Shanghai"),
    Place("310101", "黄浦区", "Huangpu"),
    Place("310115", "浦东新区", "Pudong"),
)


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(places, "_sources", [lambda: PLACES])
    cache.clear()
    yield
    cache.clear()
