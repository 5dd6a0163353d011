"""The store as an LRS: content sends statements and reads them back. Nothing kept is ever changed.

The same statement again is no news; another one under the same id is a conflict. A voided statement is no longer found,
but it is still there for whoever asks for it as voided.
"""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.keys import new_id
from lms.people.models import Person
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from lms.xapi.building import VERSION, VOIDED, account
from lms.xapi.models import Statement
from lms.xapi.services import store
from lms.xapi.validation import check_agent, check_statement, parsed_time, parsed_uuid, plain_text, wrong

MAX_BATCH = 500
PAGE = 100
# Set by the LRS, so no part of what two statements under one id must agree in (xAPI 1.0.3, part three, 2.1.2).
_NOT_COMPARED = frozenset({"id", "authority", "stored", "timestamp", "version"})


@dataclass(frozen=True, slots=True)
class Found:
    """One page of statements. ``after`` marks where the next begins, empty at the end."""

    statements: list[dict[str, Any]]
    after: str = ""


@transaction.atomic
def accept(*, statements: Sequence[Any], actor: Actor, now: datetime) -> list[uuid.UUID]:
    """Keep statements an organisation sends, all or none; their ids in order.

    Refuses what is no statement (``statement_invalid``), another one under a known id (``statement_conflict``) and
    the voiding of what the organisation did not send itself (``void_not_allowed``).
    """
    if actor.organisation_id is None:
        raise NotAllowed("organisation_required", _("只接受机构密钥提交的学习记录。"))
    if len(statements) > MAX_BATCH:
        raise Invalid("too_many_statements", _("一次最多提交 %(most)s 条。"), status=413, most=MAX_BATCH)
    rows = [_row(data, actor, now) for data in statements]
    ids = [row.pk for row in rows]
    if len(set(ids)) != len(ids):
        raise wrong("id", _("同一批中有重复的编号。"))
    _refuse_foreign_voids(rows, actor)
    kept = store(rows, now=now)
    for row in rows:
        there = kept[row.pk]
        if there.organisation_id != actor.organisation_id or _essence(there.data) != _essence(row.data):
            raise Conflict("statement_conflict", _("编号 %(id)s 下已有另一条学习记录。"), id=row.pk)
    return ids


def one(*, statement_id: uuid.UUID, voided: bool, actor: Actor) -> dict[str, Any]:
    """One statement by id; a voided one only when asked for as voided."""
    row = Statement.objects.visible_to(actor).filter(pk=statement_id).first()
    if row is None or (row.pk in _voided([row])) != voided:
        raise NotFound("statement_unknown", _("没有这条学习记录。"))
    return _data(row)


def find(*, query: Mapping[str, str], actor: Actor) -> Found:
    """A page of the statements the actor may read, newest first unless ``ascending``; voided ones are left out."""
    for name, value in query.items():
        plain_text(value, name)
    ascending = _boolean(query, "ascending")
    rows = Statement.objects.visible_to(actor).filter(_matching(query))
    if "cursor" in query:
        at, last = _cursor(query["cursor"])
        beyond, same = ("stored_at__gt", "pk__gt") if ascending else ("stored_at__lt", "pk__lt")
        rows = rows.filter(Q(**{beyond: at}) | Q(stored_at=at, **{same: last}))
    limit = _limit(query.get("limit", "0"))
    page = list(rows.order_by(*(("stored_at", "pk") if ascending else ("-stored_at", "-pk")))[: limit + 1])
    after = _marked(page[limit - 1]) if len(page) > limit else ""
    page = page[:limit]
    voided = _voided(page)
    return Found([_data(row) for row in page if row.pk not in voided], after)


def _row(data: Any, actor: Actor, now: datetime) -> Statement:
    check_statement(data)
    key = uuid.UUID(data["id"]) if "id" in data else new_id()
    sender = account(str(actor.organisation_id))
    whole = {"version": "1.0.0", "timestamp": now.isoformat()} | data
    whole |= {"id": str(key), "stored": now.isoformat(), "authority": sender}
    registration = data.get("context", {}).get("registration")
    return Statement(
        id=key,
        person_id=_person_of(data["actor"]),
        organisation_id=actor.organisation_id,
        verb=data["verb"]["id"],
        activity=_object_id(data["object"]),
        registration=uuid.UUID(registration) if registration else None,
        data=whole,
        timestamp=parsed_time(whole["timestamp"], "timestamp"),
        stored_at=now,
    )


def _object_id(target: Mapping[str, Any]) -> str:
    """The activity, or the statement referred to, that a statement is about; empty for people and sub-statements."""
    key: str = target.get("id", "")
    return str(uuid.UUID(key)) if target.get("objectType") == "StatementRef" else key


def _person_of(agent: Mapping[str, Any]) -> uuid.UUID | None:
    """The person of this site an agent stands for, if any."""
    given = agent.get("account", {})
    if given.get("homePage") != settings.PUBLIC_BASE_URL:
        return None
    try:
        key = uuid.UUID(given["name"])
    except ValueError:
        return None
    return key if Person.objects.filter(pk=key).exists() else None


def _refuse_foreign_voids(rows: Sequence[Statement], actor: Actor) -> None:
    targets = {uuid.UUID(row.activity) for row in rows if row.verb == VOIDED}
    foreign = Statement.objects.filter(pk__in=targets).exclude(organisation_id=actor.organisation_id)
    if targets and (foreign.exists() or Statement.objects.filter(pk__in=targets, verb=VOIDED).exists()):
        raise NotAllowed("void_not_allowed", _("只能作废本机构提交的学习记录。"))


def _voided(rows: Sequence[Statement]) -> set[uuid.UUID]:
    """Which of these were taken back by whoever had sent them."""
    if not rows:
        return set()
    senders = {str(row.pk): row.organisation_id for row in rows}
    voids = Statement.objects.filter(verb=VOIDED, activity__in=senders).values_list("activity", "organisation_id")
    return {uuid.UUID(target) for target, sender in voids if senders[target] == sender}


def _data(row: Statement) -> dict[str, Any]:
    data: dict[str, Any] = row.data
    return data


def _essence(data: Mapping[str, Any]) -> str:
    return json.dumps({key: value for key, value in data.items() if key not in _NOT_COMPARED}, sort_keys=True)


def _matching(query: Mapping[str, str]) -> Q:
    found = Q()
    if "verb" in query:
        found &= Q(verb=query["verb"])
    if "activity" in query:
        found &= Q(activity=query["activity"])
    if "registration" in query:
        found &= Q(registration=parsed_uuid(query["registration"], "registration"))
    if "since" in query:
        found &= Q(stored_at__gt=parsed_time(query["since"], "since"))
    if "until" in query:
        found &= Q(stored_at__lte=parsed_time(query["until"], "until"))
    if "agent" in query:
        found &= _by_agent(query["agent"])
    return found


def _by_agent(text: str) -> Q:
    try:
        agent = check_agent(json.loads(text))
    except (ValueError, RecursionError):
        raise wrong("agent", _("应为对象。")) from None
    person_id = _person_of(agent)
    if person_id:
        return Q(person_id=person_id)
    if "account" in agent:
        given = agent["account"]
        return Q(data__actor__account__homePage=given["homePage"], data__actor__account__name=given["name"])
    kind = next((kind for kind in ("mbox", "mbox_sha1sum", "openid") if kind in agent), None)
    return Q(**{f"data__actor__{kind}": agent[kind]}) if kind else Q(pk__in=[])


def _boolean(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, "false")
    if value not in {"true", "false"}:
        raise wrong(name, _("应为 true 或 false。"))
    return value == "true"


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise wrong("limit", _("应为非负整数。"))
    return min(int(text), PAGE) or PAGE


def _marked(row: Statement) -> str:
    return base64.urlsafe_b64encode(f"{row.stored_at.isoformat()}|{row.pk}".encode()).decode()


def _cursor(text: str) -> tuple[datetime, uuid.UUID]:
    try:
        at, _bar, key = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
        return parsed_time(at, "cursor"), uuid.UUID(key)
    except ValueError:
        raise wrong("cursor", _("不是有效的页码。")) from None


ABOUT = {"version": [VERSION, "1.0.2", "1.0.1", "1.0.0"], "extensions": {}}
