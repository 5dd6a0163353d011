"""Colleges and institutions apply."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lms.audit.models import AuditEvent
from lms.people import services, signals
from lms.people.models import Membership, Organisation, OrganisationStatus, Role, User
from lms.people.services.proofs import attach_proofs
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def apply(**changes: object) -> Organisation:
    wanted = {
        "kind": "institution",
        "name": "浦东小树苗托育中心",
        "credit_code": make.credit_code(),
        "region_code": make.PUDONG,
        "contact_name": "王小明",
        "contact_phone": "13812345678",
        "username": "sapling",
        "password": make.PASSWORD,
        "now": make.LONG_AGO,
    }
    return services.apply_organisation(**(wanted | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "role"),
    [("institution", "institution_manager"), ("college", "college_publisher"), ("training_base", "college_publisher")],
)
def test_it_waits_and_its_account_may_not_act_yet(kind: str, role: str) -> None:
    heard: list[object] = []
    signals.membership_granted.connect(heard.append, weak=False, dispatch_uid="test")
    organisation = apply(kind=kind)
    signals.membership_granted.disconnect(dispatch_uid="test")
    assert organisation.status == OrganisationStatus.APPLIED
    assert Membership.objects.get(organisation=organisation).role == role
    assert not Membership.objects.open(make.LONG_AGO).exists()
    assert not heard
    assert AuditEvent.objects.get().verb == "organisation.applied"


def test_a_code_that_fails_its_check_digit_warns_and_does_not_refuse() -> None:
    code = make.credit_code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert apply(credit_code=wrong.lower()).credit_code_warning
    assert not apply(username="another", contact_phone="").credit_code_warning


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "health_bureau"}, "organisation_kind"),
        ({"kind": "circus"}, "organisation_kind"),
        ({"credit_code": "123"}, "length"),
        ({"credit_code": "I" * 18}, "characters"),
        ({"name": "=HYPERLINK(1)"}, "organisation_name"),
        ({"region_code": ""}, "region_unknown"),
        ({"contact_name": "王"}, "too_short"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(changes: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        apply(**changes)
    assert caught.value.code == code
    assert not Organisation.objects.exists()
    assert not User.objects.exists()


def test_one_credit_code_one_organisation() -> None:
    first = apply()
    with pytest.raises(Refusal) as caught:
        apply(credit_code=first.credit_code, username="second", contact_phone="")
    assert caught.value.code == "credit_code_taken"
    assert Organisation.objects.count() == User.objects.count() == 1


def test_documents_are_archived_as_handed_in() -> None:
    organisation = apply()
    actor = make.acting(User.objects.get())
    files = [SimpleUploadedFile("登记证书.pdf", PDF), SimpleUploadedFile("备案.pdf", PDF + b"2")]
    assert attach_proofs(organisation=organisation, files=files, actor=actor, now=make.LONG_AGO) == 2
    names = {proof.document.file_name for proof in organisation.proofs.all()}
    assert names == {"登记证书.pdf", "备案.pdf"}


def test_one_bad_file_and_none_is_kept() -> None:
    organisation = apply()
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", b"MZ not a document at all")]
    with pytest.raises(Refusal) as caught:
        attach_proofs(organisation=organisation, files=files, actor=make.system(), now=make.LONG_AGO)
    assert caught.value.code == "upload_wrong_kind"
    assert not organisation.proofs.exists()


def test_another_organisation_attaches_nothing() -> None:
    organisation = apply()
    stranger = make.acting(make.manager_of(make.institution()))
    with pytest.raises(Refusal) as caught:
        attach_proofs(organisation=organisation, files=[], actor=stranger, now=make.LONG_AGO)
    assert caught.value.code == "organisation_unknown"


def test_bureaus_are_entered_by_the_platform_only() -> None:
    with pytest.raises(Refusal):
        services.found_bureau(
            kind="hr_bureau",
            name="某区人社局",
            region_code=make.PUDONG,
            actor=make.acting(make.officer(Role.REGISTRAR)),
            now=make.LONG_AGO,
        )
    administrator = make.acting(make.officer(Role.ADMINISTRATOR))
    bureau = services.found_bureau(
        kind="hr_bureau", name="某区人社局", region_code=make.PUDONG, actor=administrator, now=make.LONG_AGO
    )
    assert bureau.status == OrganisationStatus.ADMITTED
    with pytest.raises(Refusal):
        services.found_bureau(
            kind="college", name="某学院", region_code=make.PUDONG, actor=administrator, now=make.LONG_AGO
        )
