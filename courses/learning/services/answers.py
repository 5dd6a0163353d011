"""The verb of an answer to a presence challenge. It needs no playing: it is taken while the player waits.

A lease that was closed or fell silent meanwhile still takes it in time, since the credit it confirms was earned under it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.learning.models import (
    ChallengeOutcome,
    ChallengeResult,
    EnrolmentStateName,
    Lease,
    LessonProgress,
    PresenceChallenge,
)
from courses.learning.services.heartbeats import (
    FORGED,
    complete_if_covered,
    end_forged,
    is_covered,
    last_heartbeat,
    locked,
)
from courses.learning.services.leases import nonce_is_right
from courses.learning.services.presence import (
    CHALLENGED_FIELDS,
    Shown,
    heard_from,
    miss,
    open_challenge,
    settle_right,
    settle_wrong,
    shown,
)
from lms.people.models import Person
from lms.rules.intervals import Intervals
from lms.rules.refusals import NotFound

PASSED, AGAIN, MISSED = "passed", "again", "missed"
_SAID_BEFORE = {ChallengeResult.PASSED: PASSED, ChallengeResult.WRONG: AGAIN, ChallengeResult.REPEATED: AGAIN}


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """``result``: passed, again (with the next question) or missed. ``end_reason`` is set where the lease has ended."""

    result: str
    challenge: Shown | None
    covered: list[list[int]]
    covered_ms: int
    complete: bool
    course_passed: bool
    taken_back_ms: int
    nonce: str
    end_reason: str = ""


def answer_challenge(
    *, lease_id: uuid.UUID, person: Person, challenge_id: uuid.UUID, key: str, nonce: str, now: datetime
) -> ChallengeAnswer:
    """Take the answer to a challenge; an answer given again is answered as the first one was.

    Right confirms what is covered, and completes the lesson where that is enough. Wrong is asked again once. Refuses
    ``no_lease`` and ``no_challenge`` (another's); a nonce that isn't the lease's ends it (``forged``), as with heartbeats.
    """
    with transaction.atomic():
        lease, progress = locked(lease_id, person)
        if lease.end_reason == FORGED:
            return _answer(FORGED, lease, progress)
        if not nonce_is_right(lease, nonce, also_before=True):
            end_forged(lease, lease.last_sequence, now)
            return _answer(FORGED, lease, progress)
        challenge = lease.challenges.select_related("outcome").filter(pk=challenge_id).first()
        if challenge is None:
            raise NotFound("no_challenge", _("没有找到该在场确认。"))
        outcome: ChallengeOutcome | None = getattr(challenge, "outcome", None)
        if outcome:
            said = _SAID_BEFORE.get(ChallengeResult(outcome.result), MISSED)
            return _answer(said, lease, progress, shown(open_challenge(lease), lease, now))
        return _settle(lease, progress, challenge, key, now)


def _settle(
    lease: Lease, progress: LessonProgress, challenge: PresenceChallenge, key: str, now: datetime
) -> ChallengeAnswer:
    still_open, lost = heard_from(lease, progress, now)
    result, following = MISSED, None
    if still_open and key == challenge.answer:
        result = PASSED
        settle_right(lease, progress, challenge, now)
        complete_if_covered(lease, progress, last_heartbeat(lease), now)
    elif still_open:
        following = settle_wrong(lease, challenge, now)
        result = AGAIN if following else MISSED
        if following is None:
            lost = miss(lease, progress, challenge, now)
    lease.save(update_fields=CHALLENGED_FIELDS)
    progress.save(update_fields=["covered", "credited_ms", "updated_at"])
    return _answer(result, lease, progress, shown(following, lease, now), lost)


def _answer(
    result: str, lease: Lease, progress: LessonProgress, challenge: Shown | None = None, taken_back_ms: int = 0
) -> ChallengeAnswer:
    return ChallengeAnswer(
        result=result,
        challenge=challenge,
        covered=progress.covered,
        covered_ms=Intervals.from_pairs(progress.covered).covered(),
        complete=lease.asked_until is None and is_covered(lease, progress),
        course_passed=lease.enrolment.state == EnrolmentStateName.PASSED,
        taken_back_ms=taken_back_ms,
        nonce="" if lease.end_reason == FORGED else lease.nonce,
        end_reason=lease.end_reason,
    )
