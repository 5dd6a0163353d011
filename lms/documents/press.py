"""The press: many papers of one template, signed, in the order of their sheets, with the memory of a few.

Laying a sheet out is what takes time, and sheets of one kind are laid out alike. So a mould is made of them and proved
(``press_learning``), each is cast in it, written with its own few glyphs (``press_files``) and signed (``press_signing``).
What fits no mould is printed by itself. A sheet that can't be printed comes out ``Spoiled`` in its place and stops no
other. What may never happen: a paper in another's place, or one that differs from what the same sheet gives when it is
printed by itself.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice, repeat
from threading import Lock
from typing import Any

from django.conf import settings

from lms.documents import pdf, press_files, press_learning, press_prints, press_sheets, press_signing, signing
from lms.documents.press_files import Press
from lms.documents.press_moulds import Cast
from lms.documents.press_prints import Unreadable
from lms.documents.press_sheets import Sheet

log = logging.getLogger(__name__)

# Sheets looked at together, at most.
READ_AHEAD = 200
# Fewer than this are printed sooner than a mould is made for them.
WORTH_A_MOULD = 24
# Papers that wait at once for the time stamps of an authority.
STAMPED_AT_ONCE = 8
# Kinds of sheets a process keeps at hand, and moulds of each; the one used longest ago is given up.
KINDS_KEPT, MOULDS_KEPT = 8, 4


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A sheet that could not be printed, and what went wrong; nothing of it is kept."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class _Ready:
    """A mould with its files' common front, and the pen that signs them. Without a pen each paper is signed by itself:
    where a time stamp belongs to its signature, or where there is no key, not at all."""

    press: Press
    pen: press_signing.Pen | None
    certificate: bytes

    def serves(self, certificate: bytes) -> bool:
        """Whether papers cast in it are signed as they are to be signed now."""
        return self.certificate == certificate and (self.pen is not None) == _in_series(certificate)


@dataclass(slots=True)
class _Task:
    """One sheet's way through the press; ``fit``: the mould it was cast in, where it fits one."""

    page: str
    sheet: Sheet
    reason: str
    fit: tuple[_Ready, Cast] | None = None

    def try_in(self, moulds: Sequence[_Ready]) -> bool:
        for ready in moulds:
            if cast := ready.press.mould.cast(self.sheet):
                self.fit = ready, cast
                return True
        return False


@dataclass(slots=True)
class _Kind:
    """Sheets of one skeleton: the moulds there are for them, and whether another one is worth trying."""

    moulds: list[_Ready] = field(default_factory=list)
    hopeless: bool = False


class _Kept:
    """Kinds of sheets a process has met, by their skeleton."""

    def __init__(self) -> None:
        self._kinds: OrderedDict[str, _Kind] = OrderedDict()
        self._lock = Lock()

    def of(self, skeleton: str) -> _Kind:
        with self._lock:
            kind = self._kinds.setdefault(skeleton, _Kind())
            self._kinds.move_to_end(skeleton)
            while len(self._kinds) > KINDS_KEPT:
                self._kinds.popitem(last=False)
            return kind

    def clear(self) -> None:
        with self._lock:
            self._kinds.clear()


moulds = _Kept()


def printed(
    *,
    template: str,
    sheets: Iterable[dict[str, Any]],
    reasons: Iterable[str] | str,
    language: str = "zh-hans",
    now: datetime,
) -> Iterator[bytes | Spoiled]:
    """Print and sign one paper a sheet, each a context of ``template``; ``reasons`` is one for all, or one a sheet.

    Papers come one after the other: whoever reads them slowly slows the press and fills no memory.
    """
    why = repeat(reasons) if isinstance(reasons, str) else reasons
    remaining = zip(sheets, why, strict=False)
    while some := list(islice(remaining, READ_AHEAD)):
        tasks = [_task(template, sheet, reason, language) for sheet, reason in some]
        certificate = signing.certificate_der()
        _fit([task for task in tasks if isinstance(task, _Task)], certificate, now)
        yield from _papers(tasks, now)


def _papers(tasks: Sequence[_Task | Spoiled], now: datetime) -> Iterator[bytes | Spoiled]:
    """What becomes of each, in their order. Where each waits for its time stamp, some wait at once."""
    if settings.TIMESTAMP_URL and not settings.SIGNING_PKCS11_MODULE:  # hardware has one session a process
        with ThreadPoolExecutor(STAMPED_AT_ONCE) as pool:
            yield from pool.map(partial(_signed, now=now), (_unsigned(task, now) for task in tasks))
    else:
        yield from (_in_turn(task, now) for task in tasks)


def _in_series(certificate: bytes) -> bool:
    """Whether one signature can be the form of all: not where an authority vouches for the time of each."""
    return bool(certificate) and not settings.TIMESTAMP_URL


def _task(template: str, sheet: dict[str, Any], reason: str, language: str) -> _Task | Spoiled:
    try:
        page = pdf.page(template, sheet, language=language)
    except Exception as error:  # noqa: BLE001  whatever it is, it is told in the sheet's place
        return Spoiled(error)
    return _Task(page, press_sheets.taken_apart(page), reason)


def _fit(tasks: Sequence[_Task], certificate: bytes, now: datetime) -> None:
    """Try each sheet in the moulds at hand for its kind, and in a new one where enough of them fit none."""
    kinds: dict[str, list[_Task]] = {}
    for task in tasks:
        kinds.setdefault(task.sheet.skeleton, []).append(task)
    for skeleton, alike in kinds.items():
        kind = moulds.of(skeleton)
        known = [each for each in kind.moulds if each.serves(certificate)]
        left = [task for task in alike if not task.try_in(known)]
        if kind.hopeless or len(left) < WORTH_A_MOULD:
            continue
        if len(simple := press_learning.simple([task.sheet for task in left])) < WORTH_A_MOULD:
            continue
        if made := _made(simple, certificate, now):
            kind.moulds = [made, *kind.moulds[: MOULDS_KEPT - 1]]
            for task in left:
                task.try_in([made])
        else:
            kind.hopeless = True


def _made(sheets: Sequence[Sheet], certificate: bytes, now: datetime) -> _Ready | None:
    """A mould for these sheets, proved; None where they can have none."""
    from weasyprint.urls import FatalURLFetchingError

    from lms.documents.engine import print_page

    try:
        mould = press_learning.made(sheets, print_page)
        if not _in_series(certificate):
            return _Ready(press_files.ready(mould, None), None, certificate)
        signed = press_prints.read(signing.sign(mould.file, reason="press", now=now))
        press = press_files.ready(mould, signed)
        return _Ready(press, press_signing.taken_from(press.signature_of_mould), certificate)
    except (Unreadable, ValueError, KeyError, StopIteration, FatalURLFetchingError) as error:
        log.warning("%d sheets are printed one by one, for want of a mould: %s", len(sheets), error)
        return None


@dataclass(frozen=True, slots=True)
class _Unsigned:
    content: bytes
    reason: str


def _in_turn(task: _Task | Spoiled, now: datetime) -> bytes | Spoiled:
    """Printed and signed; in the form all share where there is one."""
    if isinstance(task, Spoiled) or task.fit is None or (pen := task.fit[0].pen) is None:
        return _signed(_unsigned(task, now), now)
    ready, cast = task.fit
    try:
        file = press_files.written(ready.press, cast, reason=task.reason, now=now)
        return file.signed(pen.sign(file.digest()))
    except Exception as error:  # noqa: BLE001  whatever it is, it is told in its place
        return Spoiled(error)


def _unsigned(task: _Task | Spoiled, now: datetime) -> _Unsigned | Spoiled:
    """Cast where the sheet fits a mould, or else laid out by itself."""
    if isinstance(task, Spoiled):
        return task
    from weasyprint.urls import FatalURLFetchingError

    from lms.documents.engine import print_page

    try:
        if task.fit is None:
            return _Unsigned(print_page(task.page), task.reason)
        ready, cast = task.fit
        file = press_files.written(ready.press, cast, reason=task.reason, now=now)
        return _Unsigned(bytes(file.content), task.reason)
    except (Exception, FatalURLFetchingError) as error:  # noqa: BLE001  whatever it is, it is told in its place
        return Spoiled(error)


def _signed(page: _Unsigned | Spoiled, now: datetime) -> bytes | Spoiled:
    if isinstance(page, Spoiled):
        return page
    try:
        return signing.sign(page.content, reason=page.reason, now=now)
    except Exception as error:  # noqa: BLE001  whatever it is, it is told in its place
        return Spoiled(error)
