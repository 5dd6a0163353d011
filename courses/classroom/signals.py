"""News of classrooms, sent inside the transaction of the scan that completed a presence."""

from django.dispatch import Signal

# session, person, enrolment_id, minutes, actor, now
attended = Signal()
