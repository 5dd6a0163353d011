"""The register of issuers and bureaus: their own, found, filtered, exported; and the acts with their consequences."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from certificates import register_columns
from certificates.models import Certificate
from certificates.querysets import Status
from certificates.register_columns import COMMON, columns_of
from certificates.services import revoke_certificate, validity
from certificates.views import register
from lms.audit.models import AuditEvent
from lms.people.models import Organisation, Person
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificates import SYSTEM, annual_certificate, course_certificate, holder

pytestmark = pytest.mark.django_db
REGISTER = "certificates:register"


@pytest.fixture
def college() -> Organisation:
    return people.college(name="浦东开放大学")


def given(college: Organisation, name: str = "", **ago: int) -> Certificate:
    return course_certificate(
        holder(name=name), released_course(college=college), now=timezone.now() - timedelta(**ago)
    )


def test_a_college_sees_what_it_issued(client: Client, college: Organisation) -> None:
    mine, other = given(college), given(people.college())
    client.force_login(people.manager_of(college))
    text = client.get(reverse(REGISTER)).content.decode()
    assert mine.serial in text
    assert other.serial not in text


def test_a_bureau_sees_its_region(client: Client) -> None:
    here = annual_certificate()
    there = course_certificate(people.person(region="330281"))
    client.force_login(people.officer("bureau_auditor"))
    text = client.get(reverse(REGISTER)).content.decode()
    assert here.serial in text
    assert there.serial not in text


def test_others_may_not(client: Client) -> None:
    for user in (people.practitioner(), people.manager_of(people.institution())):
        client.force_login(user)
        assert client.get(reverse(REGISTER)).status_code == 403
        assert client.get(reverse("certificates:register_export")).status_code == 403


def test_found_by_serial_name_status_kind_and_year(client: Client, college: Organisation) -> None:
    new, old = given(college, "欧阳秋月"), given(college, "王芳", days=365 * 3)
    client.force_login(people.manager_of(college))

    def found(**asked: str) -> set[str]:
        text = client.get(reverse(REGISTER), asked).content.decode()
        return {row.serial for row in (new, old) if row.serial in text.split("<table", 1)[-1]}

    assert found(q=new.serial.lower().replace("-", " ")) == {new.serial}
    assert found(q="王芳") == {old.serial}
    assert found(status="expired") == {old.serial}
    assert found(status="valid") == {new.serial}
    assert found(status="revoked") == set()
    assert found(rule="annual_requirement") == set()
    assert found(year=str(timezone.localdate().year)) == {new.serial}
    assert found(year="abc", status="nonsense") == {new.serial, old.serial}


def test_few_queries_however_many_rows(client: Client, college: Organisation) -> None:
    for _ in range(15):
        given(college)
    client.force_login(people.manager_of(college))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(REGISTER))
    assert len(queries) <= 10
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("certificates:detail", args=[Certificate.objects.all()[0].pk]))
    assert len(queries) <= 12


def test_the_workbook_has_what_the_page_shows_and_who_took_it_is_on_record(
    client: Client, college: Organisation
) -> None:
    given(college)
    found = given(college, "王芳")
    people.employed(institution=people.institution(name="晨曦托育园"), person=found.person)
    client.force_login(people.manager_of(college))
    response = client.get(reverse("certificates:register_export"), {"q": "王芳"})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == [str(column.title) for column in COMMON]
    (line,) = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert (line["序号"], line["姓名"], line["状态"], line["工作单位"]) == (1, "王芳", "有效", "晨曦托育园")
    assert line["证书编号"] == found.serial
    assert "*" in str(line["证件号码（掩码）"])
    event = AuditEvent.objects.get(verb="certificates.exported")
    assert (event.subject_id, event.changes) == (college.pk, {"rows": 1})


def test_the_workbook_runs_no_formula_and_few_queries(client: Client, college: Organisation) -> None:
    release = released_course(college=college, title="=1+1")
    for _ in range(6):
        course_certificate(holder(), release, now=timezone.now())
    client.force_login(people.manager_of(college))
    with CaptureQueriesContext(connection) as queries:
        content = b"".join(client.get(reverse("certificates:register_export")).streaming_content)  # type: ignore[attr-defined]
    assert len(queries) <= 12
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[6] for row in rows[1:]] == ["=1+1"] * 6
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_too_long_a_register_asks_to_be_narrowed(
    client: Client, college: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "MOST_EXPORTED", 1)
    for _ in range(2):
        given(college)
    client.force_login(people.manager_of(college))
    answer = client.get(reverse("certificates:register_export"), follow=True)
    assert "一次最多导出 1 份" in answer.content.decode()
    assert not AuditEvent.objects.filter(verb="certificates.exported").exists()


def test_a_province_has_columns_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(register_columns.REGISTERS, "330000", COMMON[:3])
    assert columns_of("330281") == COMMON[:3]
    assert columns_of("310000") == columns_of("") == COMMON


def test_revoking_shows_its_consequences_first(client: Client, college: Organisation) -> None:
    certificate = given(college)
    people.employed(institution=people.institution(), person=certificate.person)
    client.force_login(people.manager_of(college))
    address = reverse("certificates:revoke", args=[certificate.pk])
    text = client.get(address).content.decode()
    assert "当前 1 家用人单位" in text
    assert "浦东开放大学" in text
    assert validity(certificate, timezone.localdate()).is_valid
    empty = client.post(address, {"code": "error", "authority": "x", "reason": ""})
    assert empty.status_code == 200
    assert validity(certificate, timezone.localdate()).is_valid
    sent = {"code": "error", "authority": "浦东开放大学", "reason": "重复签发"}
    assert client.post(address, sent).status_code == 302
    assert validity(certificate, timezone.localdate()).status is Status.REVOKED
    assert "已经撤销" in client.post(address, sent).content.decode()


def test_authors_and_auditors_read_only(client: Client, college: Organisation) -> None:
    certificate = given(college)
    author = people.member(college, "college_author")
    for user in (author, people.officer("bureau_auditor")):
        client.force_login(user)
        text = client.get(reverse("certificates:detail", args=[certificate.pk])).content.decode()
        assert "button--stop" not in text
        assert client.post(reverse("certificates:revoke", args=[certificate.pk])).status_code == 403


def test_another_colleges_certificate_is_not_found(client: Client, college: Organisation) -> None:
    certificate = given(college)
    client.force_login(people.manager_of(people.college()))
    for name in ("detail", "download", "revoke", "reinstate", "supersede", "reissue"):
        assert client.get(reverse(f"certificates:{name}", args=[certificate.pk])).status_code == 404


def test_reinstating_and_superseding(client: Client, college: Organisation) -> None:
    certificate = given(college, "王新怡")
    client.force_login(people.manager_of(college))
    revoke_certificate(
        certificate=certificate, code="error", reason="x", authority="x", actor=SYSTEM, now=timezone.now()
    )
    assert client.post(reverse("certificates:reinstate", args=[certificate.pk]), {"reason": "复核"}).status_code == 302
    Person.objects.filter(pk=certificate.person_id).update(name="王昕怡")
    page = client.get(reverse("certificates:supersede", args=[certificate.pk])).content.decode()
    assert "王新怡" in page
    assert "王昕怡" in page
    done = client.post(reverse("certificates:supersede", args=[certificate.pk]), {"reason": "姓名更正"}, follow=True)
    assert "王昕怡" in done.content.decode()
    assert Certificate.objects.get(edition=2).holder_name == "王昕怡"
