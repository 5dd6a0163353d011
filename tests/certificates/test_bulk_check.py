"""A workbook of serials, row by row: what each is worth, what is wrong with a row, who may ask, and what is on record."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from certificates.models import Certificate
from certificates.services import bulk_check, revoke_certificate
from lms.audit.models import AuditEvent
from lms.documents.workbooks import Sheet, write
from lms.people.models import Role
from tests.factories import people
from tests.factories.certificates import SYSTEM, course_certificate, holder, refused

pytestmark = pytest.mark.django_db
PAGE = "certificates:bulk_check"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def issued(name: str = "欧阳秋月", region: str = people.PUDONG, **ago: int) -> Certificate:
    return course_certificate(holder(name=name, region=region), now=timezone.now() - timedelta(**ago))


def handed(*rows: tuple[Any, ...], titles: tuple[str, ...] = ("证书编号", "姓名")) -> SimpleUploadedFile:
    content = write(sheets=[Sheet("证书", titles, rows)])
    return SimpleUploadedFile("证书.xlsx", content)


def auditor(region: str = people.SHANGHAI) -> Any:
    return people.acting(people.officer(Role.BUREAU_AUDITOR, region))


def asked(*rows: tuple[Any, ...], actor: Any = None) -> list[bulk_check.Answer]:
    return bulk_check.check_serials(file=handed(*rows), actor=actor or auditor(), now=timezone.now())


def bureau_client(role: str = Role.BUREAU_AUDITOR) -> Client:
    client = Client()
    client.force_login(people.officer(role), backend="lms.people.backends.SignInBackend")
    return client


def test_each_row_by_what_it_is_worth() -> None:
    good, old, bad = issued(days=5), issued("王芳", days=365 * 3), issued("李娜", days=5)
    revoke_certificate(
        certificate=bad, code="fraud", reason="代考", authority="人社局", actor=SYSTEM, now=timezone.now()
    )
    answers = asked((good.serial.lower().replace("-", " "), "欧阳秋月"), (old.serial, ""), (bad.serial, ""))
    assert [answer.verdict.status.value for answer in answers if answer.verdict] == ["valid", "expired", "revoked"]
    assert answers[2].verdict
    assert str(answers[2].verdict.reason) == "弄虚作假取得"
    assert [answer.row for answer in answers] == [2, 3, 4]


def test_what_is_wrong_with_a_row_is_named() -> None:
    good = issued()
    last = "A" if good.serial[-1] != "A" else "B"
    answers = asked(
        (f"{good.serial[:-1]}{last}", ""),
        ("ANN-2026-310000-0000042-L", ""),
        ("沪人社证 12345", ""),
        ("", "王芳"),
        (good.serial, "王小芳"),
        (good.serial, "欧阳秋月"),
    )
    assert [answer.problem for answer in answers] == [
        *("serial_mistyped", "serial_unknown", "serial_malformed", "serial_missing", "name_differs", ""),
    ]
    assert [answer.same_as for answer in answers] == [None, None, None, None, None, 6]


def test_elsewhere_no_more_than_the_public_page() -> None:
    here, there = issued(), issued("诸葛晓彤", region="330281")
    answers = asked((here.serial, ""), (there.serial, ""))
    assert [answer.holder for answer in answers] == ["欧阳秋月", "诸葛**"]
    assert [answer.whole for answer in answers] == [True, False]


def test_an_identity_number_in_the_column_of_serials_is_masked() -> None:
    number = people.resident_number()
    assert number not in str(asked((number, "")))


def test_who_asked_about_how_many_is_on_record_and_each_holder_sees_it() -> None:
    one, two = issued(), issued("王芳")
    asked((one.serial, ""), (two.serial, ""), (one.serial, ""))
    event = AuditEvent.objects.get(verb="certificates.checked_in_bulk")
    assert event.changes == {"rows": 3, "found": 3, "persons": 2}
    looked_up = AuditEvent.objects.filter(verb="person.looked_up").values_list("person_id", flat=True)
    assert set(looked_up) == {one.person_id, two.person_id}


def test_few_queries_for_many_rows(django_assert_max_num_queries: Any) -> None:
    certificate, actor = issued(), auditor()
    rows = [(certificate.serial, "")] + [(f"ANN-2026-310000-{n:07d}-X", "") for n in range(300)]
    with django_assert_max_num_queries(10):
        asked(*rows, actor=actor)


def test_more_rows_than_one_file_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_check, "MAX_ROWS", 2)
    response = bureau_client().post(reverse(PAGE), {"file": handed(("a",), ("b",), ("c",), titles=("证书编号",))})
    assert response.status_code == 422
    assert "最多 2 行" in response.content.decode()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (handed(("王芳",), titles=("姓名",)), "证书编号"),
        (handed(titles=("证书编号",)), "没有要核验的证书编号"),
        (SimpleUploadedFile("a.xlsx", b"MZ\x90"), "内容不是可接受的文件"),
    ],
    ids=["no column", "no rows", "no workbook"],
)
def test_refused_files(file: SimpleUploadedFile, words: str) -> None:
    file.seek(0)
    response = bureau_client().post(reverse(PAGE), {"file": file})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_on_the_page_what_needs_attention() -> None:
    good, old = issued(), issued("王芳", days=365 * 3)
    client = bureau_client()
    text = client.post(reverse(PAGE), {"file": handed((good.serial, ""), (old.serial, "")), "as": "page"}).content
    assert "有效 1 行，需要留意 1 行" in text.decode()
    assert old.serial in text.decode()
    assert good.serial not in text.decode()


def test_as_a_workbook_every_row() -> None:
    good, there = issued(), issued("诸葛晓彤", region="330281")
    response = bureau_client().post(
        reverse(PAGE), {"file": handed((good.serial, ""), ("=1+1", ""), (there.serial, "")), "as": "workbook"}
    )
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert [row[1:3] for row in rows[1:]] == [[good.serial, "有效"], ["=1+1", "无法核验"], [there.serial, "有效"]]
    assert rows[1][-1].endswith(f"/verify/{good.token}/")
    assert there.token not in str(rows)
    blank = bureau_client().get(reverse("certificates:bulk_check_template"))
    assert (
        CalamineWorkbook.from_filelike(io.BytesIO(blank.content)).get_sheet_by_index(0).to_python()[0][0] == "证书编号"
    )


def test_so_many_files_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    client = bureau_client()
    answers = [client.post(reverse(PAGE)) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert answers[-1]["Retry-After"] == "60"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COLLEGE_PUBLISHER, Role.INSTITUTION_MANAGER])
def test_nobody_else(role: str) -> None:
    actor = replace(auditor(), role=role)
    with refused("role_required"):
        asked(("ANN-2026-310000-0000042-L", ""), actor=actor)
