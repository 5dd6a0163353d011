"""One ``AuditEvent`` is one thing done by someone to something, for a reason, at a time. It is never changed.

Writers never wait for each other: an event is a plain insert. A sealing step, every few seconds and on demand, links
events into the hash chain in order (``AuditLink``). What may never happen: a verb that wrote without an event.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel


class AuditEvent(AppendOnlyModel):
    at = models.DateTimeField(_("时间"))
    verb = models.CharField(_("动作"), max_length=64)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=150)
    organisation_id = models.UUIDField(null=True)
    organisation_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=32, blank=True)
    # What it was done to, and which human being it is about (each may read their own).
    subject_type = models.CharField(max_length=64)
    subject_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("审计事件")
        verbose_name_plural = _("审计事件")
        indexes = [
            models.Index(fields=["person_id", "verb", "-at"], name="audit_by_person"),
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_by_subject"),
            models.Index(fields=["organisation_id", "-at"], name="audit_by_organisation"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(actor_label=""), name="audit_has_actor"),
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "api_key", "system"]), name="audit_actor_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.verb}"


class AuditLink(AppendOnlyModel):
    """The place of one event in the chain: ``hash`` covers the event and ``previous_hash``."""

    number = models.BigIntegerField(unique=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="link")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("审计链")
        verbose_name_plural = _("审计链")
        constraints = [models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_link_number")]

    def __str__(self) -> str:
        return f"{self.number}: {self.hash[:12]}"
