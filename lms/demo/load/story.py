"""The load itself: the stage is set in order, the year plays, and what may be lost on the way is left to the sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lms.demo.accounts import PASSWORD, accounts
from lms.demo.load import (
    bodies,
    certifying,
    classes,
    duties,
    elsewhere,
    lists,
    matters,
    money,
    orders,
    publishing,
    screening,
    staffing,
    training,
    watching,
)
from lms.demo.load.wakeups import leave_to_the_sweeps
from lms.demo.load.world import PLATFORM, World
from lms.demo.numbers import credit_code
from lms.demo.population import load_people
from lms.people.models import Organisation, User
from lms.people.services import mark_read
from lms.policy.services import load_policy

# News older than this has been read.
READ_AFTER = timedelta(days=9)
Say = Callable[[str], None]


def is_loaded() -> bool:
    """Whether the demonstration is there: the college that speaks first in it."""
    first = load_people().colleges[0]
    code = credit_code(region=first.region, sequence=0)
    return Organisation.objects.filter(credit_code=code).exists()


def load(*, now: datetime, say: Say = lambda _line: None) -> World:
    """Load everything, or nothing. The caller has asked ``is_loaded``."""
    world = World(now=now, today=timezone.localdate(now))
    with transaction.atomic(), translation.override("zh-hans"), _quick_passwords():
        load_policy(actor=PLATFORM, now=now)
        for what, act in (
            (_("主管部门、院校和机构"), bodies.settle),
            (_("从业人员"), staffing.engage),
            (_("课程"), publishing.publish),
            (_("班次"), classes.schedule),
        ):
            act(world)
            say(what)
        certifying.plan(world)
        training.plan(world)
        screening.plan(world)
        matters.plan(world)
        lists.plan(world)
        watching.plan(world)
        money.plan(world)
        duties.plan(world)
        elsewhere.plan(world)
        orders.plan(world)
        world.agenda.add(now - READ_AFTER, partial(_read_all, world))
        played = world.agenda.play()
        say(_("一年里的 %(count)d 件事") % {"count": played})
        leave_to_the_sweeps()
    return world


def _read_all(world: World, now: datetime) -> None:
    for user in world.users.values():
        mark_read(user=user, now=now)


@contextmanager
def _quick_passwords() -> Iterator[None]:
    """A hundred accounts share one password that everybody knows: it is hashed well once, not a hundred times."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
    names = [*(one.username for one in accounts()), bodies.WAITING_USERNAME]
    User.objects.filter(username__in=names).update(password=make_password(PASSWORD))
