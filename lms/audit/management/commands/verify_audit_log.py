"""``verify_audit_log``: seal what is not sealed yet, walk the whole chain, name where it does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lms.audit import chain, services

FINDINGS = {
    "missing_link": gettext_noop("第 %(number)d 环缺失。"),
    "wrong_order": gettext_noop("第 %(number)d 环没有接在上一环之后（事件 %(event)s）。"),
    "altered_event": gettext_noop("第 %(number)d 环的事件在封存后被改动（事件 %(event)s）。"),
    "missing_event": gettext_noop("第 %(number)d 环的事件已不存在（事件 %(event)s）。"),
}
SHOWN = 20


class Command(BaseCommand):
    help = "Proves the audit log: exit code 1 and the first broken links when it does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        services.seal(now=timezone.now(), thorough=True)
        broken = services.verify()
        for finding in broken[:SHOWN]:
            text = _(FINDINGS[finding.kind]) % {"number": finding.number, "event": finding.event_id}
            self.stderr.write(self.style.ERROR(text))
        if broken:
            raise CommandError(_("审计链不完整：共 %(count)d 处。") % {"count": len(broken)})
        head = chain.head()
        number, digest = (head.number, head.hash) if head else (0, "")
        self.stdout.write(_("审计链完整：%(number)d 环，末环 %(digest)s") % {"number": number, "digest": digest})
