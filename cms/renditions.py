"""Films cut into pieces for slow networks, made in the background: one ``Rendition`` per recording, found by its hash.

A worker takes a row for a while and says how far it has come; one that dies lets it go by the passing of time, and the
next begins anew. What may never happen: two workers that write one rendition, or a film that can't be learned because
its rendition failed. Without one it is played as it is.
"""

import logging
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from av.error import FFmpegError
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from cms.cutting import MASTER, cut
from cms.models import CourseMedia
from courses.catalogue.models import Lesson, Rendition, RenditionState
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import claim_due, in_no_hands, wake_on_commit
from lms.rules.refusals import Conflict

log = logging.getLogger(__name__)

FOLDER = "renditions"
TASK = "cms.tasks.render"
HOLD = timedelta(minutes=5)
ATTEMPTS_AT_MOST = 3
UNFINISHED = (RenditionState.WAITING, RenditionState.WORKING)
# Progress is written in such steps, so that an hour of film is not thousands of writes.
STEP = 2  # per cent
GONE = gettext_noop("找不到视频文件：它可能已被删除。请重新上传。")
UNREADABLE = gettext_noop("转码时无法解读视频。请重新导出后再上传。")
INTERRUPTED = gettext_noop("转码多次中断。请稍后重试；学员现在播放的是原始视频。")


class TakenOver(Exception):
    """Another worker went on with the row in the meantime."""


@transaction.atomic
def ask_for_rendition(*, media: CourseMedia, now: datetime) -> Rendition | None:
    """Have a film cut, once per content. Sound is small enough as it is."""
    if not media.is_video:
        return None
    rendition, made = Rendition.objects.get_or_create(
        media_sha256=media.sha256, defaults={"media": media.file.name, "created_at": now}
    )
    if made:
        wake_on_commit(TASK, str(rendition.pk))
    return rendition


@transaction.atomic
def retry_rendition(*, media: CourseMedia, actor: Actor, now: datetime) -> Rendition:
    """Try a failed rendition again, from the file as it is now in the library."""
    rendition = Rendition.objects.select_for_update().filter(media_sha256=media.sha256).first()
    if rendition is None or rendition.state != RenditionState.FAILED:
        raise Conflict("rendition_not_failed", _("转码没有失败，无需重试。"))
    rendition.state, rendition.attempts, rendition.progress = RenditionState.WAITING, 0, 0
    rendition.problem, rendition.media, rendition.taken_until = "", media.file.name, None
    rendition.save()
    record(verb="rendition.retried", actor=actor, now=now, subject=rendition, changes={"media": str(media.pk)})
    wake_on_commit(TASK, str(rendition.pk))
    return rendition


def due(now: datetime) -> QuerySet[Rendition]:
    """Renditions to be made that nobody holds, the oldest first."""
    return Rendition.objects.filter(in_no_hands(now), state__in=UNFINISHED).order_by("created_at")


def work_on(*, rendition_id: UUID, now: datetime) -> bool:
    """Make one rendition, unless it is made, held, or enough are being made. True when it was brought to an end."""
    rendition = _taken(rendition_id, now)
    if rendition is None:
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="rendition-") as folder:
            _make(rendition, Path(folder))
    except TakenOver:
        return False
    except (FFmpegError, OSError) as error:
        log.warning("rendition %s failed: %s", rendition.pk, type(error).__name__)
        _fail(rendition, UNREADABLE)
    return True


@transaction.atomic
def _taken(rendition_id: UUID, now: datetime) -> Rendition | None:
    """The row, held by this worker; its number of attempts is what tells this worker's hold from another's."""
    if (
        Rendition.objects.filter(state=RenditionState.WORKING, taken_until__gt=now).count()
        >= settings.RENDITIONS_AT_ONCE
    ):
        return None
    waiting = Rendition.objects.filter(pk=rendition_id, state__in=UNFINISHED)
    rendition = next(iter(claim_due(waiting, now=now, hold_seconds=int(HOLD.total_seconds()), limit=1)), None)
    if rendition is None:
        return None
    if rendition.attempts >= ATTEMPTS_AT_MOST:
        _fail(rendition, INTERRUPTED)
        return None
    rendition.state, rendition.progress, rendition.attempts = RenditionState.WORKING, 0, rendition.attempts + 1
    rendition.save(update_fields=["state", "progress", "attempts"])
    return rendition


def _make(rendition: Rendition, folder: Path) -> None:
    storage, name = storages["default"], _source(rendition)
    if not name:
        _fail(rendition, GONE)
        return

    def told(per_cent: int) -> None:
        # Of a very long film a step takes longer than the hold: it is held on to all the same.
        half_gone = rendition.taken_until is not None and timezone.now() + HOLD / 2 >= rendition.taken_until
        if half_gone or per_cent >= rendition.progress + STEP:
            _note(rendition, progress=per_cent, taken_until=timezone.now() + HOLD)

    with storage.open(name) as file:
        cut(file, folder, told=told)
    _note(rendition, taken_until=timezone.now() + HOLD)
    kept = f"{FOLDER}/{rendition.media_sha256}"
    # The master list comes last: what has it is whole.
    for path in sorted(folder.rglob("*.*"), key=lambda one: one.name == MASTER):
        _keep(f"{kept}/{path.relative_to(folder).as_posix()}", path)
    _note(rendition, state=RenditionState.READY, progress=100, folder=kept, problem="", taken_until=None)


def _source(rendition: Rendition) -> str:
    """Where the film lies: in the library, or where a release froze it."""
    frozen = Lesson.objects.filter(media_sha256=rendition.media_sha256).values_list("media", flat=True).first()
    return next((name for name in (rendition.media, frozen) if name and storages["default"].exists(name)), "")


def _keep(name: str, path: Path) -> None:
    storage = storages["default"]
    if storage.exists(name):
        storage.delete(name)  # what a worker that died has left
    with path.open("rb") as file:
        storage.save(name, File(file))


def _note(rendition: Rendition, **changes: object) -> None:
    """Write what has become of the row, as long as it is this worker's."""
    mine = Rendition.objects.filter(pk=rendition.pk, state=RenditionState.WORKING, attempts=rendition.attempts)
    if not mine.update(**changes):
        raise TakenOver
    for name, value in changes.items():
        setattr(rendition, name, value)


def _fail(rendition: Rendition, problem: str) -> None:
    still = Rendition.objects.filter(pk=rendition.pk, state__in=UNFINISHED, attempts=rendition.attempts)
    still.update(state=RenditionState.FAILED, problem=problem, taken_until=None)
