"""What makes JSON from outside a statement: xAPI 1.0.3, part two, sections 2.4 and 4.

Everything kept must be readable by every other LRS, so a wrong statement is refused with the place that is wrong.
"""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import Invalid
from lms.xapi.building import VOIDED

MAX_DEPTH = 30
MAX_IRI = 300
_DURATION = re.compile(
    r"P(?=.)(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?(T(?=.)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?"
)
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_STATEMENT = {"id", "actor", "verb", "object", "result", "context", "timestamp", "stored", "authority", "version"}
_SUB = {"objectType", "actor", "verb", "object", "result", "context", "timestamp"}
_CONTEXT = {
    *("registration", "instructor", "team", "contextActivities", "revision", "platform", "language", "statement"),
    "extensions",
}
_IDENTIFIERS = {"mbox", "mbox_sha1sum", "openid", "account"}


def wrong(at: str, why: Any) -> Invalid:
    """A refusal that names the place."""
    return Invalid("statement_invalid", _("学习记录有误：%(at)s %(why)s"), status=400, field=at, at=at, why=why)


def check_statement(data: Any) -> None:
    """Refuse (``statement_invalid``, 400) what is no statement, naming the first place that is wrong."""
    statement = _object(data, "statement", _STATEMENT)
    _plain(statement, "statement")
    if "id" in statement:
        _uuid(statement["id"], "id")
    version = statement.get("version", "1.0.0")
    if not isinstance(version, str) or not re.fullmatch(r"1\.0(\.\d+)?", version):
        raise wrong("version", _("只支持 1.0 版。"))
    if "authority" in statement:
        _agent(statement["authority"], "authority")
    _core(statement, "")
    if statement["verb"]["id"] == VOIDED and statement["object"].get("objectType") != "StatementRef":
        raise wrong("object", _("作废记录必须指向另一条记录。"))


def check_agent(data: Any, at: str = "agent") -> dict[str, Any]:
    """An agent or group with exactly one identifier (a group of members may have none)."""
    _plain(data, at)
    _agent(data, at)
    agent: dict[str, Any] = data
    return agent


def parsed_time(value: Any, at: str) -> datetime:
    """A moment with its zone."""
    try:
        moment = datetime.fromisoformat(value)
        in_utc = moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise wrong(at, _("不是有效的时间。")) from None
    if moment.tzinfo is None:
        raise wrong(at, _("缺少时区。"))
    return in_utc


def parsed_uuid(value: Any, at: str) -> uuid.UUID:
    _uuid(value, at)
    return uuid.UUID(value)


def _core(data: Mapping[str, Any], at: str) -> None:
    """What statement and sub-statement share."""
    for name in ("actor", "verb", "object"):
        if name not in data:
            raise wrong(f"{at}{name}", _("缺少此项。"))
    _agent(data["actor"], f"{at}actor")
    verb = _object(data["verb"], f"{at}verb", {"id", "display"})
    _iri(verb.get("id"), f"{at}verb.id", 200)
    _languages(verb.get("display"), f"{at}verb.display")
    _target(data["object"], f"{at}object", nested=bool(at))
    if "result" in data:
        _result(data["result"], f"{at}result")
    if "context" in data:
        _context(data["context"], f"{at}context")
    for name in ("timestamp", "stored"):
        if name in data:
            parsed_time(data[name], f"{at}{name}")


def _target(data: Any, at: str, *, nested: bool) -> None:
    target = _object(data, at)
    match target.get("objectType", "Activity"):
        case "Activity":
            _activity(target, at)
        case "Agent" | "Group":
            _agent(target, at)
        case "StatementRef":
            _object(target, at, {"objectType", "id"})
            _uuid(target.get("id"), f"{at}.id")
        case "SubStatement" if not nested:
            _core(_object(target, at, _SUB), f"{at}.")
        case _:
            raise wrong(f"{at}.objectType", _("不是允许的类型。"))


def _activity(data: Any, at: str) -> None:
    activity = _object(data, at, {"objectType", "id", "definition"})
    _iri(activity.get("id"), f"{at}.id", MAX_IRI)
    if "definition" in activity:
        definition = _object(activity["definition"], f"{at}.definition")
        for name in ("name", "description"):
            _languages(definition.get(name), f"{at}.definition.{name}")
        _extensions(definition.get("extensions"), f"{at}.definition.extensions")


def _agent(data: Any, at: str) -> None:
    agent = _object(data, at, _IDENTIFIERS | {"objectType", "name", "member"})
    kind = agent.get("objectType", "Agent")
    if kind not in {"Agent", "Group"} or ("member" in agent and kind != "Group"):
        raise wrong(f"{at}.objectType", _("不是允许的类型。"))
    _text(agent.get("name"), f"{at}.name")
    found = _IDENTIFIERS & agent.keys()
    if len(found) > 1 or (not found and not (kind == "Group" and "member" in agent)):
        raise wrong(at, _("必须且只能有一个标识。"))
    for identifier in found:
        _identifier(agent[identifier], identifier, f"{at}.{identifier}")
    members = agent.get("member", [])
    if not isinstance(members, list):
        raise wrong(f"{at}.member", _("应为列表。"))
    for place, member in enumerate(members):
        if isinstance(member, dict) and member.get("objectType") == "Group":
            raise wrong(f"{at}.member.{place}", _("不是允许的类型。"))
        _agent(member, f"{at}.member.{place}")


def _identifier(value: Any, kind: str, at: str) -> None:
    if kind == "account":
        account = _object(value, at, {"homePage", "name"})
        _iri(account.get("homePage"), f"{at}.homePage", MAX_IRI)
        if not isinstance(account.get("name"), str) or not account["name"]:
            raise wrong(f"{at}.name", _("缺少此项。"))
    elif kind == "mbox":
        if not isinstance(value, str) or not re.fullmatch(r"mailto:[^\s@]+@[^\s@]+", value):
            raise wrong(at, _("应为 mailto: 地址。"))
    elif kind == "mbox_sha1sum":
        if not isinstance(value, str) or not _SHA1.fullmatch(value):
            raise wrong(at, _("不是有效的摘要。"))
    else:
        _iri(value, at, MAX_IRI)


def _result(data: Any, at: str) -> None:
    result = _object(data, at, {"score", "success", "completion", "response", "duration", "extensions"})
    for name in ("success", "completion"):
        if name in result and not isinstance(result[name], bool):
            raise wrong(f"{at}.{name}", _("应为 true 或 false。"))
    _text(result.get("response"), f"{at}.response")
    duration = result.get("duration", "PT0S")
    if not isinstance(duration, str) or not _DURATION.fullmatch(duration):
        raise wrong(f"{at}.duration", _("不是有效的时长。"))
    _extensions(result.get("extensions"), f"{at}.extensions")
    if "score" in result:
        _score(_object(result["score"], f"{at}.score", {"scaled", "raw", "min", "max"}), f"{at}.score")


def _score(score: Mapping[str, Any], at: str) -> None:
    for name, value in score.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(f"{at}.{name}", _("应为数字。"))
    low, high = score.get("min"), score.get("max")
    raw = score.get("raw")
    if not -1 <= score.get("scaled", 0) <= 1:
        raise wrong(f"{at}.scaled", _("应在 -1 与 1 之间。"))
    if low is not None and high is not None and low >= high:
        raise wrong(f"{at}.min", _("应小于最大值。"))
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        raise wrong(f"{at}.raw", _("应在最小值与最大值之间。"))


def _context(data: Any, at: str) -> None:
    context = _object(data, at, _CONTEXT)
    if "registration" in context:
        _uuid(context["registration"], f"{at}.registration")
    for name in ("instructor", "team"):
        if name in context:
            _agent(context[name], f"{at}.{name}")
    for name in ("revision", "platform", "language"):
        _text(context.get(name), f"{at}.{name}")
    _extensions(context.get("extensions"), f"{at}.extensions")
    around = _object(
        context.get("contextActivities", {}), f"{at}.contextActivities", {"parent", "grouping", "category", "other"}
    )
    for name, value in around.items():
        for activity in value if isinstance(value, list) else [value]:
            _activity(activity, f"{at}.contextActivities.{name}")
    if "statement" in context:
        reference = _object(context["statement"], f"{at}.statement", {"objectType", "id"})
        if reference.get("objectType") != "StatementRef":
            raise wrong(f"{at}.statement.objectType", _("不是允许的类型。"))
        _uuid(reference.get("id"), f"{at}.statement.id")


def _object(data: Any, at: str, allowed: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise wrong(at, _("应为对象。"))
    if allowed is not None and (unknown := sorted(data.keys() - allowed)):
        raise wrong(f"{at}.{unknown[0]}", _("不是规定的内容。"))
    return data


def _text(value: Any, at: str) -> None:
    if value is not None and not isinstance(value, str):
        raise wrong(at, _("应为文本。"))


def _languages(value: Any, at: str) -> None:
    if value is not None:
        for language, text in _object(value, at).items():
            _text(text, f"{at}.{language}")


def _extensions(value: Any, at: str) -> None:
    if value is not None:
        for key in _object(value, at):
            _iri(key, at, 2000)


def _uuid(value: Any, at: str) -> None:
    _matching(value, at, lambda text: str(uuid.UUID(text)) == text.lower(), _("不是有效的 UUID。"))


def _iri(value: Any, at: str, longest: int) -> None:
    _matching(value, at, lambda text: bool(urlsplit(text).scheme) and len(text) <= longest, _("不是有效的 IRI。"))


def _matching(value: Any, at: str, test: Callable[[str], bool], why: Any) -> None:
    try:
        good = isinstance(value, str) and test(value)
    except ValueError:
        good = False
    if not good:
        raise wrong(at, why)


def _plain(value: Any, at: str, depth: int = 0, *, null: bool = False) -> None:
    """What every database and every reader can hold: no null (but in extensions), no end of nesting, no broken text."""
    if depth > MAX_DEPTH:
        raise wrong(at, _("嵌套过深。"))
    if value is None and not null:
        raise wrong(at, _("不能为空。"))
    if isinstance(value, str):
        plain_text(value, at)
    elif isinstance(value, float) and not math.isfinite(value):
        raise wrong(at, _("应为数字。"))
    elif isinstance(value, dict):
        for key, item in value.items():
            plain_text(key, at)
            _plain(item, f"{at}.{key}", depth + 1, null=null or key == "extensions")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _plain(item, f"{at}.{place}", depth + 1, null=null)


def plain_text(text: str, at: str) -> None:
    """Refuse NUL, which PostgreSQL can't hold, and half a character, which nobody can write down."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise wrong(at, _("含有无法保存的字符。"))
