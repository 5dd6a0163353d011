"""Verbs of classrooms."""

from courses.classroom.services.bookings import book, cancel_booking
from courses.classroom.services.presence import (
    code_is_shown,
    credited_minutes,
    credited_minutes_of_all,
    current_code,
    record_on_paper,
    scan,
)
from courses.classroom.services.sessions import cancel_session, open_session, substitute_teacher

__all__ = [
    "book",
    "cancel_booking",
    "cancel_session",
    "code_is_shown",
    "credited_minutes",
    "credited_minutes_of_all",
    "current_code",
    "open_session",
    "record_on_paper",
    "scan",
    "substitute_teacher",
]
