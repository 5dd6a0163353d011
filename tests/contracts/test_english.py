"""Who asks for English reads English: the words of the pages, not the names and titles that people gave.

The catalogue is compiled for the test, so it does not matter whether the installation's own was.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.core.cache import cache
from django.test import Client

from courses.assessment.services import imports
from lms.hiring.services import sheets
from tests.factories import people, policy

pytestmark = pytest.mark.django_db

CATALOGUE = Path(__file__).resolve().parents[2] / "locale/en/LC_MESSAGES/django.po"
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
SPOKEN = ("alt", "aria-label", "content", "data-label", "placeholder", "title")
EMPTY = {"br", "hr", "img", "input", "link", "meta", "path", "source", "track", "use", "wbr"}


class Page(HTMLParser):
    """Every text and spoken attribute of a page, without what says that it is Chinese."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[tuple[str, bool]] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in {"script", "style"} or (given.get("lang") or "").startswith("zh")
        silent = silent or bool(self._inside and self._inside[-1][1])
        if not silent:
            self.words += [value for name, value in given.items() if name in SPOKEN and value]
        if tag not in EMPTY:
            self._inside.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._inside and self._inside[-1][1]):
            self.words.append(" ".join(data.split()))


@pytest.fixture(autouse=True)
def _english(settings, tmp_path) -> None:
    target = tmp_path / "locale/en/LC_MESSAGES/django.mo"
    target.parent.mkdir(parents=True)
    polib.pofile(str(CATALOGUE)).save_as_mofile(str(target))
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    policy.packs_loaded()
    cache.clear()


def chinese_on(client: Client, address: str, **asked: str) -> list[str]:
    answer = client.get(address, **asked)
    assert answer.status_code == 200
    content = answer.content.decode()
    assert '<html lang="en"' in content
    return [words for words in Page(content).words if CHINESE.search(words)]


PUBLIC = ("/", "/accounts/login/", "/register/", "/organisations/apply/", "/verify/", "/oversight/public/", "/courses/")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_as_the_browser_asks(address):
    assert not chinese_on(Client(), address, headers={"accept-language": "en-GB,en;q=0.8"})


@pytest.mark.parametrize("address", ["/learn/", "/hours/", "/certificates/", "/me/lookups/", "/me/"])
def test_a_practitioners_pages_as_the_cookie_asks(address):
    client = Client()
    client.force_login(people.practitioner(name="Lin Xiaoman"), backend="lms.people.backends.SignInBackend")
    client.cookies["django_language"] = "en"
    assert not chinese_on(client, address)


def test_chinese_is_what_everybody_else_reads():
    content = Client().get("/", headers={"accept-language": "fr"}).content.decode()
    assert any(CHINESE.search(words) for words in Page(content.replace('lang="zh', 'data-was="zh')).words)


@pytest.mark.parametrize("columns", [imports.COLUMNS, sheets.COLUMNS], ids=["questions", "batch"])
def test_the_heading_people_are_told_is_one_that_is_read(columns):
    english = {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE)) if not entry.msgctxt}
    for column in columns:
        assert english[column.titles[0]] in column.titles
