"""The LRS endpoint: what content may send and read, and what it may not."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from lms.audit.actors import Actor
from lms.people.models import Employment, Organisation
from lms.people.services import create_api_key
from lms.xapi.building import VOIDED, account
from lms.xapi.models import Delivery, Statement
from lms.xapi.services import Fact, record_statement
from tests.factories.ledger import NOON, learner
from tests.factories.people import college, institution

pytestmark = pytest.mark.django_db
ADDRESS = "/xapi/statements"
KEY = "6b1f9a3e-3f0b-4f55-9a55-3c1d8f0b7e21"


class Sender:
    """An organisation's content player with its key."""

    def __init__(self, organisation: Organisation, scope: str = "xapi") -> None:
        actor = Actor.system("test")
        token = create_api_key(organisation=organisation, scope=scope, actor=actor, now=timezone.now())
        self.organisation = organisation
        self.headers = {"Authorization": f"Bearer {token}", "X-Experience-API-Version": "1.0.3"}
        self.client = Client(raise_request_exception=False)

    def post(self, data: Any) -> Any:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.client.post(ADDRESS, body, content_type="application/json", headers=self.headers)

    def put(self, key: str, data: Any) -> Any:
        address = f"{ADDRESS}?statementId={key}"
        return self.client.put(address, json.dumps(data), content_type="application/json", headers=self.headers)

    def get(self, **query: str) -> Any:
        return self.client.get(ADDRESS, query, headers=self.headers)

    def ids(self, **query: str) -> list[str]:
        return [row["id"] for row in self.get(**query).json()["statements"]]


@pytest.fixture
def sender() -> Sender:
    return Sender(college())


def statement(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "actor": {"mbox": "mailto:learner@example.com"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"zh-Hans": "完成"}},
        "object": {"id": "https://example.com/activities/1"},
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def voiding(key: str) -> dict[str, Any]:
    return statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": key})


class TestKeeping:
    def test_put_keeps_one_under_its_id(self, sender: Sender) -> None:
        response = sender.put(KEY, statement())
        assert (response.status_code, response.content) == (204, b"")
        row = Statement.objects.get(pk=KEY)
        assert row.data["authority"] == account(str(sender.organisation.pk))
        assert row.data["stored"] == row.stored_at.isoformat()
        assert (row.data["version"], row.data["timestamp"]) == ("1.0.0", row.data["stored"])

    def test_post_keeps_many_and_answers_their_ids(self, sender: Sender) -> None:
        ids = sender.post([statement(id=KEY), statement()]).json()
        assert ids[0] == KEY
        assert {str(key) for key in Statement.objects.values_list("pk", flat=True)} == set(ids)

    def test_a_statement_of_a_person_here_is_known_as_theirs(self, sender: Sender) -> None:
        person = learner()
        for name, known in ((str(person.pk), person.pk), (str(uuid.uuid4()), None), ("nobody", None)):
            (key,) = sender.post(statement(actor=account(name))).json()
            assert Statement.objects.get(pk=key).person_id == known

    def test_the_same_again_is_no_news(self, sender: Sender) -> None:
        sender.put(KEY, statement())
        first = Statement.objects.get()
        again = {"object": statement()["object"], "verb": statement()["verb"], "actor": statement()["actor"]}
        assert sender.put(KEY, again).status_code == 204
        assert sender.post(statement(id=KEY.upper())).status_code == 200
        assert Statement.objects.get().data == first.data

    def test_another_one_under_the_same_id_is_a_conflict(self, sender: Sender) -> None:
        sender.put(KEY, statement())
        response = sender.put(KEY, statement(object={"id": "https://example.com/activities/2"}))
        assert (response.status_code, response.json()["code"]) == (409, "statement_conflict")
        assert Statement.objects.get().activity.endswith("/1")

    def test_nobody_takes_over_anothers_id(self, sender: Sender) -> None:
        sender.put(KEY, statement())
        assert Sender(college()).put(KEY, statement()).status_code == 409

    def test_all_or_none(self, sender: Sender) -> None:
        assert sender.post([statement(), statement(verb=None)]).status_code == 400
        sender.put(KEY, statement())
        assert sender.post([statement(), statement(id=KEY, result={"success": True})]).status_code == 409
        assert sender.post([statement(id=(twice := str(uuid.uuid4()))), statement(id=twice)]).status_code == 400
        assert Statement.objects.count() == 1

    def test_what_content_sends_is_forwarded_too(self, sender: Sender, settings: Any) -> None:
        settings.EXTERNAL_LRS_URL = "http://127.0.0.1:9/xapi/"
        sender.put(KEY, statement())
        assert str(Delivery.objects.get().statement_id) == KEY


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"actor": None}, "actor"),
        ({"actor": {"name": "无名"}}, "actor"),
        ({"actor": {"mbox": "mailto:a@b.cn", "openid": "https://b.cn/a"}}, "actor"),
        ({"actor": {"mbox": "a@b.cn"}}, "actor.mbox"),
        ({"actor": {"account": {"name": "x"}}}, "actor.account.homePage"),
        ({"verb": {"id": "completed"}}, "verb.id"),
        ({"verb": {"display": {"en": "done"}}}, "verb.id"),
        ({"object": {}}, "object.id"),
        ({"object": {"id": "https://b.cn/" + "a" * 300}}, "object.id"),
        ({"object": {"objectType": "Thing", "id": "https://b.cn/a"}}, "object.objectType"),
        ({"verb": {"id": VOIDED}}, "object"),
        ({"id": "42"}, "id"),
        ({"version": "2.0"}, "version"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-06-15T12:00:00"}, "timestamp"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
        ({"result": {"score": {"scaled": 1.1}}}, "result.score.scaled"),
        ({"result": {"score": {"raw": 11, "min": 0, "max": 10}}}, "result.score.raw"),
        ({"result": {"score": {"raw": True}}}, "result.score.raw"),
        ({"result": {"duration": "an hour"}}, "result.duration"),
        ({"result": {"success": "true"}}, "result.success"),
        ({"context": {"registration": "1"}}, "context.registration"),
        ({"context": {"contextActivities": {"sibling": []}}}, "context.contextActivities.sibling"),
        ({"context": {"extensions": {"not an iri": 1}}}, "context.extensions"),
        ({"result": {"response": None}}, "statement.result.response"),
        ({"result": {"response": "a\x00b"}}, "statement.result.response"),
        ({"result": {"response": "\ud800"}}, "statement.result.response"),
        ({"attachments": []}, "statement.attachments"),
        ({"surprise": 1}, "statement.surprise"),
    ],
)
def test_what_is_no_statement_is_refused_naming_the_place(sender: Sender, changes: dict[str, Any], place: str) -> None:
    data = statement() | changes
    if changes == {"actor": None}:
        del data["actor"]
    response = sender.post(data)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == place
    assert not Statement.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"42",
        b"\xff\xfe",
        b'{"actor": NaN}',
        json.dumps(statement()).replace('"object"', '"result": {"score": {"raw": 1e999}}, "object"').encode(),
        b"[" * 100_000,
        json.dumps(statement(context={"extensions": {"x:y": "deep"}})).replace('"deep"', "[" * 50 + "]" * 50).encode(),
    ],
)
def test_bodies_that_make_no_sense(sender: Sender, body: bytes) -> None:
    assert sender.post(body).status_code == 400
    assert not Statement.objects.exists()


def test_too_much_at_once(sender: Sender) -> None:
    assert sender.post([statement()] * 501).status_code == 413
    assert sender.post(b'"' + b"a" * (5 * 1024 * 1024) + b'"').status_code == 413


class TestReading:
    def test_one_by_id(self, sender: Sender) -> None:
        sender.put(KEY, statement())
        response = sender.get(statementId=KEY)
        assert response.json() == Statement.objects.get().data
        assert response.headers["X-Experience-API-Version"] == "1.0.3"
        assert response.headers["X-Experience-API-Consistent-Through"]
        assert sender.get(statementId=str(uuid.uuid4())).status_code == 404

    def test_filters(self, sender: Sender) -> None:
        registration = str(uuid.uuid4())
        passed = {"id": "http://adlnet.gov/expapi/verbs/passed"}
        person = learner()
        (a,) = sender.post(statement(context={"registration": registration})).json()
        (b,) = sender.post(statement(verb=passed, object={"id": "https://example.com/activities/2"})).json()
        (c,) = sender.post(statement(actor=account(str(person.pk)))).json()
        assert sender.ids(registration=registration, format="exact") == [a]
        assert sender.ids(verb=passed["id"]) == [b]
        assert sender.ids(activity="https://example.com/activities/2") == [b]
        assert sender.ids(agent=json.dumps(account(str(person.pk)))) == [c]
        assert set(sender.ids(agent=json.dumps({"mbox": "mailto:learner@example.com"}))) == {a, b}
        assert sender.ids(agent=json.dumps({"mbox": "mailto:other@example.com"})) == []

    def test_pages_in_both_directions(self, sender: Sender) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            keys = []
            for _ in range(5):
                keys += sender.post(statement()).json()
                clock.shift(timedelta(seconds=1))
        assert sender.ids() == keys[::-1]
        assert sender.ids(ascending="true", since=(NOON + timedelta(seconds=1)).isoformat()) == keys[2:]
        assert sender.ids(until=NOON.isoformat()) == [keys[0]]
        seen, page = [], sender.get(limit="2").json()
        while True:
            seen += [row["id"] for row in page["statements"]]
            if not page["more"]:
                break
            page = sender.client.get(page["more"], headers=sender.headers).json()
        assert seen == keys[::-1]

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": "-1"},
            {"limit": "many"},
            {"ascending": "yes"},
            {"since": "yesterday"},
            {"registration": "1"},
            {"agent": "{"},
            {"agent": "[]"},
            {"agent": '{"mbox": "mailto:a\\u0000@b.cn"}'},
            {"verb": "a\x00"},
            {"cursor": "???"},
            {"surprise": "1"},
            {"format": "canonical"},
            {"statementId": "1"},
            {"statementId": KEY, "verb": "x:y"},
            {"statementId": KEY, "voidedStatementId": KEY},
        ],
    )
    def test_questions_that_make_no_sense(self, sender: Sender, query: dict[str, str]) -> None:
        assert sender.get(**query).status_code == 400


class TestVoiding:
    def test_a_voided_statement_is_found_only_as_voided(self, sender: Sender) -> None:
        sender.put(KEY, statement())
        (voids,) = sender.post(voiding(KEY.upper())).json()
        assert sender.get(statementId=KEY).status_code == 404
        assert sender.get(voidedStatementId=KEY).json()["id"] == KEY
        assert sender.get(voidedStatementId=voids).status_code == 404
        assert sender.ids() == [voids]

    def test_nobody_voids_what_another_sent(self, sender: Sender) -> None:
        other = Sender(college())
        other.put(KEY, statement())
        assert sender.post(voiding(KEY)).status_code == 403
        assert other.get(statementId=KEY).status_code == 200

    def test_nobody_voids_what_the_house_recorded(self, sender: Sender) -> None:
        fact = Fact(verb="completed", person=learner(), activity_id="/a", key="1")
        assert sender.post(voiding(str(record_statement(fact=fact, now=NOON).pk))).status_code == 403

    def test_a_void_sent_ahead_by_another_has_no_effect(self, sender: Sender) -> None:
        assert Sender(college()).post(voiding(KEY)).status_code == 200
        sender.put(KEY, statement())
        assert sender.get(statementId=KEY).status_code == 200

    def test_a_void_cannot_be_voided(self, sender: Sender) -> None:
        sender.put(KEY, statement())
        (voids,) = sender.post(voiding(KEY)).json()
        assert sender.post(voiding(voids)).status_code == 403


class TestAccess:
    def test_another_organisations_statements_do_not_exist(self, sender: Sender) -> None:
        Sender(college()).put(KEY, statement())
        assert sender.get(statementId=KEY).status_code == 404
        assert sender.ids() == []

    def test_an_employer_reads_its_own_staffs(self) -> None:
        person, employer = learner(), institution()
        Employment.objects.create(person=person, institution=employer, post="caregiver", from_date=date(2025, 1, 1))
        fact = Fact(verb="completed", person=person, activity_id="/a", key="1")
        key = str(record_statement(fact=fact, now=NOON).pk)
        assert Sender(employer).ids() == [key]
        assert Sender(institution()).ids() == []

    def test_no_key_wrong_scope_and_a_session_are_not_enough(self, sender: Sender, client: Client) -> None:
        version = {"X-Experience-API-Version": "1.0.3"}
        assert client.get(ADDRESS, headers=version).status_code == 401
        assert Sender(college(), "standing").get().status_code == 403

    @pytest.mark.parametrize("version", ["", "0.95", "2.0.0", "1.1"])
    def test_the_version_is_declared(self, sender: Sender, version: str) -> None:
        sender.headers["X-Experience-API-Version"] = version
        assert sender.get().status_code == 400

    def test_about_is_for_everybody(self, client: Client) -> None:
        response = client.get("/xapi/about")
        assert response.json()["version"][0] == "1.0.3"
