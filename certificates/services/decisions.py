"""The document a decision over certificates rests on: judged when handed in, archived with its hash, never changed."""

from datetime import datetime

from django.core.files.base import File

from lms.audit.actors import Actor
from lms.documents import archive, uploads
from lms.documents.models import ArchivedDocument

KIND = "revocation-decision"


def checked(file: "File[bytes] | None") -> str:
    """The content type of a decision handed in; empty for none. Refuses what is no document (``lms.documents.uploads``)."""
    return uploads.check(file, kind="document") if file else ""


def keep(file: "File[bytes] | None", content_type: str, *, actor: Actor, now: datetime) -> ArchivedDocument | None:
    """Archive it, within the verb's transaction. Its name is ours: what people call their files may name people."""
    if not file:
        return None
    file.seek(0)
    return archive.store(
        kind=KIND,
        file_name=f"{KIND}{archive.SUFFIXES[content_type]}",
        content_type=content_type,
        content=file.read(),
        now=now,
        actor=actor,
    )
