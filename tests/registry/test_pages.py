"""The registrar's pages: from the decision to the list, and what others find there (nothing)."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from lms.audit.models import AuditEvent
from lms.registry.models import BanCase, CaseState
from lms.registry.services import is_barred
from lms.registry.services.steps import latest
from tests.factories import people, registry
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    packs_loaded()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown_on(page: str) -> str:
    """What the page says that it shows, as the browser sends it back."""
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "number": "沪卫禁字〔2026〕77号",
        "authority": "上海市卫生健康委员会",
        "decided_on": "2026-03-02",
        "facts_on": "2026-01-15",
        "facts_category": "abuse",
        "legal_basis": "《托育机构管理规范》第三十条",
        "region_code": "310000",
        "decision_file": registry.decision_file(),
        **changes,
    }


def test_from_the_decision_to_the_list() -> None:
    employer = people.institution()
    manager = people.employed(institution=employer, post="institution_head").person
    culprit = people.employed(institution=employer, manager=manager).person
    first, second = signed_in(registry.registrar()), signed_in(registry.confirming())

    answer = first.post(reverse("registry:create"), decision())
    case = BanCase.objects.get()
    assert answer.headers["Location"] == reverse("registry:add_subject", args=[case.pk])
    number = people.services.identity_numbers(culprit)[0]
    who = {
        "name": culprit.name,
        "document_type": "resident_id",
        "document_number": number.canonical,
        "role": "perpetrator",
        "kind": "lifetime",
        "from_date": "2026-03-02",
    }
    found = first.post(answer.headers["Location"], {**who, "find": "1"}).content.decode()
    assert "系统中有这个证件的持有人" in found
    assert number.canonical not in found.replace(f'value="{number.canonical}"', "")
    assert AuditEvent.objects.filter(verb="person.looked_up", person_id=culprit.pk).exists()
    assert first.post(answer.headers["Location"], who).status_code == 302

    page = first.get(reverse("registry:case", args=[case.pk])).content.decode()
    assert manager.name in page
    assert number.canonical not in page
    first.post(reverse("registry:add_manager", args=[case.pk, manager.pk]))
    first.post(reverse("registry:submit", args=[case.pk]))

    page = second.get(reverse("registry:confirm", args=[case.pk])).content.decode()
    assert "2 人列入禁入名单" in page
    assert "2 段在职任职将立即通知用人单位" in page
    read = {"read": "on", "shown": shown_on(page)}
    assert second.post(reverse("registry:confirm", args=[case.pk]), read).status_code == 302
    assert is_barred(culprit, registry.ENTERED.date())
    assert is_barred(manager, registry.ENTERED.date())


@pytest.mark.parametrize(
    "missing", ["number", "authority", "decided_on", "facts_on", "facts_category", "legal_basis", "decision_file"]
)
def test_the_form_can_not_be_half_right(missing: str) -> None:
    given = {key: value for key, value in decision().items() if key != missing}
    answer = signed_in(registry.registrar()).post(reverse("registry:create"), given)
    assert answer.status_code == 422
    assert not BanCase.objects.exists()


def test_a_passport_asks_for_the_birth_date_or_for_the_word_that_there_is_none() -> None:
    case, client = registry.drafted_case(), signed_in(registry.registrar())
    url = reverse("registry:add_subject", args=[case.pk])
    who = {"name": "SMITH JOHN", "document_type": "passport", "document_number": "L8812345", "role": "perpetrator"}
    terms = {"kind": "lifetime", "from_date": "2026-03-02"}
    answer = client.post(url, who | terms)
    assert answer.status_code == 422
    assert "这种证件的号码中没有出生日期" in answer.content.decode()
    assert client.post(url, {**who, **terms, "birth_date_unknown": "on"}).status_code == 302
    other = {**who, "document_number": "L8812346", "birth_date": "1985-06-07"}
    assert client.post(url, other | terms).status_code == 302
    assert case.subjects.filter(birth_date="1985-06-07").count() == 1


def test_a_file_that_is_no_document_is_refused() -> None:
    wrong = registry.decision_file("决定书.pdf", b"MZ this is a program")
    answer = signed_in(registry.registrar()).post(reverse("registry:create"), decision(decision_file=wrong))
    assert answer.status_code == 422
    assert not BanCase.objects.exists()


def test_the_same_officer_is_told_so_on_the_page() -> None:
    officer = registry.confirming()
    people.services.grant_role(
        user=officer, role="registrar", organisation=people.bureau(), actor=people.system(), now=people.LONG_AGO
    )
    case = registry.drafted_case()
    registry.subject_of(case, people.person())
    from lms.registry import services

    services.submit_case(case=case, actor=people.acting(officer, "registrar"), now=registry.ENTERED)
    answer = signed_in(officer).post(reverse("registry:confirm", args=[case.pk]), {"read": "on"})
    assert answer.status_code == 422
    assert "另一位工作人员" in answer.content.decode()


def test_confirming_without_having_read_is_refused() -> None:
    case = registry.submitted_case(people.person())
    answer = signed_in(registry.confirming()).post(reverse("registry:confirm", args=[case.pk]), {})
    assert answer.status_code == 422
    assert latest(case).state == CaseState.SUBMITTED


def test_given_back_with_the_reason() -> None:
    case = registry.submitted_case(people.person())
    signed_in(registry.confirming()).post(reverse("registry:return", args=[case.pk]), {"return-reason": "文号有误"})
    assert "文号有误" in signed_in(registry.registrar()).get(reverse("registry:case", args=[case.pk])).content.decode()


def test_appeal_and_annulment() -> None:
    case = registry.case_in_force(people.person())
    first, second = signed_in(registry.registrar()), signed_in(registry.confirming())
    first.post(reverse("registry:appeal", args=[case.pk]), {"reason": "本人申请复议"})
    assert latest(case).state == CaseState.UNDER_APPEAL
    file = registry.decision_file("复议决定.pdf")
    first.post(reverse("registry:annul", args=[case.pk]), {"reason": "复议撤销", "overturning_file": file})
    assert latest(case).state == CaseState.ANNULMENT_PROPOSED
    page = second.get(reverse("registry:confirm_annulment", args=[case.pk])).content.decode()
    assert "撤销原决定" in page
    second.post(reverse("registry:confirm_annulment", args=[case.pk]), {"read": "on", "shown": shown_on(page)})
    assert latest(case).state == CaseState.ANNULLED


def test_officers_of_another_region_find_nothing() -> None:
    case = registry.submitted_case(people.person())
    client = signed_in(registry.confirming(people.BEIJING))
    document = case.documents.get().document_id
    for name, args in (("case", [case.pk]), ("confirm", [case.pk]), ("document", [case.pk, document])):
        assert client.get(reverse(f"registry:{name}", args=args)).status_code == 404
    assert case.number not in client.get(reverse("registry:home")).content.decode()


@pytest.mark.parametrize("role", ["bureau_auditor", "bureau_approver", "administrator"])
def test_other_officers_may_not(role: str) -> None:
    client = signed_in(people.officer(role))
    assert client.get(reverse("registry:home")).status_code == 403
    assert client.get(reverse("registry:create")).status_code == 403


def test_nobody_sees_it_without_signing_in() -> None:
    assert "/accounts/" in Client().get(reverse("registry:home")).headers["Location"]


def test_the_decision_is_served_as_received() -> None:
    case = registry.drafted_case()
    document = case.documents.get().document
    answer = signed_in(registry.registrar()).get(reverse("registry:document", args=[case.pk, document.pk]))
    assert answer.content == registry.PDF
    assert "decision.pdf" in answer.headers["Content-Disposition"]


def test_searched_filtered_exported() -> None:
    wanted = registry.case_in_force(people.person(name="赵可寻"))
    other = registry.drafted_case()
    client = signed_in(registry.registrar())
    page = client.get(reverse("registry:home"), {"q": "可寻"}).content.decode()
    assert wanted.number in page
    assert other.number not in page
    page = client.get(reverse("registry:home"), {"state": "draft"}).content.decode()
    assert other.number in page
    assert wanted.number not in page
    workbook = client.get(reverse("registry:home"), {"format": "xlsx"})
    assert workbook.content.startswith(b"PK")


def test_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    cases = [registry.case_in_force(people.person(), people.person()) for _ in range(3)]
    submitted = registry.submitted_case(people.person())
    first, second = signed_in(registry.registrar()), signed_in(registry.confirming())
    for client, name, args in (
        (first, "home", []),
        (first, "case", [cases[0].pk]),
        (second, "confirm", [submitted.pk]),
        (first, "create", []),
    ):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(reverse(f"registry:{name}", args=args)).status_code == 200
