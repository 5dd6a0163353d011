"""Who acts, and when, while Wagtail does its part of a verb: its signals carry neither.

A verb of ``cms.services`` says so beforehand; a click in the editor is resolved from the signed-in user.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.access import approving_membership, publishing_membership, writing_membership
from lms.audit.actors import Actor
from lms.people.access import actor_of
from lms.people.models import User
from lms.rules.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class Acting:
    """``approves``: this is a bureau's approval, the only thing that may publish."""

    actor: Actor
    now: datetime
    approves: bool = False


_current: ContextVar[Acting | None] = ContextVar("acting", default=None)


def current() -> Acting | None:
    return _current.get()


def approval() -> Acting | None:
    """The approval under way, if there is one."""
    doing = _current.get()
    return doing if doing and doing.approves else None


@contextmanager
def as_(doing: Acting) -> Iterator[None]:
    token = _current.set(doing)
    try:
        yield
    finally:
        _current.reset(token)


def for_writer(user: User | None, page: Any, now: datetime) -> Acting:
    """The college's author behind a click, or a refusal."""
    membership = writing_membership(user, page.specific.college, now) if user else None
    if user is None or membership is None:
        raise NotAllowed("not_the_author", _("只有本院校的作者可以提交这门课程。"))
    return Acting(actor_of(user, membership), now)


def for_publisher(user: User | None, page: Any, now: datetime) -> Acting:
    """The college's publisher behind a click, or a refusal."""
    membership = publishing_membership(user, page.specific.college, now) if user else None
    if user is None or membership is None:
        raise NotAllowed("not_the_publisher", _("只有本院校的发布人可以复核这门课程。"))
    return Acting(actor_of(user, membership), now)


def for_approver(user: User | None, page: Any, now: datetime) -> Acting:
    """The bureau's approver behind a click, or a refusal."""
    membership = approving_membership(user, page.specific.college, now) if user else None
    if user is None or membership is None:
        raise NotAllowed("not_the_approver", _("只有院校所在地区的审批员可以审批这门课程。"))
    return Acting(actor_of(user, membership), now, approves=True)
