"""The figures of a register: by month, kind, state and district, of what one may see."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from certificates.models import Certificate
from certificates.querysets import Status
from certificates.services import revoke_certificate
from certificates.statistics import statistics
from lms.audit.models import AuditEvent
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, SYSTEM, TODAY, annual_certificate, course_certificate, holder

pytestmark = pytest.mark.django_db


def test_counted_by_month_kind_state_and_district() -> None:
    course_certificate(holder(), now=NOON - timedelta(days=40))
    revoked = course_certificate(holder())
    revoke_certificate(certificate=revoked, code="error", reason="x", authority="x", actor=SYSTEM, now=NOON)
    annual_certificate()
    found = statistics(Certificate.objects.with_status(TODAY))
    assert found.total == 3
    assert found.states == {Status.VALID: 2, Status.EXPIRED: 0, Status.REVOKED: 1, Status.SUPERSEDED: 0}
    assert found.months == [["2026-10", 1, 0, 0, 0, 1], ["2026-11", 1, 0, 1, 0, 2]]
    assert [row[-1] for row in found.kinds] == [2, 1]
    assert found.districts == [["浦东新区", 2, 0, 1, 0, 3]]


def test_the_page_and_its_workbook_count_ones_own(client: Client) -> None:
    college = people.college()
    release = released_course(college=college)
    for _ in range(3):
        course_certificate(holder(), release)
    course_certificate(holder())
    client.force_login(people.manager_of(college))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("certificates:statistics")).content.decode()
    assert len(queries) <= 10
    assert "按持证人所在地区" in page
    assert "浦东新区" in page
    content = client.get(reverse("certificates:statistics_export"), {"year": "2026"}).content
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert workbook.sheet_names == ["月份", "种类", "地区"]
    assert workbook.get_sheet_by_name("地区").to_python()[1][-1] == 3
    event = AuditEvent.objects.get(verb="certificates.counted")
    assert event.changes == {"certificates": 3, "filters": {"year": "2026"}}


def test_others_may_not(client: Client) -> None:
    for user in (people.practitioner(), people.manager_of(people.institution())):
        client.force_login(user)
        for name in ("statistics", "statistics_export", "recalls"):
            assert client.get(reverse(f"certificates:{name}")).status_code == 403
