"""Verbs of learning."""

from courses.learning.services.answers import ChallengeAnswer, answer_challenge
from courses.learning.services.completions import complete_lesson
from courses.learning.services.enrolments import (
    append_state,
    enrol,
    resume_after_ban,
    stop_for_ban,
    withdraw,
)
from courses.learning.services.flags import flag_anomalies
from courses.learning.services.heartbeats import BeatAnswer, beat
from courses.learning.services.leases import close_lease, expire_leases, open_lease, resume_lease
from courses.learning.services.presence import miss_overdue
from courses.learning.services.reviews import appeal_flag, clear_flag, days_left, decide_appeal, void_flag
from courses.learning.services.voiding import APPEAL_EVIDENCE, entries_of, standing_entries

__all__ = [
    "APPEAL_EVIDENCE",
    "BeatAnswer",
    "ChallengeAnswer",
    "answer_challenge",
    "appeal_flag",
    "append_state",
    "beat",
    "clear_flag",
    "close_lease",
    "complete_lesson",
    "days_left",
    "decide_appeal",
    "enrol",
    "entries_of",
    "expire_leases",
    "flag_anomalies",
    "miss_overdue",
    "open_lease",
    "resume_after_ban",
    "resume_lease",
    "standing_entries",
    "stop_for_ban",
    "void_flag",
    "withdraw",
]
