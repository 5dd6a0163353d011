"""The protocol of the player: open a lease or go on with it, send heartbeats, answer challenges, close.

JSON in and out, errors as problem details; ``docs/learning-protocol.md`` is its description for anybody else's client.

Bodies are JSON; the parting heartbeat of a closing page comes as a form (``navigator.sendBeacon`` can't set headers), with
the token against forged requests in a field of its own.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from courses.classroom import devices
from courses.learning.models import Lease
from courses.learning.services import (
    BeatAnswer,
    answer_challenge,
    beat,
    close_lease,
    open_lease,
    resume_lease,
)
from courses.learning.services.heartbeats import ENDED, FORGED
from courses.learning.services.presence import open_challenge, shown
from courses.learning.views.own import actor_of_request, lesson_of, own_enrolment, own_person
from lms.people.problems import MEDIA_TYPE
from lms.rules.refusals import Invalid, Refusal

_BODY_AT_MOST = 32 * 1024  # bytes
View = Callable[..., JsonResponse]


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    body = {
        "type": f"/api/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [],
        **more,
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def answers_json(view: View) -> View:
    """Sign-in, refusals and unknown things as problems; nothing here ever answers with a page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        if not request.user.is_authenticated:
            return problem(401, "sign_in", _("登录已过期，请重新登录。"))
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return problem(refusal.status, refusal.code, str(refusal), params=_plain(refusal.params))
        except Http404:
            return problem(404, "not_found", _("没有找到所请求的内容。"))

    return guarded


def _plain(params: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}


def _body(request: HttpRequest) -> dict[str, Any]:
    raw = request.POST.get("body", "") if request.content_type == "multipart/form-data" else request.body
    try:
        body = json.loads(raw) if len(raw) <= _BODY_AT_MOST else None
    except (ValueError, RecursionError):  # nested deeper than any player's
        body = None
    if not isinstance(body, dict):
        raise Invalid("not_json", _("请求的内容不是有效的 JSON。"), status=400)
    return body


@require_POST
@answers_json
def lease(request: HttpRequest, enrolment_id: uuid.UUID, lesson_id: uuid.UUID) -> JsonResponse:
    """Open a lease: ``{"take_over", "resume"}`` → 201 with ``lease``, ``nonce`` and what is covered so far; 200 when
    the lease named in ``resume`` goes on."""
    body, now = _body(request), timezone.now()
    enrolment = own_enrolment(request, enrolment_id)
    cookie = devices.cookie_of(request)
    seat: dict[str, Any] = {
        "enrolment": enrolment,
        "lesson": lesson_of(enrolment, lesson_id),
        "device": devices.digest(cookie),
        "actor": actor_of_request(request),
        "now": now,
    }
    status, current = 200, _resumed(body.get("resume"), seat)
    if current is None:
        status = 201
        current = open_lease(
            **seat,
            device_label=devices.label_of(request),
            address=devices.address_of(request),
            take_over=body.get("take_over") is True,
        )
    response = JsonResponse(_opened(current, now), status=status)
    devices.give(response, cookie, secure=settings.SECURE)
    return response


def _resumed(told: Any, seat: dict[str, Any]) -> Lease | None:
    """The lease the client would like to go on with; whatever stands against it, a new one is opened instead."""
    if not isinstance(told, dict) or not isinstance(told.get("nonce"), str):
        return None
    lease_id = _uuid(told.get("lease"))
    return resume_lease(lease_id=lease_id, nonce=told["nonce"], **seat) if lease_id else None


def _uuid(said: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _opened(current: Lease, now: datetime) -> dict[str, Any]:
    progress = current.enrolment.progress.get(lesson=current.lesson_id)
    asked = shown(open_challenge(current), current, now)
    return {
        "lease": str(current.pk),
        "nonce": current.nonce,
        "beat_seconds": current.pace["beat_seconds"],
        "grace_ms": current.pace["grace_ms"],
        "max_rate": current.pace["max_rate"],
        "covered": progress.covered,
        "position_ms": progress.position_ms,
        "last_sequence": current.last_sequence,
        "challenge": asdict(asked) if asked else None,
    }


@require_POST
@answers_json
def heartbeat(request: HttpRequest, lease_id: uuid.UUID) -> JsonResponse:
    """One heartbeat: ``{"sequence", "nonce", "played": [[start_ms, end_ms]], "visible", "position_ms"}``."""
    return _answered(_beat(request, lease_id, _body(request), parting=False))


@require_POST
@answers_json
def challenge(request: HttpRequest, lease_id: uuid.UUID) -> JsonResponse:
    """The answer to a presence challenge: ``{"challenge", "key", "nonce"}``."""
    body = _body(request)
    challenge_id, key, nonce = _uuid(body.get("challenge")), body.get("key"), body.get("nonce")
    if challenge_id is None or not isinstance(key, str) or not isinstance(nonce, str):
        raise Invalid("not_an_answer", _("应答的格式不正确。"))
    answer = answer_challenge(
        lease_id=lease_id,
        person=own_person(request),
        challenge_id=challenge_id,
        key=key,
        nonce=nonce,
        now=timezone.now(),
    )
    return _ended(answer.result, answer.end_reason) if answer.result == FORGED else JsonResponse(asdict(answer))


@require_POST
@answers_json
def close(request: HttpRequest, lease_id: uuid.UUID) -> JsonResponse:
    """The parting heartbeat, when there is something left to say, and the end of the lease."""
    body = _body(request)
    answer = _beat(request, lease_id, body, parting=True) if body.get("played") else None
    if answer is None or not answer.end_reason:
        close_lease(lease_id=lease_id, actor=actor_of_request(request), now=timezone.now())
    return _answered(answer) if answer else JsonResponse({"closed": True})


def _beat(request: HttpRequest, lease_id: uuid.UUID, body: dict[str, Any], *, parting: bool) -> BeatAnswer:
    played, nonce = body.get("played", []), body.get("nonce", "")
    if not isinstance(nonce, str) or not isinstance(played, list) or not all(isinstance(one, list) for one in played):
        raise Invalid("not_a_heartbeat", _("心跳的格式不正确。"))
    return beat(
        lease_id=lease_id,
        person=own_person(request),
        sequence=body.get("sequence", 0),
        nonce=nonce,
        played=played,
        visible=body.get("visible") is True,
        position_ms=body.get("position_ms", 0),
        now=timezone.now(),
        parting=parting,
    )


_ENDED: dict[str, Any] = {
    "taken_over": gettext_lazy("已转到另一台设备学习，这里不再计时。"),
    "replaced": gettext_lazy("本课已在另一个页面打开，这里不再计时。"),
    "expired": gettext_lazy("离开较久，计时已停止。继续播放会重新开始计时。"),
    "stopped": gettext_lazy("该课程已停止学习。"),
}


def _answered(answer: BeatAnswer) -> JsonResponse:
    if answer.refused in {ENDED, FORGED}:
        return _ended(answer.refused, answer.end_reason)
    return JsonResponse(asdict(answer))


def _ended(code: str, reason: str) -> JsonResponse:
    detail = str(_ENDED.get(reason) or _("计时已停止，请刷新页面。"))
    return problem(409, code, detail, end_reason=reason)
