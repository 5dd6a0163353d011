"""A word on the person's own pages when their learning is, or was, under review."""

from typing import Any

from django import template

from courses.learning.models import AnomalyFlag, Enrolment

register = template.Library()
# What says most to the person comes first.
_ORDER = ("voided", "appealed", "upheld", "open", "overturned", "cleared")


@register.inclusion_tag("learning/review_note.html")
def review_note(enrolment: Enrolment) -> dict[str, Any]:
    """One query; nothing is shown where nothing was flagged."""
    flags = list(AnomalyFlag.objects.filter(enrolment=enrolment).with_state())
    states = {flag.state for flag in flags}
    return {"flags": flags, "enrolment": enrolment, "state": next((one for one in _ORDER if one in states), "")}
