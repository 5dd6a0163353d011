"""Every page of every workbench, on the demonstration's data: it answers, in Chinese, with a handful of queries.

From each item of the navigation, and one step further along every link in the middle of the page. Addresses of the same
kind (a hundred courses) are tried twice, a full and a different one, not a hundred times.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from lms.demo.accounts import accounts
from lms.people.access import SESSION_MEMBERSHIP
from lms.people.context_processors import ITEMS
from lms.people.models import Membership, Role, User

AT_MOST_QUERIES, TRIED = 15, 2
EDITOR = "/cms/admin/"  # Wagtail's own pages, its own words and its own queries
# One of each role, and practitioners whose year is done, half done and broken off by a ban.
WHO = [
    *((role, None) for role in Role.values if role != Role.PRACTITIONER),
    *((Role.PRACTITIONER, name) for name in ("许静宜", "周若宁", "孙建国")),
]
ENGLISH = re.compile(r"[A-Za-z]{4,} [A-Za-z]{3,} [A-Za-z]{3,}")
BROKEN = re.compile(r"\{\{|\{%|Traceback \(most recent|^(?:None|True|False|nan|undefined)$")


_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


class _Page(HTMLParser):
    """Links in <main>, and every text a reader of Chinese sees, by node."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self._foreign = 0  # how deep the element begins that says it is English

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _VOID:
            return
        self._inside.append(tag)
        if (given.get("lang") or "").startswith("en"):
            self._foreign = self._foreign or len(self._inside)
        if tag == "a" and "main" in self._inside and given.get("href"):
            self.links.append(str(given["href"]))

    def handle_endtag(self, tag: str) -> None:
        while tag in self._inside:
            if self._inside.pop() == tag:
                break
        if len(self._inside) < self._foreign:
            self._foreign = 0

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._foreign and not {"script", "style", "code"} & set(self._inside):
            self.texts.append(" ".join(data.split()))


def read(answer: HttpResponseBase) -> _Page:
    page = _Page()
    page.feed(answer.content.decode())  # type: ignore[attr-defined]
    return page


def signed_in(role: str, name: str | None) -> Client:
    """Somebody of the demonstration, acting in ``role``."""
    named = [one for one in accounts() if role in one.roles and name in {None, one.entry.name}]
    user = User.objects.get(username=named[0].username)
    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    session = client.session
    session[SESSION_MEMBERSHIP] = str(Membership.objects.get(user=user, role=role, to_at=None).pk)
    session.save()
    return client


def visited(client: Client, role: str) -> Iterator[tuple[str, HttpResponseBase, int]]:
    """(address, answer, queries): the navigation first, then what its pages lead to."""
    first = [reverse(name) for _label, name, _icon in ITEMS[role]]
    seen, tried = set(first), Counter[str]()
    waiting = [(address, True) for address in first]
    while waiting:
        address, leads_on = waiting.pop(0)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        yield address, answer, len(queries)
        if answer.status_code == 302 and answer.headers["Location"] not in seen:
            seen.add(answer.headers["Location"])
            waiting.append((answer.headers["Location"], leads_on))
        if not leads_on or not _is_page(answer):
            continue
        for link in read(answer).links:
            found = _own(urljoin(address, link))
            kind = resolve(urlsplit(found).path).view_name if found else ""
            if found and found not in seen and tried[kind] < TRIED:
                seen.add(found)
                tried[kind] += 1
                waiting.append((found, False))


def _own(link: str) -> str:
    """An address of this site that a click asks for, without its fragment."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("/static/"):
        return ""
    return parts._replace(fragment="").geturl()


def _is_page(answer: HttpResponseBase) -> bool:
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")


def wrong_with(role: str, name: str | None) -> Iterator[str]:
    """What is wrong with any page this person reaches, by address."""
    for address, answer, queries in visited(signed_in(role, name), role):
        led_away = answer.headers.get("Location", "").startswith("/accounts/")
        if answer.status_code not in {200, 302} or led_away:
            yield f"{address}: {answer.status_code}"
        if not _is_page(answer) or address.startswith(EDITOR):
            continue
        if queries > AT_MOST_QUERIES:
            yield f"{address}: {queries} queries"
        for text in read(answer).texts:
            if ENGLISH.search(text) or BROKEN.search(text):
                yield f"{address}: {text}"
