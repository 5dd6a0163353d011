"""The inbox: what happened, why, what next. News told twice under one ``dedupe_key`` is one message.

``mail=True`` also makes a letter for those who left an e-mail address; a worker sends it (``lms.people.letters``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lms.audit.work import wake_on_commit
from lms.people.models import Letter, Membership, Message, Organisation, Person, Role, User


def tell(
    *,
    user: User,
    code: str,
    title: Any,
    body: Any = "",
    url: str = "",
    urgent: bool = False,
    dedupe_key: str | None = None,
    mail: bool = False,
    now: datetime,
) -> int:
    """Put one message into a user's inbox. ``title`` and ``body`` may be lazy translations. Returns 1."""
    return _tell(
        [user.pk],
        now,
        {"code": code, "title": str(title), "body": str(body), "url": url, "urgent": urgent, "dedupe_key": dedupe_key},
        mail,
    )


def tell_person(
    *,
    person: Person,
    code: str,
    title: Any,
    body: Any = "",
    url: str = "",
    urgent: bool = False,
    dedupe_key: str | None = None,
    mail: bool = False,
    now: datetime,
) -> int:
    """Tell a person, if they have an account. Returns how many accounts were told, 0 or 1."""
    users = User.objects.filter(person=person).values_list("pk", flat=True)
    return _tell(
        users,
        now,
        {"code": code, "title": str(title), "body": str(body), "url": url, "urgent": urgent, "dedupe_key": dedupe_key},
        mail,
    )


def tell_members(
    *,
    organisation: Organisation,
    roles: Iterable[str],
    code: str,
    title: Any,
    body: Any = "",
    url: str = "",
    urgent: bool = False,
    dedupe_key: str | None = None,
    mail: bool = False,
    now: datetime,
) -> int:
    """Tell everyone who holds one of ``roles`` in the organisation now, in one insert. Returns how many were addressed."""
    members = Membership.objects.open(now).filter(organisation=organisation).with_role(*roles)
    users = members.values_list("user_id", flat=True).distinct()
    return _tell(
        users,
        now,
        {"code": code, "title": str(title), "body": str(body), "url": url, "urgent": urgent, "dedupe_key": dedupe_key},
        mail,
    )


def tell_users(
    *,
    users: Iterable[UUID],
    code: str,
    title: Any,
    body: Any = "",
    url: str = "",
    urgent: bool = False,
    dedupe_key: str | None = None,
    mail: bool = False,
    now: datetime,
) -> int:
    """Tell some accounts (keys), in one insert: the caller hands over a batch at a time. Returns how many were addressed."""
    return _tell(
        users,
        now,
        {"code": code, "title": str(title), "body": str(body), "url": url, "urgent": urgent, "dedupe_key": dedupe_key},
        mail,
    )


def tell_administrators(*, code: str, title: Any, body: Any = "", dedupe_key: str, now: datetime) -> int:
    """Tell whoever runs the platform, by mail too. Returns how many were addressed."""
    users = Membership.objects.open(now).with_role(Role.ADMINISTRATOR).values_list("user_id", flat=True).distinct()
    return tell_users(users=users, code=code, title=title, body=body, dedupe_key=dedupe_key, mail=True, now=now)


@dataclass(frozen=True, slots=True)
class News:
    """One thing that one person of many is told."""

    person_id: UUID
    title: Any
    body: Any = ""
    dedupe_key: str | None = None


def tell_persons(*, code: str, news: Iterable[News], url: str = "", now: datetime) -> int:
    """Tell persons what is news for them, if they have an account; all of it in one insert. How many were told."""
    by_person: dict[UUID, list[News]] = {}
    for one in news:
        by_person.setdefault(one.person_id, []).append(one)
    accounts = User.objects.filter(person__in=list(by_person)).values_list("pk", "person_id")
    messages = [
        Message(
            user_id=user_id,
            created_at=now,
            code=code,
            title=str(one.title),
            body=str(one.body),
            url=url,
            dedupe_key=one.dedupe_key,
        )
        for user_id, person_id in accounts
        for one in by_person[person_id]
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    return len(messages)


@dataclass(frozen=True, slots=True)
class BodyNews:
    """What one organisation of many is told."""

    organisation_id: UUID
    title: Any
    body: Any = ""
    dedupe_key: str | None = None


def tell_bodies(
    *,
    roles: Iterable[str],
    code: str,
    news: Iterable[BodyNews],
    url: str = "",
    urgent: bool = False,
    mail: bool = False,
    now: datetime,
) -> int:
    """``tell_members`` for many organisations, each with its own words, in one insert. How many were addressed."""
    by_body = {one.organisation_id: one for one in news}
    members = Membership.objects.open(now).filter(organisation__in=list(by_body)).with_role(*roles)
    messages = [
        Message(
            user_id=user_id,
            created_at=now,
            code=code,
            title=str(by_body[body_id].title),
            body=str(by_body[body_id].body),
            url=url,
            urgent=urgent,
            dedupe_key=by_body[body_id].dedupe_key,
        )
        for user_id, body_id in members.values_list("user_id", "organisation_id").distinct()
        if body_id is not None
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    if mail and messages:
        _write_letters([message.pk for message in messages], now)
    return len(messages)


def mark_read(*, user: User, message: Message | None = None, now: datetime) -> int:
    """Mark one message of the user read, or all of them. Returns how many were unread."""
    unread = Message.objects.filter(user=user, read_at=None)
    if message is not None:
        unread = unread.filter(pk=message.pk)
    return unread.update(read_at=now)


def _tell(users: Iterable[UUID], now: datetime, news: dict[str, Any], mail: bool) -> int:
    messages = [Message(user_id=user, created_at=now, **news) for user in users]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    if mail and messages:
        _write_letters([message.pk for message in messages], now)
    return len(messages)


def _write_letters(messages: list[UUID], now: datetime) -> None:
    """Letters for what was news: a message that was told before has its letter, or never had one."""
    told = Message.objects.filter(pk__in=messages, user__is_active=True).exclude(user__email="")
    letters = [Letter(message_id=key, next_attempt_at=now) for key in told.values_list("pk", flat=True)]
    if letters:
        Letter.objects.bulk_create(letters)
        wake_on_commit("lms.people.tasks.post")
