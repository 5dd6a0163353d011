"""News of learning, sent inside the verb's transaction: certificates are in the same commit, or neither is."""

from django.dispatch import Signal

# enrolment, completion, actor, now
course_passed = Signal()
# enrolment, reason, authority, actor, now: what was learned is void, or counts again after an appeal
course_voided = Signal()
course_restored = Signal()
