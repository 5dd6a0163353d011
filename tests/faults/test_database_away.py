"""A database that disappears while people work: clear answers meanwhile, and everything exactly once afterwards."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from lms.audit import services as audit
from lms.audit.models import AuditEvent
from lms.documents import archive
from lms.hiring import tasks
from lms.hiring.models import Check, CheckReceipt
from lms.people.services import create_api_key
from tests.factories import hiring, people
from tests.factories.policy import packs_loaded
from tests.faults import processes
from tests.faults.proxy import Proxy

SECONDS_AWAY = float(os.environ.get("SECONDS_AWAY", "3"))
# Three seconds to find out that nobody answers, the rest for busy cores (docs/bad-weather.md has what was measured).
ANSWERED_WITHIN = 5
ASKERS, EACH = 3, 4


class Institution:
    """An institution's own software: it asks over and over, under the same key, until it has its answer."""

    def __init__(self, address: str) -> None:
        self.body = people.institution()
        token = create_api_key(
            organisation=self.body, scope="hiring-checks", actor=people.system(), now=people.LONG_AGO
        )
        self.headers = {"Authorization": f"Bearer {token}"}
        self.address = f"{address}/api/v1/hiring-checks/"
        self.refusals: list[requests.Response] = []

    def ask_once(self, key: str, identity: dict[str, str]) -> requests.Response:
        question = {**identity, "purpose": "hiring", "consent": True}
        headers = {**self.headers, "Idempotency-Key": key}
        return requests.post(self.address, json=question, headers=headers, timeout=60)

    def ask(self, key: str, identity: dict[str, str]) -> str:
        while True:
            answer = self.ask_once(key, identity)
            if answer.status_code == 201:
                return str(answer.json()["id"])
            self.refusals.append(answer)
            time.sleep(0.2)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL: a database in this very process can not go away")
    address = urlsplit(settings.DATABASE_URL)
    door = Proxy((address.hostname or "127.0.0.1", address.port or 5432))
    yield door
    door.close()


def told_while_away(address: str, institution: Institution, identity: dict[str, str]) -> None:
    """What a visitor, someone signed in, a program and whoever watches the machine read meanwhile."""
    signed_in: dict[str, Any] = {"cookies": {"sessionid": "a" * 32}}
    for path, more in (("/verify/unknown/", {}), ("/", signed_in)):
        began = time.monotonic()
        page = requests.get(address + path, timeout=60, **more)
        assert time.monotonic() - began < ANSWERED_WITHIN, path
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "数据库暂时没有应答" in page.text
        assert "Traceback" not in page.text
    problem = institution.ask_once("while-away", identity)
    assert (problem.status_code, problem.headers["Retry-After"]) == (503, "5")
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "database_unavailable"
    assert requests.get(f"{address}/healthz", timeout=60).status_code == 200
    assert requests.get(f"{address}/readyz", timeout=60).json()["failing"] == ["database", "audit_chain"]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_doubled(proxy: Proxy, tmp_path: Path) -> None:
    packs_loaded()
    given, log = processes.environment(tmp_path, database_port=proxy.port), tmp_path / "processes.log"
    with processes.web(given, log) as address, processes.worker(given, log, hands=1):
        institution = Institution(address)
        asked = {f"key-{n}": hiring.identity_of(people.person()) for n in range(ASKERS * EACH)}
        answers: dict[str, str] = {}

        def work(keys: list[str]) -> None:
            for key in keys:
                answers[key] = institution.ask(key, asked[key])

        askers = [threading.Thread(target=work, args=(list(asked)[n::ASKERS],)) for n in range(ASKERS)]
        institution.ask("before", asked["key-0"])
        for asker in askers:
            asker.start()
        processes.wait_until(lambda: answers, log=log)
        proxy.cut()
        gone_at = time.monotonic()
        told_while_away(address, institution, asked["key-0"])
        time.sleep(max(0.0, SECONDS_AWAY - (time.monotonic() - gone_at)))
        assert len(answers) < len(asked)
        proxy.restore()
        back = processes.wait_until(
            lambda: requests.get(f"{address}/verify/unknown/", timeout=60).status_code == 404, log=log
        )
        assert back < ANSWERED_WITHIN
        for asker in askers:
            asker.join(30)
        assert answers.keys() == asked.keys()
        assert {answer.status_code for answer in institution.refusals} <= {503}

        proxy.hold()  # a network that swallows everything
        waiting = threading.Thread(target=work, args=(["silent"],))
        asked["silent"] = hiring.identity_of(people.person())
        waiting.start()
        waiting.join(1.5)
        assert waiting.is_alive()
        proxy.release()
        waiting.join(30)

        for key, check_id in answers.items():
            assert institution.ask(key, asked[key]) == check_id
        fresh = institution.ask("after", asked["key-0"])
        # Neither web server nor worker was started again.
        processes.wait_until(lambda: CheckReceipt.objects.filter(checked=fresh).exists(), log=log)

    keys = {"before", "after", *asked}
    assert set(Check.objects.values_list("idempotency_key", flat=True)) == keys
    assert Check.objects.count() == len(keys)
    assert AuditEvent.objects.filter(verb="person.looked_up").count() == len(keys)
    with time_machine.travel(timezone.now() + tasks.PATIENCE):
        tasks.sweep()
    assert CheckReceipt.objects.values("checked").distinct().count() == CheckReceipt.objects.count() == len(keys)
    for receipt in CheckReceipt.objects.select_related("document"):
        assert archive.read(receipt.document).startswith(b"%PDF-")
    audit.seal(now=timezone.now())
    assert audit.verify() == []
