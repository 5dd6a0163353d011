"""Devices: the learning factory uses one phone for everybody, which the rules would rightly question."""

from collections.abc import Iterator
from unittest import mock

import pytest

from tests.factories import learning


@pytest.fixture(autouse=True)
def _a_phone_each() -> Iterator[None]:
    original = learning.leased

    def own_phone(enrolment, lesson=None, *, device="", **more):
        return original(enrolment, lesson, device=device or f"phone of {enrolment.person_id}", **more)

    with mock.patch.object(learning, "leased", own_phone):
        yield
