"""A body that is too large for anything is refused by what its header says, and not read."""

import json
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from lms.documents.middleware import AROUND, BodyLimitMiddleware

LIMIT = 1000


@pytest.fixture(autouse=True)
def small(settings: object, tmp_path: Path) -> None:
    settings.UPLOAD_LIMITS = {"video": LIMIT, "document": 10}  # type: ignore[attr-defined]
    (tmp_path / "refusal.html").write_text("{{ title }} {{ text }} {{ code }}")
    own = {**settings.TEMPLATES[0], "DIRS": [str(tmp_path)], "OPTIONS": {}}  # type: ignore[attr-defined]
    settings.TEMPLATES = [own]  # type: ignore[attr-defined]


class Unread:
    def read(self, *args: object) -> bytes:
        raise AssertionError("read")


def answer(path: str, length: str) -> HttpResponse:
    request: HttpRequest = RequestFactory().post(path)
    request.META["CONTENT_LENGTH"] = length
    request._stream = Unread()  # type: ignore[attr-defined]
    return BodyLimitMiddleware(lambda request: HttpResponse("passed on"))(request)


@pytest.mark.parametrize("length", ["", "0", "12", str(LIMIT + AROUND), "nonsense"])
def test_what_may_be_a_file_is_passed_on(length: str) -> None:
    assert answer("/courses/", length).content == b"passed on"


def test_two_gigabytes_get_a_page_that_says_how_much_is_taken() -> None:
    response = answer("/courses/", str(2 * 1024**3))
    assert response.status_code == 413
    for told in ("内容太大", "上传的内容太大：2.0\xa0GB", "请压缩或拆分", "upload_too_large"):
        assert told in response.content.decode()


def test_a_machine_gets_problem_details() -> None:
    response = answer("/api/v1/certificates/verify-file/", str(LIMIT + AROUND + 1))
    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(response.content)["code"] == "upload_too_large"
