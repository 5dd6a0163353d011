"""The outbox of e-mail: a letter is a row until the mail server has taken it.

A letter is taken by one worker for a while. A worker that dies between handing over and noting it lets the row go by the
passing of time; the reader may then find the same letter twice, never none. The inbox holds the message in any case.
"""

import smtplib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from lms.audit import work
from lms.audit.work import claim_due, going_on
from lms.people.models import Letter

BATCH = 50
# Longer than one sending can take, so that no row is in two hands.
HOLD_SECONDS = 3 * settings.EMAIL_TIMEOUT
FIRST_WAIT = timedelta(minutes=1)
# Some three days of trying.
ATTEMPTS_AT_MOST = 20
# The same letter found twice is one letter: readers know it by its id.
_HOST = urlsplit(settings.PUBLIC_BASE_URL).hostname


def post_due(*, now: datetime, limit: int = BATCH) -> int:
    """Send up to ``limit`` letters that are due; how many left. Stops at the first that finds no mail server."""
    sent, clock = 0, going_on(now)
    connection = get_connection(fail_silently=False)
    while sent < limit:
        taken = claim_due(_due(now), now=clock(), hold_seconds=HOLD_SECONDS, limit=1)
        if not taken:
            break
        state, error = _send(connection, taken[0])
        _note(taken[0], state, error, now)
        if state == Letter.State.PENDING:
            break
        sent += state == Letter.State.SENT
    connection.close()
    return sent


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts failed: twice as long each time, six hours at most."""
    return work.wait_after(attempts, first=FIRST_WAIT)


def _due(now: datetime) -> QuerySet[Letter]:
    pending = Letter.objects.filter(state=Letter.State.PENDING, next_attempt_at__lte=now)
    return pending.select_related("message__user").order_by("next_attempt_at", "pk")


def _send(connection: BaseEmailBackend, letter: Letter) -> tuple[Letter.State, str]:
    """Hand one letter to the mail server. Only the kind of failure is kept: its text carries addresses."""
    message, user = letter.message, letter.message.user
    if not (user.email and user.is_active):
        return Letter.State.GIVEN_UP, "no address"
    mail = EmailMessage(
        subject=" ".join(message.title.split()),
        body=_text(message.body, message.url),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": f"<{letter.pk}@{_HOST}>"},
        connection=connection,
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        return Letter.State.GIVEN_UP, "SMTPRecipientsRefused"
    except ValueError as error:  # an address that passes for one and that no mail can be sent to
        return Letter.State.GIVEN_UP, type(error).__name__
    except (OSError, smtplib.SMTPException) as error:
        return Letter.State.PENDING, type(error).__name__
    return Letter.State.SENT, ""


def _text(body: str, url: str) -> str:
    link = f"{settings.PUBLIC_BASE_URL}{url}" if url.startswith("/") else url
    parts = [body, link, _("这封邮件由系统发出，请勿直接回复；登录后可在“消息”中看到同一内容。")]
    return "\n\n".join(part for part in parts if part)


def _note(letter: Letter, state: Letter.State, error: str, now: datetime) -> None:
    """Write down how it went, unless another worker took the row over and noted it already."""
    attempts = letter.attempts + 1
    if state == Letter.State.PENDING and attempts >= ATTEMPTS_AT_MOST:
        state = Letter.State.GIVEN_UP
    pending = state == Letter.State.PENDING
    Letter.objects.filter(pk=letter.pk, state=Letter.State.PENDING).update(
        state=state,
        attempts=F("attempts") + 1,
        last_error=error[:100],
        taken_until=None,
        sent_at=now if state == Letter.State.SENT else None,
        next_attempt_at=now + wait_after(attempts) if pending else F("next_attempt_at"),
    )
