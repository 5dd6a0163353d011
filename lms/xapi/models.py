"""One ``Statement`` is one learning fact in xAPI form. Stored here first; forwarding is a row of its own (``Delivery``)
that a worker takes up again until the external LRS has it, exactly once by statement id.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.audit.append_only import AppendOnlyModel, UUIDModel
from lms.xapi.querysets import StatementQuerySet


class Statement(AppendOnlyModel):
    """``id`` is the statement id of xAPI."""

    person_id = models.UUIDField(null=True, db_index=True)
    # The organisation whose key sent it; empty for what this site itself records.
    organisation_id = models.UUIDField(null=True, db_index=True)
    verb = models.CharField(max_length=200)
    activity = models.CharField(max_length=300, db_index=True)
    registration = models.UUIDField(null=True, db_index=True)
    data = models.JSONField()
    timestamp = models.DateTimeField()
    stored_at = models.DateTimeField(db_index=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("学习记录")
        verbose_name_plural = _("学习记录")

    def __str__(self) -> str:
        return f"{self.verb} {self.activity}"


class Delivery(UUIDModel):
    """The forwarding of one statement to the external LRS. Mutable: it is work, not history."""

    class State(models.TextChoices):
        PENDING = "pending", _("待转发")
        SENT = "sent", _("已转发")
        REFUSED = "refused", _("对方拒收")

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="delivery")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True)  # a worker holds it until then
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("转发")
        verbose_name_plural = _("转发")
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.state}"
