"""What the last approval sets in motion. Wagtail loads this while it is loading itself: nothing is imported above."""

from typing import Any


def finish(workflow_state: Any, user: Any = None) -> None:
    """Publish what was approved, or put it on the timetable where the college asked for a later hour."""
    from cms import acting
    from cms.services.schedule import put_on_schedule

    page = workflow_state.content_object.specific
    revision, doing = page.get_latest_revision(), acting.approval()
    at = revision.as_object().go_live_at
    if doing and at and at > doing.now:
        put_on_schedule(page=page, revision=revision, at=at, doing=doing)
    else:
        revision.publish(user=user)
