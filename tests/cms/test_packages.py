"""Courseware from elsewhere: looked through before it is unpacked, frozen under its hash, shown where it can do no harm."""

import io
import stat
import time
import zipfile
from typing import Any

import pytest
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse

from cms import unpacking
from cms.content import PackageContent
from cms.models import CoursePackage, CoursePage
from cms.services import add_package, approve, retire_package
from courses.learning.views.packages import SALT, address_of
from lms.people.models import Organisation, User
from lms.rules.refusals import Refusal
from tests.factories import learning, people
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    MANIFEST,
    NOW,
    a_package_file,
    a_reading,
    acting_as,
    approver,
    author,
    drafted_course,
    editor_data,
    submitted_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db

PAGE = "<html><head></head><body>课件</body></html>"


@pytest.fixture
def writer(db: None) -> User:
    packs_loaded()
    return author()


def _college(writer: User) -> Organisation:
    return writer.memberships.get().organisation


def _add(writer: User, file: Any = None, title: str = "洗手互动课件") -> CoursePackage:
    file = file or a_package_file()
    return add_package(college=_college(writer), title=title, file=file, actor=acting_as(writer), now=NOW)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_it_is_unpacked_under_its_hash(writer: User) -> None:
    package = _add(writer)
    assert package.folder == f"packages/{package.sha256}"
    assert (package.kind, package.entry, package.files) == ("html5", "index.html", 2)
    assert storages["default"].open(f"{package.folder}/js/app.js").read() == b"document.title = 1"


def test_the_same_file_again_is_the_same_package_offered_again(writer: User) -> None:
    first = _add(writer)
    retire_package(package=first, actor=acting_as(writer), now=NOW)
    again = _add(writer, title="另一个名字")
    assert again.pk == first.pk
    assert again.retired_at is None
    assert CoursePackage.objects.count() == 1


def test_scorm_says_where_it_begins(writer: User) -> None:
    files = {"imsmanifest.xml": MANIFEST, "start.html": PAGE, "other.html": PAGE}
    package = _add(writer, a_package_file(files))
    assert (package.kind, package.entry) == ("scorm", "start.html")


def test_a_folder_around_everything_and_litter_are_left_away(writer: User) -> None:
    files = {"课件/index.html": PAGE, "课件/a.css": "", "__MACOSX/课件/._a.css": "x", "课件/.DS_Store": "x"}
    package = _add(writer, a_package_file(files))
    assert (package.entry, package.files) == ("index.html", 2)


def test_chinese_names_as_windows_packs_them(writer: User) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", PAGE)
        archive.writestr("aaaa.png", b"x")
    raw = out.getvalue().replace(b"aaaa.png", "洗手".encode("gb18030") + b".png")
    package = _add(writer, ContentFile(raw, name="a.zip"))
    assert storages["default"].exists(f"{package.folder}/洗手.png")


def _linked() -> ContentFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", PAGE)
        link = zipfile.ZipInfo("secret.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return ContentFile(out.getvalue(), name="linked.zip")


def _locked() -> ContentFile:
    raw = bytearray(a_package_file({"index.html": PAGE}).read())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return ContentFile(bytes(raw), name="locked.zip")


def _cut() -> ContentFile:
    return ContentFile(a_package_file().read()[:-30], name="cut.zip")


def _flipped() -> ContentFile:
    raw = bytearray(a_package_file({"index.html": PAGE * 50}).read())
    raw[60] ^= 0xFF
    return ContentFile(bytes(raw), name="flipped.zip")


def _misnamed() -> ContentFile:
    raw = a_package_file({"index.html": PAGE, "洗.png": "x"}).read()
    return ContentFile(raw.replace("洗".encode(), b"\xff\xff\xff"), name="misnamed.zip")


def _packed_strangely() -> ContentFile:
    raw = bytearray(a_package_file({"index.html": PAGE}).read())
    raw[8] = raw[raw.index(b"PK\x01\x02") + 10] = 9  # Deflate64
    return ContentFile(bytes(raw), name="strange.zip")


def _damaged() -> ContentFile:
    raw = bytearray(a_package_file({"index.html": PAGE, "a.js": bytes(range(256)) * 50}).read())
    begin = raw.index(b"a.js") + 4
    raw[begin : begin + 6] = b"\xff" * 6
    return ContentFile(bytes(raw), name="damaged.zip")


ENTITY = '<!DOCTYPE x [<!ENTITY a "b">]>' + MANIFEST.partition("?>")[2]
BAD = {
    "no zip": (lambda: ContentFile(b"%PDF-1.7", name="a.zip"), "upload_wrong_kind"),
    "renamed": (lambda: a_package_file(name="a.mp4"), "upload_renamed"),
    "empty": (lambda: ContentFile(b"", name="a.zip"), "upload_empty"),
    "cut": (_cut, "package_broken"),
    "flipped": (_flipped, "package_broken"),
    "locked": (_locked, "package_locked"),
    "link": (_linked, "package_leads_out"),
    "up": (lambda: a_package_file({"index.html": PAGE, "../../evil.js": ""}), "package_leads_out"),
    "root": (lambda: a_package_file({"index.html": PAGE, "/etc/evil.js": ""}), "package_leads_out"),
    "drive": (lambda: a_package_file({"index.html": PAGE, "C:evil.js": ""}), "package_leads_out"),
    "backslash": (lambda: a_package_file({"index.html": PAGE, "..\\evil.js": ""}), "package_leads_out"),
    "server code": (lambda: a_package_file({"index.html": PAGE, "shell.php": ""}), "package_wrong_files"),
    "program": (lambda: a_package_file({"index.html": PAGE, "start.exe": "MZ"}), "package_wrong_files"),
    "zip in zip": (lambda: a_package_file({"index.html": PAGE, "more.zip": "PK"}), "package_wrong_files"),
    "bomb": (lambda: a_package_file({"index.html": PAGE, "a.txt": bytes(30 * 1024 * 1024)}), "package_too_large"),
    "no page": (lambda: a_package_file({"readme.txt": "x"}), "package_no_entry"),
    "no start": (lambda: a_package_file({"imsmanifest.xml": MANIFEST, "a.html": PAGE}), "package_no_entry"),
    "manifest": (lambda: a_package_file({"imsmanifest.xml": "<manifest", "a.html": PAGE}), "package_manifest"),
    "entities": (lambda: a_package_file({"imsmanifest.xml": ENTITY, "start.html": PAGE}), "package_manifest"),
    "misnamed": (_misnamed, "package_broken"),
    "packed strangely": (_packed_strangely, "package_broken"),
    "damaged": (_damaged, "package_broken"),
    "too long for a disk": (lambda: a_package_file({"index.html": PAGE, "洗" * 150 + ".png": ""}), "package_leads_out"),
    "file and folder": (lambda: a_package_file({"index.html": PAGE, "a.js": "", "a.js/b.js": ""}), "package_twice"),
    "twice by a detour": (lambda: a_package_file({"index.html": PAGE, "a.js": "", "./a.js": ""}), "package_twice"),
    "twice": (lambda: a_package_file({"index.html": PAGE, "INDEX.html": PAGE}), "package_twice"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_courseware_is_refused(writer: User, what: str) -> None:
    make, code = BAD[what]
    with pytest.raises(Refusal) as refused:
        _add(writer, make())
    assert refused.value.code == code
    assert str(refused.value)
    assert not CoursePackage.objects.exists()


def test_too_many_files_are_refused(writer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FILES_AT_MOST", 1)
    with pytest.raises(Refusal) as refused:
        _add(writer)
    assert refused.value.code == "package_too_many"


def test_a_half_left_by_an_interrupted_upload_is_made_whole(writer: User) -> None:
    file = a_package_file()
    package = _add(writer, file)
    name = f"{package.folder}/js/app.js"
    storages["default"].delete(name)
    storages["default"].save(name, ContentFile(b"docu"))
    _add(writer, a_package_file())
    assert storages["default"].open(name).read() == b"document.title = 1"


def test_the_library_form_tells_what_is_wrong(writer: User) -> None:
    client, address = _signed_in(writer), reverse("cms:packages")
    answer = client.post(address, {"title": "坏的", "file": a_package_file({"a.php": ""})})
    assert answer.status_code == 422
    assert "a.php" in answer.content.decode()
    assert client.post(address, {"title": "好的", "file": a_package_file()}).status_code == 302
    assert "好的" in client.get(address).content.decode()


def _course(writer: User, package: CoursePackage, minutes: int = 20) -> CoursePage:
    return submitted_course(writer, a_reading(45), PackageContent("互动练习", package.pk, minutes))


def test_a_release_holds_folder_and_entry_and_the_authors_minutes(writer: User) -> None:
    package = _add(writer)
    release = approve(page=_course(writer, package), actor=acting_as(approver()), now=NOW)
    lesson = release.lessons.get(kind="package")
    assert lesson.package == {"folder": package.folder, "entry": "index.html"}
    assert lesson.seconds == 20 * 60
    assert release.content_minutes == 65


def test_the_approver_is_told_that_the_minutes_are_the_authors(writer: User) -> None:
    page = _course(writer, _add(writer))
    assert "20 分钟由作者填写" in _signed_in(approver()).get(reverse("cms:preview", args=[page.pk])).content.decode()


def test_the_arithmetic_counts_packages_while_one_writes(writer: User) -> None:
    package = _add(writer)
    page = drafted_course(writer)
    editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
    block = ("package", {"title": "练习", "package": str(package.pk), "minutes": "30"})
    answer = _signed_in(writer).post(reverse("cms:hours") + f"?editor={editor}", editor_data(page, block))
    assert "内容只有 30 分钟" in answer.content.decode()


def test_a_lesson_without_its_package_can_not_be_submitted(writer: User) -> None:
    with pytest.raises(Refusal) as refused:
        submitted_course(writer, PackageContent("空", "", 45))  # type: ignore[arg-type]
    assert refused.value.code == "package_without_files"


def test_another_colleges_package_is_neither_listed_nor_opened_nor_used(writer: User) -> None:
    package = _add(writer)
    stranger = author(a_college())
    client = _signed_in(stranger)
    assert package.title not in client.get(reverse("cms:packages")).content.decode()
    for name in ("cms:package", "cms:package-preview"):
        assert client.get(reverse(name, args=[package.pk])).status_code == 404
    assert client.post(reverse("cms:package-retire", args=[package.pk])).status_code == 404
    assert _signed_in(approver("110000")).get(reverse("cms:package", args=[package.pk])).status_code == 404
    page = drafted_course(stranger, PackageContent("偷来的", package.pk, 45))
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert package.title not in editor
    with pytest.raises(Refusal) as refused:
        _course(stranger, package)
    assert refused.value.code == "foreign_package"


def test_its_files_are_served_where_they_reach_nothing(writer: User) -> None:
    package = _add(writer)
    way_in = _signed_in(writer).get(reverse("cms:package", args=[package.pk]))
    assert way_in.status_code == 302
    answer = Client().get(way_in["Location"])  # the frame has no cookie
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts allow-forms; default-src 'self'")
    assert "allow-same-origin" not in policy
    assert "allow-top-navigation" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies
    assert "package-room.js" in answer.content.decode()
    script = Client().get(way_in["Location"].replace("index.html", "js/app.js"))
    assert script["Content-Type"] == "text/javascript"
    assert b"".join(script.streaming_content) == b"document.title = 1"


@pytest.mark.parametrize(("encoding", "charset"), [("utf-8", "; charset=utf-8"), ("gb18030", "")])
def test_a_pages_encoding_is_said_where_it_is_certain(writer: User, encoding: str, charset: str) -> None:
    package = _add(writer, a_package_file({"index.html": PAGE.encode(encoding)}))
    assert Client().get(address_of(package.folder, package.entry))["Content-Type"] == f"text/html{charset}"


def test_the_word_opens_one_package_for_some_hours_and_nothing_else(
    writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _add(writer)
    address = address_of(package.folder, package.entry)
    client = Client()
    for path in ("../../releases/a.mp4", "missing.html", "js/../../x"):
        assert client.get(address.replace("index.html", path)).status_code == 404
    assert client.get(reverse("learning:package-file", args=["forged:word", "index.html"])).status_code == 404
    other = signing.dumps(package.folder, salt="another purpose")
    assert client.get(reverse("learning:package-file", args=[other, "index.html"])).status_code == 404
    monkeypatch.setattr("courses.learning.views.packages.OPEN_SECONDS", -1)
    assert client.get(address).status_code == 404
    assert signing.loads(address.split("/")[-2], salt=SALT) == package.folder


def test_a_folder_of_a_package_is_not_found(writer: User) -> None:
    package = _add(writer)
    assert Client().get(address_of(package.folder, "js")).status_code == 404


def test_a_manifest_of_very_many_items_is_read_as_fast_as_any_other(writer: User) -> None:
    many = '<item identifierref="q"/>' * 30_000 + '<resource identifier="z" href="x"/>' * 20_000
    started = time.process_time()
    with pytest.raises(Refusal):
        _add(writer, a_package_file({"imsmanifest.xml": f"<manifest>{many}</manifest>", "a.html": PAGE}))
    assert time.process_time() - started < 3


@pytest.mark.parametrize("path", ["lib-1.9", "lib-1.9/", "lib.html/"])
def test_a_folder_with_a_point_in_its_name_is_no_file(writer: User, path: str) -> None:
    files = {"index.html": PAGE, "lib-1.9/a.js": "1", "lib.html/a.js": "1"}
    package = _add(writer, a_package_file(files))
    assert Client().get(address_of(package.folder, package.entry).replace("index.html", path)).status_code == 404


def test_only_those_enrolled_find_the_way_into_a_lesson(writer: User) -> None:
    release = approve(page=_course(writer, _add(writer)), actor=acting_as(approver()), now=NOW)
    lesson = release.lessons.get(kind="package")
    address = reverse("learning:package", args=[lesson.pk, "index.html"])
    learner = people.practitioner()
    client = _signed_in(learner)
    assert client.get(address).status_code == 404
    learning.enrolled(learner.person, release)
    answer = client.get(address)
    assert answer.status_code == 302
    assert Client().get(answer["Location"]).status_code == 200
    reading = release.lessons.get(kind="reading")
    assert client.get(reverse("learning:package", args=[reading.pk, "index.html"])).status_code == 404
    assert Client().get(address).status_code == 302  # to sign in
