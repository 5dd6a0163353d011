"""``record_statement``: a learning fact is one xAPI statement, however often it is told, and names nobody."""

import json
import threading
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.db import connections, transaction

from lms.audit.append_only import RewriteRefused
from lms.xapi.building import VERBS, account, build
from lms.xapi.models import Delivery, Statement
from lms.xapi.services import Fact, record_statement, record_statements, statement_id
from tests.factories.ledger import NOON, learner

pytestmark = pytest.mark.django_db
ENROLMENT = uuid.UUID("01a1ffac-0557-77a8-b8ff-2099f5f61c0e")


def fact(**changes: Any) -> Fact:
    given: dict[str, Any] = {
        "verb": "completed",
        "person": changes.pop("person", None) or learner(),
        "activity_id": "/releases/1/lessons/2",
        "activity_name": "安全睡眠",
        "registration": ENROLMENT,
        "key": "completed:1",
    }
    return Fact(**(given | changes))


def test_a_fact_becomes_a_statement() -> None:
    person = learner()
    row = record_statement(fact=fact(person=person, result={"completion": True}), now=NOON)
    data = Statement.objects.get(pk=row.pk).data
    assert data["actor"] == account(str(person.pk))
    assert data["verb"]["id"] == "http://adlnet.gov/expapi/verbs/completed"
    assert data["object"]["id"].endswith("/releases/1/lessons/2")
    assert data["object"]["definition"]["name"] == {"zh-Hans": "安全睡眠"}
    assert data["context"]["registration"] == str(ENROLMENT)
    assert (data["result"], data["version"]) == ({"completion": True}, "1.0.3")
    assert datetime.fromisoformat(data["timestamp"]) == NOON
    assert (row.person_id, row.registration, row.id) == (person.pk, ENROLMENT, statement_id("completed:1"))


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"voided"}))
def test_every_verb_has_its_iri_and_word(verb: str) -> None:
    data = build(fact(verb=verb), now=NOON)
    assert data["verb"]["id"].startswith("http")
    assert data["verb"]["display"]["zh-Hans"]


def test_played_speaks_the_video_profile() -> None:
    result = {"duration": 61.5, "played_segments": [[0, 12.34], [14, 21.0001]]}
    data = build(fact(verb="played", result=result, parent_id="/releases/1"), now=NOON)
    assert data["result"]["duration"] == "PT01M01.5S"
    assert data["result"]["extensions"] == {
        "https://w3id.org/xapi/video/extensions/played-segments": "0[.]12.34[,]14[.]21",
        "https://w3id.org/xapi/video/extensions/time": 21.0,
    }
    assert data["context"]["contextActivities"]["category"][0]["id"] == "https://w3id.org/xapi/video"
    assert data["context"]["contextActivities"]["parent"][0]["id"].endswith("/releases/1")


def test_score_and_success() -> None:
    score = {"raw": 8.0, "max": 10.0, "scaled": 0.8}
    data = build(fact(verb="passed", result={"success": True, "score": score}), now=NOON)
    assert data["result"] == {"success": True, "score": score}


def test_voided_points_at_the_statement_and_is_said_by_the_house() -> None:
    person = learner()
    first = record_statement(fact=fact(person=person), now=NOON)
    data = build(fact(person=person, verb="voided", voids=first.pk, key="voided:1"), now=NOON)
    assert data["object"] == {"objectType": "StatementRef", "id": str(first.pk)}
    assert data["actor"] == account("platform")


def test_neither_name_nor_phone_leaves_the_house() -> None:
    person = learner(name="欧阳春晓")
    person.phone = "13800000000"
    text = json.dumps(build(fact(person=person), now=NOON), ensure_ascii=False)
    assert "欧阳春晓" not in text
    assert "13800000000" not in text


@pytest.mark.parametrize(
    "wrong", [{"verb": "guessed"}, {"verb": "voided"}, {"voids": ENROLMENT}, {"result": {"mood": "good"}}]
)
def test_what_has_no_word_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="statement"):
        record_statement(fact=fact(**wrong), now=NOON)
    assert not Statement.objects.exists()


def test_told_twice_is_one_statement_and_the_first_stays() -> None:
    person = learner()
    first = record_statement(fact=fact(person=person), now=NOON)
    again = record_statement(fact=fact(person=person, activity_name="别的"), now=NOON)
    assert again == first
    assert again.data == Statement.objects.get().data
    assert again.data["object"]["definition"]["name"]["zh-Hans"] == "安全睡眠"


def test_many_facts_cost_the_same_as_one(django_assert_num_queries: Any) -> None:
    person = learner()
    facts = [fact(person=person, key=f"answered:{number % 20}", verb="answered") for number in range(30)]
    with django_assert_num_queries(5):  # savepoint, look, insert, look again, release
        rows = record_statements(facts=facts, now=NOON)
    assert len(rows) == 30
    assert Statement.objects.count() == 20


def test_it_is_part_of_the_callers_transaction() -> None:
    person = learner()

    def broken() -> None:
        with transaction.atomic():
            record_statement(fact=fact(person=person), now=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert not Statement.objects.exists()


def test_statements_are_never_rewritten() -> None:
    row = record_statement(fact=fact(), now=NOON)
    with pytest.raises(RewriteRefused):
        row.save()


def test_without_an_external_lrs_nothing_is_queued(settings: Any) -> None:
    settings.EXTERNAL_LRS_URL = ""
    record_statement(fact=fact(), now=NOON)
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_telling_the_same_fact_at_once(settings: Any) -> None:
    settings.EXTERNAL_LRS_URL = "http://127.0.0.1:9/xapi/"
    person, barrier, rows = learner(), threading.Barrier(4), []

    def tell() -> None:
        barrier.wait()
        try:
            rows.append(record_statement(fact=fact(person=person), now=NOON).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert rows == [statement_id("completed:1")] * 4
    assert Statement.objects.count() == Delivery.objects.count() == 1
