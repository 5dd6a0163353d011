"""Registering one human being, in every kind of weather."""

import threading
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from lms.audit.models import AuditEvent
from lms.people import services, vault
from lms.people.models import IdentityDocument, Person, PreviousName
from lms.people.services import persons
from lms.rules.refusals import Invalid, NotAllowed, Refusal
from tests.factories import people as make

SHANGHAI_TIME = ZoneInfo("Asia/Shanghai")
NUMBER = "11010519491231002X"
OLD_FORM = "110105491231002"
WANTED = {
    "name": "欧阳秋月",
    "document_type": "resident_id",
    "document_number": NUMBER,
    "region_code": make.PUDONG,
    "now": make.LONG_AGO,
}


def register(**changes: object) -> Person:
    return services.register_person(**(WANTED | {"actor": make.system()} | changes))  # type: ignore[arg-type]


def refusal(**changes: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        register(**changes)
    return caught.value


@pytest.mark.django_db
def test_the_number_tells_birth_date_and_sex_and_rests_encrypted() -> None:
    person = register(previous_names=("欧阳小月",))
    document = person.documents.get()
    assert (person.birth_date, person.sex) == (date(1949, 12, 31), "F")
    assert NUMBER not in document.ciphertext
    assert vault.unseal(document.ciphertext, document.key_version) == NUMBER
    assert document.masked == "110***********002X"
    assert PreviousName.objects.get().name == "欧阳小月"
    event = AuditEvent.objects.get(verb="person.registered")
    assert event.person_id == person.pk
    assert "1949" not in str(event.changes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("document_type", "number"),
    [
        ("resident_id", "１１０１０５１９４９１２３１００２ｘ"),
        ("resident_id", "110105 19491231-002x"),
        ("resident_id", OLD_FORM),
        ("passport", "e12345678"),
        ("hk_macau_permit", "H12345678"),
        ("taiwan_permit", "12345678"),
        ("hk_macau_taiwan_residence", "81000019900101001" + "0"),
        ("foreign_permanent_residence", "FRA310190010112" + "x"),
    ],
)
def test_every_type_is_taken_in_the_forms_people_write(document_type: str, number: str) -> None:
    if document_type == "hk_macau_taiwan_residence":
        number = "81000019900101001" + make.check_digit("81000019900101001")
    if document_type == "foreign_permanent_residence":
        number = "93101519900101001" + make.check_digit("93101519900101001")
    person = register(document_type=document_type, document_number=number)
    found = services.find_person(document_type=document_type, document_number=number)
    assert found == person
    if document_type == "resident_id":
        assert services.find_person(document_type="resident_id", document_number=NUMBER) == person


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"document_number": "110105194912310021"}, "check_digit", "document_number"),
        ({"document_number": ""}, "empty", "document_number"),
        ({"document_number": "1101051949"}, "length", "document_number"),
        ({"document_type": "library_card"}, "document_unknown", "document_type"),
        ({"name": "=cmd"}, "formula", "name"),
        ({"name": "王"}, "too_short", "name"),
        ({"name": "王小\ue000"}, "characters", "name"),
        ({"region_code": "31"}, "region_unknown", "region_code"),
        ({"region_code": "000000"}, "region_unknown", "region_code"),
        ({"birth_date": date(1950, 1, 1)}, "birth_date_differs", "birth_date"),
        ({"sex": "M"}, "sex_differs", "sex"),
        ({"previous_names": ("王小明", "1")}, "digits", "name"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(changes: dict[str, object], code: str, field: str) -> None:
    refused = refusal(**changes)
    assert (refused.code, refused.field) == (code, field)
    assert not Person.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["𬱖小芳", "龘靐", "買買提·阿卜杜拉", "〇小妹", "Zoë O’Neil"])
def test_rare_names_are_kept_as_written(name: str) -> None:
    assert register(name=name).name == name


@pytest.mark.django_db
def test_a_document_held_by_another_gets_the_same_sentence_whoever_holds_it() -> None:
    register()
    first = refusal(name="王小明")
    again = refusal()
    old_form = refusal(document_number=OLD_FORM)
    assert {first.code, again.code, old_form.code} == {"document_held"}
    assert str(first) == str(again) == str(old_form)
    assert "欧阳" not in str(first)
    assert Person.objects.count() == IdentityDocument.objects.count() == 1


@pytest.mark.django_db
def test_a_number_alike_of_another_type_is_another_document() -> None:
    register(document_type="taiwan_permit", document_number="12345678")
    register(document_type="passport", document_number="12345678", name="林小美")
    assert Person.objects.count() == 2


@pytest.mark.django_db
def test_two_at_once_the_database_lets_one_through(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    monkeypatch.setattr(persons, "holder", lambda number: None)  # what the other request saw a moment ago
    assert refusal(name="王小明").code == "document_held"
    assert Person.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_threads_at_once_make_one_person() -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def attempt(name: str) -> None:
        gate.wait()
        try:
            register(name=name)
            outcomes.append("registered")
        except Refusal as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(name,)) for name in ("王小明", "李小红")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["document_held", "registered"]
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_killed_half_way_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(persons, "record", die)
    with pytest.raises(SystemExit):
        register()
    assert not Person.objects.exists()
    assert not IdentityDocument.objects.exists()


@pytest.mark.django_db
def test_a_birth_date_counts_by_the_day_in_shanghai() -> None:
    newborn = make.resident_number(born=date(2026, 1, 1))
    before = datetime(2025, 12, 31, 23, 59, tzinfo=SHANGHAI_TIME)
    after = datetime(2026, 1, 1, 0, 0, tzinfo=SHANGHAI_TIME)
    assert refusal(document_number=newborn, now=before).code == "birth_date"
    assert register(document_number=newborn, now=after).birth_date == date(2026, 1, 1)


@pytest.mark.django_db
def test_only_those_who_employ_or_supervise_register_others() -> None:
    college = make.college()
    with pytest.raises(NotAllowed):
        register(actor=make.acting(make.manager_of(college)))
    with pytest.raises(NotAllowed):
        register(actor=make.acting(make.practitioner()))
    assert register(actor=make.acting(make.manager_of(make.institution()))).pk


@pytest.mark.django_db
def test_no_refusal_carries_the_number() -> None:
    wrong = "110105194912310021"
    with pytest.raises(Invalid) as caught:
        register(document_number=wrong)
    assert wrong not in f"{caught.value!s} {caught.value!r} {caught.value.params}"
