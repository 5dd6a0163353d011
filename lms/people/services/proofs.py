"""Documents of an application: kept in the archive exactly as they were handed in."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import File
from django.db import transaction

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, uploads
from lms.people.models import Organisation, OrganisationProof
from lms.people.services.organisations import require_applicant


def attach_proofs(*, organisation: Organisation, files: "Sequence[File[bytes]]", actor: Actor, now: datetime) -> int:
    """Keep the documents of an application (licence, filing receipt) in the archive. Returns how many were kept.

    Refuses what ``lms.documents.uploads`` refuses: too large, or not the kind of file its name says.
    """
    require_applicant(organisation, actor)
    kinds = [uploads.check(file, kind="document") for file in files]
    with transaction.atomic():
        for file, content_type in zip(files, kinds, strict=True):
            document = archive.store(
                kind="organisation-proof",
                file_name=(file.name or "")[-150:],
                content_type=content_type,
                content=file.read(),
                now=now,
                actor=actor,
            )
            OrganisationProof.objects.create(organisation=organisation, document=document, at=now)
        if files:
            changes = {"files": len(files)}
            record(verb="organisation.proofs_attached", actor=actor, now=now, subject=organisation, changes=changes)
    return len(files)
