"""From a learning fact to an xAPI 1.0.3 statement, built with tincan: the only door through which that library enters.

A learner is an account of this site named by the person's key: neither name nor identity number leaves the house. The
id of a statement is derived from the fact's key, so the same fact told twice is one statement, here and elsewhere.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import tincan
from django.conf import settings

from lms.people.models import Person

NAMESPACE = uuid.UUID("4f2a1f0e-6d0b-5c57-9a55-3c1d8f0b7e21")
ADL = "http://adlnet.gov/expapi/verbs"
VIDEO = "https://w3id.org/xapi/video"
VERSION = "1.0.3"
VOIDED = f"{ADL}/voided"
VERBS: Mapping[str, tuple[str, str]] = {  # the word of the code: IRI and what people read
    "initialized": (f"{ADL}/initialized", "开始学习"),
    "played": (f"{VIDEO}/verbs/played", "播放"),
    "completed": (f"{ADL}/completed", "完成"),
    "answered": (f"{ADL}/answered", "作答"),
    "passed": (f"{ADL}/passed", "通过"),
    "failed": (f"{ADL}/failed", "未通过"),
    "attended": (f"{ADL}/attended", "到课"),
    "earned": ("https://w3id.org/xapi/openbadges/verbs/earned", "获得"),
    "voided": (VOIDED, "作废"),
}
LANGUAGE = "zh-Hans"
_AS_GIVEN = ("success", "completion", "response", "score")
_RESULT_WORDS = {*_AS_GIVEN, "duration", "played_segments"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened while learning.

    ``verb`` is a word of ``VERBS``; ``activity_id`` a path of this site such as ``/releases/<id>/lessons/<id>``, and
    ``parent_id`` what it is part of; ``registration`` the enrolment. ``result`` may hold ``success``, ``completion``,
    ``response``, ``score`` (``raw``, ``min``, ``max``, ``scaled`` from -1 to 1), ``duration`` in seconds and
    ``played_segments`` as pairs of seconds. ``key`` tells this fact from every other. ``voids`` is the id of the
    statement that a *voided* takes back.
    """

    verb: str
    person: Person
    activity_id: str
    key: str
    activity_name: str = ""
    activity_type: str = ""
    parent_id: str = ""
    registration: uuid.UUID | None = None
    result: Mapping[str, Any] | None = None
    voids: uuid.UUID | None = None


def statement_id(key: str) -> uuid.UUID:
    """The id of the statement of the fact with this key."""
    return uuid.uuid5(NAMESPACE, key)


def account(name: str) -> dict[str, Any]:
    """An agent of this site: a person's key, or a body of the platform."""
    return {"objectType": "Agent", "account": {"homePage": settings.PUBLIC_BASE_URL, "name": name}}


def iri(path: str) -> str:
    """A path of this site as an activity id."""
    return f"{settings.PUBLIC_BASE_URL}{path}"


def build(fact: Fact, *, now: datetime) -> dict[str, Any]:
    """The statement as the JSON that is stored and sent. Refuses (ValueError) a verb or result it has no word for."""
    if fact.verb not in VERBS or (fact.verb == "voided") != (fact.voids is not None):
        raise ValueError(f"no statement for verb {fact.verb!r}")
    verb_iri, display = VERBS[fact.verb]
    # A statement is taken back by the house, not by the learner it speaks of.
    actor = account("platform" if fact.voids else str(fact.person.pk))
    statement = tincan.Statement(
        id=statement_id(fact.key),
        actor=tincan.Agent(actor),
        verb=tincan.Verb(id=verb_iri, display=tincan.LanguageMap({LANGUAGE: display})),
        object=tincan.StatementRef(id=fact.voids) if fact.voids else _activity(fact),
        context=_context(fact),
        timestamp=now,
        stored=now,
        authority=tincan.Agent(account("platform")),
        version=VERSION,
    )
    if fact.result is not None:
        statement.result = _result(fact.result)
    data: dict[str, Any] = json.loads(statement.to_json(VERSION))
    return data


def _activity(fact: Fact) -> tincan.Activity:
    definition: dict[str, Any] = {}
    if fact.activity_name:
        definition["name"] = tincan.LanguageMap({LANGUAGE: fact.activity_name})
    if fact.activity_type:
        definition["type"] = fact.activity_type
    activity = tincan.Activity(id=iri(fact.activity_id), object_type="Activity")
    if definition:
        activity.definition = tincan.ActivityDefinition(definition)
    return activity


def _context(fact: Fact) -> tincan.Context:
    context = tincan.Context(platform=settings.PUBLIC_BASE_URL, language=LANGUAGE)
    if fact.registration:
        context.registration = fact.registration
    activities: dict[str, Any] = {}
    if fact.parent_id:
        activities["parent"] = [tincan.Activity(id=iri(fact.parent_id), object_type="Activity")]
    if fact.verb == "played":
        activities["category"] = [tincan.Activity(id=VIDEO, object_type="Activity")]
    if activities:
        context.context_activities = tincan.ContextActivities(activities)
    return context


def _result(given: Mapping[str, Any]) -> tincan.Result:
    if unknown := given.keys() - _RESULT_WORDS:
        raise ValueError(f"no place in a statement for {sorted(unknown)}")
    result = tincan.Result({name: given[name] for name in _AS_GIVEN if given.get(name) is not None})
    if given.get("duration") is not None:
        result.duration = timedelta(seconds=given["duration"])
    segments: Sequence[Sequence[float]] = given.get("played_segments") or ()
    if segments:
        result.extensions = tincan.Extensions(
            {
                f"{VIDEO}/extensions/played-segments": "[,]".join(
                    f"{_seconds(start)}[.]{_seconds(end)}" for start, end in segments
                ),
                f"{VIDEO}/extensions/time": round(float(segments[-1][1]), 3),
            }
        )
    return result


def _seconds(value: float) -> str:
    """At most three places, as the video profile wants them."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
