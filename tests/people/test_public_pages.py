"""Welcome, registration, application: doors open to everyone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lms.people import limits
from lms.people.models import Organisation, OrganisationProof, Person, User
from lms.rules.refusals import TooMany
from tests.factories import people as make

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
REGISTRATION = {
    "name": "欧阳秋月",
    "document_type": "resident_id",
    "document_number": "１１０１０５１９４９１２３１００２ｘ",
    "phone": "13900001234",
    "region_code": make.PUDONG,
    "username": "ouyang",
    "password": make.PASSWORD,
    "password_again": make.PASSWORD,
    "consent": "on",
}


def application(**changes: object) -> dict[str, object]:
    return {
        "kind": "institution",
        "name": "浦东小树苗托育中心",
        "credit_code": make.credit_code(),
        "region_code": make.PUDONG,
        "address": "张江路 1 号",
        "contact_name": "王小明",
        "contact_phone": "13812345678",
        "username": "sapling",
        "password": make.PASSWORD,
        "password_again": make.PASSWORD,
        "proofs": [SimpleUploadedFile("登记证书.pdf", PDF), SimpleUploadedFile("备案.pdf", PDF)],
    } | changes


def test_welcome_is_open_and_leads_those_who_are_signed_in_home(client: Client) -> None:
    page = client.get(reverse("welcome")).content.decode()
    assert reverse("people:register") in page
    assert reverse("people:apply") in page
    client.force_login(make.practitioner())
    assert client.get(reverse("welcome")).headers["Location"] == reverse("home")


def test_registration_signs_in_and_goes_home(client: Client) -> None:
    page = client.get(reverse("people:register")).content.decode()
    assert '<optgroup label="上海市">' in page
    response = client.post(reverse("people:register"), REGISTRATION)
    assert response.headers["Location"] == reverse("home")
    user = User.objects.get(username="ouyang")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.person is not None
    assert user.person.region_code == make.PUDONG


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document_number": "110105194912310021"}, "document_number"),
        ({"name": "王\ue000"}, "name"),
        ({"consent": ""}, "consent"),
        ({"password": "12345678901", "password_again": "12345678901"}, "password"),
        ({"password_again": "other"}, "password_again"),
        ({"region_code": "990000"}, "region_code"),
        ({"username": "13900001234"}, "username"),
        ({"phone": "x"}, "phone"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client: Client, changes: dict[str, str], field: str) -> None:
    response = client.post(reverse("people:register"), REGISTRATION | changes)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not Person.objects.exists()


def test_a_document_held_by_somebody_is_said_without_telling_by_whom(client: Client) -> None:
    make.person(name="王小明", document_number="11010519491231002X")
    response = client.post(reverse("people:register"), REGISTRATION)
    page = response.content.decode()
    assert "这个证件号码不能登记" in page
    assert "王小明" not in page
    assert not User.objects.exists()


def test_an_application_with_documents_is_followed_by_its_account(client: Client) -> None:
    response = client.post(reverse("people:apply"), application())
    assert response.headers["Location"] == reverse("people:application")
    page = client.get(reverse("people:application")).content.decode()
    assert "待审核" in page
    assert "登记证书.pdf" in page
    assert OrganisationProof.objects.count() == 2
    assert client.get(reverse("home")).headers["Location"] == reverse("people:application")


def test_a_doubtful_credit_code_is_asked_about_once_then_taken(client: Client) -> None:
    code = make.credit_code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    response = client.post(reverse("people:apply"), application(credit_code=wrong))
    assert "credit_code" in response.context["form"].errors
    assert "credit_code_confirmed" in response.content.decode()
    assert not Organisation.objects.exists()
    client.post(reverse("people:apply"), application(credit_code=wrong, credit_code_confirmed="on"))
    assert Organisation.objects.get().credit_code_warning


def test_a_bad_document_and_nothing_is_applied_for(client: Client) -> None:
    bad = [SimpleUploadedFile("登记证书.pdf", b"MZ this is a program")]
    response = client.post(reverse("people:apply"), application(proofs=bad))
    assert "的内容不是可接受的文件" in response.content.decode()
    assert not Organisation.objects.exists()
    assert not User.objects.exists()


def test_knocking_too_often_is_refused_per_address(rf: object) -> None:
    request = rf.post("/register/")  # type: ignore[attr-defined]
    for _ in range(3):
        limits.knock(request, door="test", limit=3, seconds=60)
    with pytest.raises(TooMany):
        limits.knock(request, door="test", limit=3, seconds=60)
    other = rf.post("/register/", REMOTE_ADDR="10.0.0.9")  # type: ignore[attr-defined]
    limits.knock(other, door="test", limit=3, seconds=60)


def test_too_many_registrations_get_a_page_that_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(21):
        response = client.post(reverse("people:register"), {})
    assert response.status_code == 429
    assert "too_many" in response.content.decode()
