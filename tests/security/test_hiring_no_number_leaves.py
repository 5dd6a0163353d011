"""Identity numbers: not in an address, not in a log line, not in an exception, not in what a task is given."""

import logging
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from lms.audit import work
from tests.factories import hiring, people
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_check_leaves_no_number_behind(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packs_loaded()
    cache.clear()
    given: list[tuple[Any, ...]] = []
    monkeypatch.setattr(work, "_on_their_way", {})
    monkeypatch.setattr(work.current_app, "send_task", lambda *args, **more: given.append((*args, more)))
    person = people.person()
    identity = hiring.identity_of(person)
    client = Client()
    client.force_login(people.manager_of(people.institution()))
    with caplog.at_level(logging.DEBUG):
        answer = client.post(reverse("hiring:home"), {**identity, "purpose": "hiring", "consent": "on"})
        wrong = identity["document_number"][:17] + ("1" if identity["document_number"][17] != "1" else "2")
        client.post(
            reverse("hiring:home"), {**identity, "document_number": wrong, "purpose": "hiring", "consent": "on"}
        )
    assert answer.status_code == 200
    assert len(given) == 1
    output = capsys.readouterr()
    logged = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db.backends")
    )
    for number in (identity["document_number"], wrong):
        assert number not in str(given)
        assert number not in logged + output.out + output.err
