"""A reading shows everything it was written with: in the preview from the library, in the release from frozen files."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.images.models import Image

from cms.content import ReadingContent
from cms.drafts import preview_lessons
from cms.models import CollegePage
from cms.services import approve
from lms.people.models import User
from tests.factories import learning, people
from tests.factories.cms import NOW, a_picture, a_text, acting_as, approver, author, submitted_course, text_of
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(db: None) -> User:
    cache.clear()  # Wagtail remembers pictures by numbers that the next test gives to others
    packs_loaded()
    return author()


def _everything(writer: User) -> tuple[ReadingContent, Image, Document]:
    collection = CollegePage.objects.get(organisation=writer.memberships.get().organisation).collection
    image = Image.objects.create(title="图", file=a_picture(), collection=collection)
    document = Document.objects.create(title="表", file=a_picture("table.pdf"), collection=collection)
    blocks: tuple[dict[str, Any], ...] = (
        {"type": "heading", "text": "为什么 <b>仰卧</b>"},
        {"type": "paragraph", "text": text_of(45)},
        {"type": "list", "ordered": True, "items": ("第一", "第二")},
        {"type": "callout", "tone": "danger", "title": "危险", "text": "不要\n俯卧"},
        {"type": "table", "caption": "巡视记录", "header": ("时间", "姿势"), "rows": (("十二点", "仰卧"),)},
        {"type": "practice", "title": "演练", "minutes": 3, "steps": ("放下",)},
        {"type": "image", "image": image.pk, "description": "一张床", "caption": "图注"},
        {"type": "download", "document": document.pk, "title": "巡视表"},
        {"type": "reusable", "text": a_text(writer).pk},
    )
    return ReadingContent("安全睡眠", blocks), image, document


EXPECTED = (
    "<h3>为什么 &lt;b&gt;仰卧&lt;/b&gt;</h3>",
    "<ol><li>第一</li><li>第二</li></ol>",
    'class="callout callout--danger"',
    "不要<br>俯卧",
    "<caption>巡视记录</caption>",
    '<th scope="col">姿势</th>',
    "<td>仰卧</td>",
    "练习 3 分钟",
    'alt="一张床"',
    "<figcaption>图注</figcaption>",
    ">巡视表</a>",
    "拨打 120",
)


def test_everything_is_in_the_preview_and_in_the_release(writer: User) -> None:
    reading, _image, _document = _everything(writer)
    page = submitted_course(writer, reading)
    shown = preview_lessons(page)[0]["body"]
    frozen = approve(page=page, actor=acting_as(approver()), now=NOW).lessons.get().body
    for words in EXPECTED:
        assert words in shown
        assert words in frozen


def test_frozen_pictures_and_downloads_outlive_the_library(writer: User) -> None:
    reading, image, document = _everything(writer)
    release = approve(page=submitted_course(writer, reading), actor=acting_as(approver()), now=NOW)
    image.delete()
    document.delete()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', release.lessons.get().body)
    assert len(addresses) == 2
    learner = people.practitioner()
    learning.enrolled(learner.person, release)
    client = Client()
    client.force_login(learner)
    for address in addresses:
        assert address.startswith(reverse("catalogue:file", args=["x"])[:-2])
        assert client.get(address).status_code == 200
