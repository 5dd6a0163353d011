"""The editor of a sheet: looked at before it is published, on the page and on paper; its history; its pictures."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import CertificateType, TemplatePicture, TemplateVersion
from certificates.samples import NAMES
from certificates.services import ensure_types
from lms.people.models import Organisation
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import design, drawing, picture, post_type, published
from tests.factories.certificates import NOON, SYSTEM, bureau
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def college(client: Client) -> Organisation:
    packs_loaded()
    college = people.college(name="浦东开放大学")
    client.force_login(people.manager_of(college))
    return college


@pytest.fixture
def kind(college: Organisation) -> CertificateType:
    return post_type(college, released_course(college=college))


def sent(kind: CertificateType, *, after: int = 0, **more: Any) -> dict[str, Any]:
    look = design(kind)
    fields = {"after": after, "orientation": look.orientation, "language": look.language, "accent": look.accent}
    return {**fields, "border": "on", "hours": "on", **look.texts, **more}


def at(name: str, kind: CertificateType, *more: Any) -> str:
    return reverse(f"certificates:{name}", args=[kind.pk, *more])


def test_looked_at_first_then_published(client: Client, kind: CertificateType) -> None:
    page = client.get(at("template", kind)).content.decode()
    assert "现用系统版式" in page
    assert page.count('class="sheet sheet--landscape sheet--celadon"') == len(NAMES)
    for name, _why in NAMES:
        assert f'class="sheet__holder size-{1 if len(name) < 9 else 2}">{name}</p>' in page
    looked = client.post(at("template", kind), sent(kind, look="1", accent="plum")).content.decode()
    assert "sheet--plum" in looked
    assert not TemplateVersion.objects.exists()
    live = client.post(at("template_preview", kind), sent(kind, body="已达到{post}的要求")).content.decode()
    assert "已达到保育人员的要求" in live
    assert "<form" not in live
    done = client.post(at("template", kind), sent(kind, publish="1", accent="plum", note="换颜色"), follow=True)
    assert "换颜色" in done.content.decode()
    assert TemplateVersion.objects.get().accent == "plum"
    again = client.post(at("template", kind), sent(kind, publish="1", accent="plum"))
    assert again.status_code == 422
    assert "没有发布新版" in again.content.decode()
    assert TemplateVersion.objects.count() == 1


def test_what_is_wrong_is_told_where_it_is_written(client: Client, kind: CertificateType) -> None:
    wrong = sent(kind, publish="1", body="学完{course}")
    answer = client.post(at("template", kind), wrong)
    assert answer.status_code == 422
    assert "没有这样的字段：{course}" in answer.content.decode()
    assert "没有这样的字段：{course}" in client.post(at("template_preview", kind), wrong).content.decode()
    assert client.post(at("template_sample", kind), wrong).status_code == 422
    filled = client.post(at("template", kind), sent(kind, publish="1", body="字" * 300, body_en="word " * 99))
    assert "纸面放不下" in filled.content.decode()
    empty = client.post(at("template", kind), sent(kind, publish="1", heading=""))
    assert empty.status_code == 422
    assert not TemplateVersion.objects.exists()


def test_on_paper_it_is_a_specimen(client: Client, kind: CertificateType) -> None:
    answer = client.post(at("template_sample", kind), sent(kind, sample="1"))
    assert (answer.headers["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"/ByteRange" not in answer.content, "a specimen is not signed"
    assert "样张" in client.get(at("template", kind)).content.decode()


def test_history_and_going_back(client: Client, kind: CertificateType, college: Organisation) -> None:
    assert "设计第一版" in client.get(at("template_versions", kind)).content.decode()
    published(kind, college, accent="indigo", note="首版")
    published(kind, college, accent="plum", note="第二回")
    history = client.get(at("template_versions", kind)).content.decode()
    assert history.index("第二回") < history.index("首版")
    assert "sheet--indigo" in client.get(at("template_version", kind, 1)).content.decode()
    assert client.get(at("template_version_sample", kind, 1)).content[:5] == b"%PDF-"
    assert client.get(at("template_version", kind, 3)).status_code == 404
    back = client.get(at("template", kind), {"from": "1"}).content.decode()
    assert "sheet--indigo" in back
    assert 'name="after" value="2"' in back
    for wrong in ("9", "x", "１"):
        assert client.get(at("template", kind), {"from": wrong}).status_code == (404 if wrong == "9" else 200)


def test_pictures_are_uploaded_and_chosen(client: Client, kind: CertificateType, college: Organisation) -> None:
    address = reverse("certificates:pictures")
    assert "还没有图片" in client.get(address).content.decode()
    assert client.post(address, {"name": "公章", "file": drawing()}).status_code == 302
    refused = client.post(address, {"name": "假的", "file": drawing("seal.gif")})
    assert refused.status_code == 422
    seal = TemplatePicture.objects.get()
    shown = client.get(reverse("certificates:picture", args=[seal.pk]))
    assert (shown.headers["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    assert "immutable" in shown.headers["Cache-Control"]
    page = client.post(at("template_preview", kind), sent(kind, seal=str(seal.pk))).content.decode()
    assert f'src="{reverse("certificates:picture", args=[seal.pk])}"' in page
    other = picture(people.college())
    assert client.get(reverse("certificates:picture", args=[other.pk])).status_code == 404
    assert client.post(at("template", kind), sent(kind, publish="1", seal=str(other.pk))).status_code == 422


def test_an_approver_designs_the_years_sheet_of_the_city(client: Client) -> None:
    packs_loaded()
    annual = ensure_types(actor=SYSTEM, now=NOON)[1]
    health = bureau()
    client.force_login(people.officer("bureau_approver"))
    assert "上海市" in client.get(at("template", annual)).content.decode()
    client.post(at("template", annual), sent(annual, publish="1", accent="bronze"))
    assert TemplateVersion.objects.get().issuer == health
    client.force_login(people.officer("bureau_approver", "110000"))
    assert client.get(at("template", annual)).status_code == 404


def test_the_rules_of_the_sheet_follow_the_frame(client: Client) -> None:
    answer = client.get(reverse("certificates:sheet_style"))
    style = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "width: calc(297 * var(--mm))" in style
    assert "font-size: calc(34 * 0.3528 * var(--mm))" in style
    for paper in ("@page", "mm;", "pt;", "Document Serif"):
        assert paper not in style


def test_a_handful_of_queries(
    client: Client, kind: CertificateType, college: Organisation, django_assert_max_num_queries: Any
) -> None:
    for accent in ("indigo", "plum", "ink"):
        published(kind, college, accent=accent)
    for address in (reverse("certificates:types"), at("template", kind), at("template_versions", kind)):
        with django_assert_max_num_queries(14):
            client.get(address)
