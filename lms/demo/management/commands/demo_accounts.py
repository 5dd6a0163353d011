"""``manage.py demo_accounts [--all] [--code USERNAME]``: who can sign in to the demonstration, and with what."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from lms.demo.accounts import PASSWORD, Account, account, accounts, code_of, refuse_in_production
from lms.demo.population import load_people
from lms.people.context_processors import ITEMS
from lms.people.models import Role, User
from lms.rules.refusals import Refusal

# One of each role, with something to see: the first table a newcomer reads.
SHOWN = (
    *("zhouruoning", "wangfang", "wang"),
    *("guminglan", "tangshuyan", "luzhixing"),
    *("baoyiming", "mixiulan", "qiupei"),
    *("liuwenzhi", "meiyunzhong"),
    *("fangshouzheng", "jiqinghe", "shenhuaijin"),
)


class Command(BaseCommand):
    help = "Print who can sign in to the demonstration; the codes of second factors are those of this half minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="every account, not one of each role")
        parser.add_argument("--code", metavar="USERNAME", help="print only the present code of this account")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_in_production()
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["code"]:
            self.stdout.write(self._code(options["code"]))
            return
        chosen = accounts() if options["all"] else tuple(one for name in SHOWN if (one := account(name)))
        names = [one.username for one in chosen]
        there = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        rows = [_row(one) for one in chosen if one.username in there]
        if not rows:
            self.stdout.write(_("没有演示账号：先运行 manage.py demo_data。"))
            return
        head = (_("用户名"), _("姓名"), _("角色"), _("机构"), _("工作台"), _("验证码"))
        for line in _table([head, *rows]):
            self.stdout.write(line)
        self.stdout.write("")
        self.stdout.write(_("口令都是 %(password)s") % {"password": PASSWORD})
        self.stdout.write(_("验证码每 30 秒更换一次：manage.py demo_accounts --code 用户名"))
        if not options["all"]:
            self.stdout.write(_("全部 %(count)d 个账号：manage.py demo_accounts --all") % {"count": len(accounts())})

    def _code(self, username: str) -> str:
        one = account(username)
        if one is None:
            raise CommandError(_("没有这个演示账号。"))
        if not one.needs_code:
            raise CommandError(_("这个账号不需要验证码。"))
        return code_of(one.username)


def _row(one: Account) -> tuple[str, ...]:
    """What somebody needs to sign in, and where they land."""
    people = load_people()
    bodies = {body.slug: body.name for body in (*people.colleges, *people.institutions, *people.bureaus)}
    acting = max(one.roles, key=list(Role.values).index)  # the most responsible role acts first
    return (
        one.username,
        one.entry.name,
        "、".join(str(Role(role).label) for role in one.roles),
        bodies[one.organisation],
        reverse(ITEMS[acting][0][1]),
        code_of(one.username) if one.needs_code else "",
    )


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Columns side by side; a Chinese character takes two places."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
