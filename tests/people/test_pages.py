"""Pages of those signed in: who sees what, and how many queries it takes."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from lms.audit.services import record
from lms.people import services
from lms.people.context_processors import ITEMS
from lms.people.models import ApiKey, Message, Organisation, Qualification, Role, User
from lms.people.services.proofs import attach_proofs
from tests.factories import people as make
from tests.people.test_qualifications import record as enter_qualification

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MOST_QUERIES = 15


def look_up(user: User, institution: Organisation, outcome: str = "clear") -> None:
    assert user.person is not None
    record(
        verb="person.looked_up",
        actor=make.acting(make.manager_of(institution)),
        now=make.LONG_AGO,
        subject=user.person,
        person_id=user.person_id,
        changes={"purpose": "hiring", "institution": institution.name, "outcome": outcome},
    )


@pytest.mark.parametrize("role", list(Role.values))
def test_home_leads_to_the_first_page_of_the_role(client: Client, role: str) -> None:
    if role == Role.PRACTITIONER:
        user = make.practitioner()
    elif role.startswith("institution"):
        user = make.member(make.institution(), role)
    elif role.startswith("college"):
        user = make.member(make.college(), role)
    else:
        user = make.officer(role)
    client.force_login(user)
    expected = reverse("people:profile")
    for _label, name, _icon in ITEMS[role]:
        try:
            expected = reverse(name)
            break
        except NoReverseMatch:
            continue
    assert client.get(reverse("home")).headers["Location"] == expected


def test_pages_want_a_sign_in(client: Client) -> None:
    for name in (
        "home",
        "people:profile",
        "people:lookups",
        "people:inbox",
        "people:organisation",
        "people:admissions",
    ):
        location = client.get(reverse(name)).headers["Location"]
        assert location.startswith(reverse("account_login")), name


def test_the_profile_masks_and_tells(client: Client) -> None:
    number = make.resident_number()
    user = make.practitioner(name="欧阳秋月", document_number=number)
    assert user.person is not None
    make.employed(institution=make.institution(name="小树苗托育中心"), person=user.person)
    enter_qualification(user.person)
    client.force_login(user)
    page = client.get(reverse("people:profile")).content.decode()
    assert number not in page
    assert number[-4:] in page
    assert all(text in page for text in ("欧阳秋月", "浦东新区", "小树苗托育中心", "待核验"))


def test_contact_and_qualification_are_entered_on_their_pages(client: Client) -> None:
    user = make.practitioner()
    client.force_login(user)
    client.post(reverse("people:contact"), {"phone": "13711112222", "email": "a@example.cn"})
    user.refresh_from_db()
    assert (user.phone, user.email) == ("13711112222", "a@example.cn")
    taken = make.practitioner(phone="13611112222")
    response = client.post(reverse("people:contact"), {"phone": taken.phone, "email": ""})
    assert "phone" in response.context["form"].errors
    form = {"kind": "baoyushi", "number": "A1", "issued_on": "2023-05-01", "issuer": "上海市人社局", "level": ""}
    client.post(reverse("people:add_qualification"), form)
    assert Qualification.objects.get().person == user.person


def test_who_looked_me_up_shows_only_mine(client: Client) -> None:
    user, other = make.practitioner(), make.practitioner()
    look_up(user, make.institution(name="甲托育园"))
    look_up(other, make.institution(name="乙托育园"), outcome="review")
    client.force_login(user)
    page = client.get(reverse("people:lookups")).content.decode()
    assert "甲托育园" in page
    assert "拟录用" in page
    assert "乙托育园" not in page
    filtered = client.get(reverse("people:lookups"), {"purpose": "volunteer"}).content.decode()
    assert "甲托育园" not in filtered
    workbook = client.get(reverse("people:lookups"), {"format": "xlsx"})
    assert workbook.content.startswith(b"PK")


def test_the_inbox_is_ones_own(client: Client) -> None:
    user, other = make.practitioner(), make.practitioner()
    services.tell(user=user, code="x", title="证书已签发", url="/me/", now=make.LONG_AGO)
    services.tell(user=user, code="x", title="外站", url="https://elsewhere.example/", now=make.LONG_AGO)
    first, second = Message.objects.filter(user=user).order_by("pk")
    client.force_login(other)
    assert "证书已签发" not in client.get(reverse("people:inbox")).content.decode()
    assert client.post(reverse("people:read", args=[first.pk])).status_code == 404
    client.force_login(user)
    assert client.post(reverse("people:read", args=[first.pk])).headers["Location"] == "/me/"
    assert client.post(reverse("people:read", args=[second.pk])).headers["Location"] == reverse("people:inbox")
    first.refresh_from_db()
    assert first.read_at
    assert client.get(reverse("people:read", args=[first.pk])).status_code == 405


def test_the_queue_holds_the_region_and_the_kind(client: Client) -> None:
    near, far = make.applicant(region=make.PUDONG, name="浦东园"), make.applicant(region=make.BEIJING, name="北京园")
    college = make.applicant(kind="college", region=make.SHANGHAI, name="上海院")
    client.force_login(make.officer(Role.REGISTRAR))
    page = client.get(reverse("people:admissions")).content.decode()
    assert "浦东园" in page
    assert "北京园" not in page
    assert "上海院" not in page
    for hidden in (far, college):
        assert client.get(reverse("people:admission", args=[hidden.pk])).status_code == 404
    detail = reverse("people:admission", args=[near.pk])
    assert "reason" in client.post(detail, {"decision": "refuse", "reason": ""}).context["form"].errors
    client.post(detail, {"decision": "admit"})
    near.refresh_from_db()
    assert near.status == "admitted"
    assert "浦东园" not in client.get(reverse("people:admissions")).content.decode()
    assert client.get(reverse("people:admissions"), {"status": "admitted", "format": "xlsx"}).status_code == 200


def test_documents_open_to_the_bureau_and_the_applicant_only(client: Client) -> None:
    waiting = make.applicant()
    files = [SimpleUploadedFile("证.pdf", PDF)]
    attach_proofs(organisation=waiting, files=files, actor=make.system(), now=make.LONG_AGO)
    address = reverse("people:proof", args=[waiting.pk, waiting.proofs.get().pk])
    allowed = (make.officer(Role.REGISTRAR), make.manager_of(waiting))
    refused = (make.officer(Role.REGISTRAR, make.BEIJING), make.officer(Role.BUREAU_APPROVER), make.practitioner())
    for user in allowed:
        client.force_login(user)
        response = client.get(address)
        assert response.content == PDF
        assert response.headers["Content-Disposition"].startswith("attachment")
    for user in refused:
        client.force_login(user)
        assert client.get(address).status_code == 404


def test_a_refused_applicant_sees_why_and_tries_again(client: Client) -> None:
    waiting = make.applicant()
    services.decide_admission(
        organisation=waiting, admit=False, reason="请补交备案回执", actor=make.system(), now=make.LONG_AGO
    )
    client.force_login(make.manager_of(waiting))
    assert "请补交备案回执" in client.get(reverse("people:application")).content.decode()
    client.post(reverse("people:application"), {"proofs": [SimpleUploadedFile("回执.pdf", PDF)]})
    waiting.refresh_from_db()
    assert waiting.status == "applied"


def test_members_and_keys_of_ones_own_organisation(client: Client) -> None:
    institution = make.institution()
    manager = make.manager_of(institution)
    client.force_login(manager)
    form = {
        "name": "李小红",
        "role": Role.INSTITUTION_CHECKER,
        "phone": "",
        "username": "lixiaohong",
        "password": make.PASSWORD,
        "password_again": make.PASSWORD,
    }
    client.post(reverse("people:add_member"), form)
    colleague = User.objects.get(username="lixiaohong")
    known = make.practitioner(username="known.user")
    grant = {"form": "grant", "grant-username": "KNOWN.user", "grant-role": Role.INSTITUTION_CHECKER}
    client.post(reverse("people:add_member"), grant)
    assert known.memberships.filter(organisation=institution).exists()
    page = client.get(reverse("people:organisation")).content.decode()
    assert "李小红" in page
    end = reverse("people:end_member", args=[colleague.memberships.get().pk])
    assert "李小红" in client.get(end).content.decode()
    client.post(end)
    assert not colleague.memberships.open(make.LONG_AGO).exists()
    created = client.post(reverse("people:create_key"), {"scope": "hiring-checks"})
    assert created.headers["Cache-Control"] == "no-store"
    key = ApiKey.objects.get()
    token = created.context["token"]
    assert token not in client.get(reverse("people:organisation")).content.decode()
    client.post(reverse("people:revoke_key", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked_at


def test_another_organisations_members_and_keys_are_not_found(client: Client) -> None:
    other = make.institution()
    row = make.member(other, Role.INSTITUTION_CHECKER).memberships.get()
    services.create_api_key(organisation=other, scope="standing", actor=make.system(), now=make.LONG_AGO)
    client.force_login(make.manager_of(make.institution()))
    assert client.post(reverse("people:end_member", args=[row.pk])).status_code == 404
    assert client.post(reverse("people:revoke_key", args=[ApiKey.objects.get().pk])).status_code == 404
    assert ApiKey.objects.get().revoked_at is None


def test_a_checker_manages_nothing(client: Client) -> None:
    institution = make.institution()
    client.force_login(make.member(institution, Role.INSTITUTION_CHECKER))
    assert reverse("people:add_member") not in client.get(reverse("people:organisation")).content.decode()
    assert client.get(reverse("people:add_member")).status_code == 403
    assert client.post(reverse("people:create_key"), {"scope": "standing"}).status_code == 403
    assert client.get(reverse("people:admissions")).status_code == 403


def test_an_administrator_makes_keys_within_the_region(client: Client) -> None:
    near, far = make.institution(), make.institution(region=make.BEIJING)
    client.force_login(make.officer(Role.ADMINISTRATOR))
    created = client.post(reverse("people:keys"), {"credit_code": near.credit_code, "scope": "standing"})
    assert created.context["token"]
    response = client.post(reverse("people:keys"), {"credit_code": far.credit_code, "scope": "standing"})
    assert "credit_code" in response.context["form"].errors
    assert near.name in client.get(reverse("people:keys")).content.decode()


def test_certificates_wait_for_those_entitled(client: Client) -> None:
    institution = make.institution()
    row = enter_qualification(make.employed(institution=institution).person)
    elsewhere = enter_qualification(make.person(region=make.BEIJING), number="B2")
    client.force_login(make.manager_of(institution))
    page = client.get(reverse("people:qualifications")).content.decode()
    assert row.number in page
    assert elsewhere.number + "</td>" not in page
    assert client.post(reverse("people:verify_qualification", args=[elsewhere.pk])).status_code == 404
    client.post(reverse("people:verify_qualification", args=[row.pk]))
    row.refresh_from_db()
    assert row.verified_at
    assert client.get(reverse("people:qualifications"), {"format": "xlsx"}).status_code == 200


def _pages() -> list[tuple[str, str]]:
    return [
        ("practitioner", "people:profile"),
        ("practitioner", "people:lookups"),
        ("practitioner", "people:inbox"),
        ("manager", "people:organisation"),
        ("manager", "people:qualifications"),
        ("manager", "people:inbox"),
        ("registrar", "people:admissions"),
        ("administrator", "people:keys"),
    ]


@pytest.mark.parametrize(("who", "name"), _pages())
def test_a_page_takes_few_queries_however_long_its_list(client: Client, who: str, name: str) -> None:
    institution = make.institution()
    users: dict[str, Any] = {
        "practitioner": make.practitioner(),
        "manager": make.manager_of(institution),
        "registrar": make.officer(Role.REGISTRAR),
        "administrator": make.officer(Role.ADMINISTRATOR),
    }
    for n in range(4):
        make.applicant()
        make.member(institution, Role.INSTITUTION_CHECKER)
        enter_qualification(make.employed(institution=institution).person, number=f"Q{n}")
        look_up(users["practitioner"], institution)
        services.tell(user=users[who], code="x", title="消息", now=make.LONG_AGO)
        services.create_api_key(organisation=institution, scope="standing", actor=make.system(), now=make.LONG_AGO)
    client.force_login(users[who])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(reverse(name)).status_code == 200
    assert len(queries) <= MOST_QUERIES, [query["sql"] for query in queries]
