"""Put recordings into a college's library."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from cms.models import CourseMedia
from cms.renditions import ask_for_rendition
from cms.services.common import require_writer, user_of
from cms.tree import college_page
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Organisation
from lms.rules.refusals import Invalid


def add_video(
    *, college: Organisation, title: str, file: "File[bytes]", actor: Actor, now: datetime, captions: str = ""
) -> CourseMedia:
    """Put a video into the college's library, to be cut for slow networks in the background.

    Refuses what the server can't read as a video, what was cut off, and what is too large.
    """
    return _add(kind="video", college=college, title=title, file=file, captions=captions, actor=actor, now=now)


def add_audio(
    *, college: Organisation, title: str, file: "File[bytes]", actor: Actor, now: datetime, captions: str = ""
) -> CourseMedia:
    """Put sound into the college's library. Refuses what the server can't read as sound, a film, and what is too large."""
    return _add(kind="audio", college=college, title=title, file=file, captions=captions, actor=actor, now=now)


@transaction.atomic
def _add(
    *, kind: str, college: Organisation, title: str, file: "File[bytes]", captions: str, actor: Actor, now: datetime
) -> CourseMedia:
    require_writer(actor, college)
    media = CourseMedia(
        title=title, type=kind, file=file, captions=captions, collection=college_page(college).collection
    )
    media.uploaded_by_user = user_of(actor)
    try:
        media.full_clean()
    except ValidationError as error:
        raise _refusal(error) from error
    media.save()
    ask_for_rendition(media=media, now=now)
    record(verb="media.added", actor=actor, now=now, subject=media, changes={"title": title, "sha256": media.sha256})
    return media


def _refusal(error: ValidationError) -> Invalid:
    field, faults = next(iter(error.error_dict.items()))
    return Invalid(faults[0].code or "invalid", " ".join(faults[0].messages), field=field)
