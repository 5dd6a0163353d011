"""News of assessment, sent inside the grading transaction: what follows from a result is in the same commit."""

from django.dispatch import Signal

# attempt, result, actor, now
attempt_graded = Signal()
